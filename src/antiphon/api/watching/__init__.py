"""A library that keeps up with its music.

What changed is ingested, heard and indexed as it comes; see :mod:`antiphon.api.watching.watch`.
"""
