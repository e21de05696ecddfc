"""Playlists on their way to a player: its own songs in place of the library's tracks, made or replaced on its server.

What was made is remembered, so that nothing of anybody else's is ever replaced.
"""
