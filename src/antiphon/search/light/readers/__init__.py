"""Text encoders without torch and without a checkpoint: graphs in this machine's cache, made once a model.

A search before any training reads its queries with them, and so does whatever else compares texts.
"""
