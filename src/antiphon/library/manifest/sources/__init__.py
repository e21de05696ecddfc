"""Where owners have their music's list already: a player's database, a playlist.

Each source becomes one table whose columns are then read as any other's; the player's own ids are kept as metadata.
"""
