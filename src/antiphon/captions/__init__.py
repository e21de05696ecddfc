"""Captions that nobody wrote: made from a track's metadata (kind tags), or from what encoders hear (kind machine).

Both become :class:`~antiphon.captions.phrases.Phrase` first, words with their place in a sentence; one file puts them
into the words of a person who looks for music. Everything is deterministic: the same library gives the same captions.
"""
