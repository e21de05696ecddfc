"""Which language a text is in, as far as its letters and words show, and whether a text encoder reads it.

Search, embed and the doctor say so of queries and captions that an encoder was not trained on.
"""
