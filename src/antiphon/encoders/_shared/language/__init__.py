"""Which language a text is in, as far as its letters and words show, and whether a text encoder reads it."""
