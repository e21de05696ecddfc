"""Captions from metadata: what tags of files and columns of manifests say of a track, cleaned, as phrases.

Names of titles, artists and albums are no part of it: they are found as the words that they are, and a text encoder
would only learn who is who.
"""
