"""Encoders side by side, on the same captions and tracks.

The paired comparison, and the table that says what it found.
"""
