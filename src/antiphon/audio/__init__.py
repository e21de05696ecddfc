"""Sound to numbers: decoding, windows, pooling over time."""
