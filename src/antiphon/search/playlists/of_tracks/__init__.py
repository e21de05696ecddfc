"""Playlists of tracks that somebody named, in place of words.

A path from one of them to another (:mod:`between`), and what a person put together, kept (:mod:`saved`).
"""
