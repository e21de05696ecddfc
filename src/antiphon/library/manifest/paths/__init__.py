"""From what a manifest writes in a path's place to a file: endings, nearly the same names, parts of files.

One file on disk may be written in several ways; what cannot be found is named.
"""
