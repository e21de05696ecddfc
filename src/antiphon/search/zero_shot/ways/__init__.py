"""The ways from words to tracks that need no training here, one a file, and how those of a library are found.

A way is a :class:`antiphon.search.zero_shot.ways.way.Way`; which of them answer best together was measured.
"""
