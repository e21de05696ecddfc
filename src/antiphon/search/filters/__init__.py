"""Which tracks may be an answer: ``year >= 1970 and genre = jazz``.

An expression is read, checked against the fields of a library and their types, and answered as one truth value a track.
Nothing of it is ever run as code.
"""
