"""Playlists: tracks for words, a path from one query to another, radio from a track, and questions that are kept.

Numbers first (:mod:`path`, :mod:`varied`), then what they are taken from (:mod:`source`), one playlist (:mod:`making`),
and the files (:mod:`m3u`, :mod:`kept`).
"""
