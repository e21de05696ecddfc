"""The review: people judge what the search found, and their judgements are read as evidence.

Nothing is in this room yet.
"""
