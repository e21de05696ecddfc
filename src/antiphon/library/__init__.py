"""What we have: tracks, captions, splits, and stored vectors.

A folder that Antiphon made from a manifest; every write is atomic, and a killed process loses nothing that was there.
"""
