"""From ranked tracks to answers that make sense: one a song, not all of one artist, and a word on how well they fit.

All of it works on what a searcher found, whichever way that went.
"""
