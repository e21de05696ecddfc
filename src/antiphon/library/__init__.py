"""What we have: tracks, captions, splits, and stored vectors."""
