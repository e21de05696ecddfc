"""From what a manifest writes in a path's place to a file: endings, nearly the same names, parts of files."""
