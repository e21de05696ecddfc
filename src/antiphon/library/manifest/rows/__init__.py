"""From rows of tables to one entry a track: merged by id, files found, parts and captions of one file told apart.

What rows of one id say differently is told, and no row is lost in silence.
"""
