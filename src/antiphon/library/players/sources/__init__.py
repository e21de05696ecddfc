"""Where a player's songs and ids are read: a Subsonic server, Jellyfin, LMS, a database, or a table.

Each file makes a :class:`antiphon.library.players.importing.PlayerSongs`; nothing is written to a player.
"""
