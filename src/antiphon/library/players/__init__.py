"""Players' ids: which track of a library is which song of a player, known once and kept in the library.

A player is asked, or its database or a table is read; its songs are matched to the library's tracks.
"""
