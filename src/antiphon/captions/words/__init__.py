"""The words of music: names of genres, instruments, moods, occasions, languages, and how they are written.

One place for them all; metadata are read with it, and what a tagger hears is said in it.
"""
