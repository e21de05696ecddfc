"""Sound to numbers: decoding, windows, pooling over time.

Decoding is bounded in memory, and what could not be read is said.
"""
