"""What becomes of a training in use: queries that people type, and files that sound a little otherwise."""
