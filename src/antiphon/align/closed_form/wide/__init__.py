"""Wide vectors made narrow, before a kernel sees them.

Which layers the captions speak of, and each layer's principal axes; one block of columns is in memory at a time.
"""
