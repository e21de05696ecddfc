"""Commands that answer: index, search.

Each file is one command: it parses, calls one function of :mod:`antiphon.search`, and prints.
"""
