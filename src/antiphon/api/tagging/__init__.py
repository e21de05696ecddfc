"""Words that were heard, into the tags of the music's own files.

Shown first, backed up, undone by one command; sound is never touched, and what people wrote is never changed.
"""
