"""Commands that keep a library well.

check reads every file of it; tag writes what was heard into the music's tags; move-paths follows music that moved.
"""
