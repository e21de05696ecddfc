"""A checkpoint in mteb, the public board of embedding models: text side, audio encoder and heads as one mteb model.

mteb is imported only when it asks; ``model.py`` is what it asks, ``sounds.py`` makes vectors of what it gives.
"""
