"""Players' databases and servers as they are in the world, made small: each in the shape of one version.

Only what a player writes itself stands here; what Antiphon makes of it is for the tests to say.
"""
