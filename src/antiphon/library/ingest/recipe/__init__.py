"""How a library is made.

What can be said when it is, and what of that the library remembers, so that it can be made again of the same source.
"""
