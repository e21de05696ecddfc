"""Hubness: tracks that come up for every query, and the correction for them.

The correction is a value that a checkpoint holds; fitting it takes training captions as a reference.
"""
