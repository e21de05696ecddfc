"""Sound files over HTTP: only those that the library's table names, opened once, sent in parts as asked.

A file is checked where it is opened, by its descriptor, and everything that is said and sent of it comes from there: a
file that is replaced meanwhile changes nothing.
"""
