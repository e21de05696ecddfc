"""The same audio under two ids, from stored vectors: equal vectors, and those that coincide once one is moved.

Both look for nearest neighbours, exactly among a few ten thousand tracks, in a forest of random splits beyond.
"""
