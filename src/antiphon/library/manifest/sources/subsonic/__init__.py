"""A Subsonic server as a source: its list of tracks, and where their files are on this machine.

Servers often make a track's path up, so it is checked against the files that are here before it is believed.
"""
