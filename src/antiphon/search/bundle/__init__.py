"""Sealed bundles: a checkpoint with its text side and a card in one folder, for other libraries and other people.

Written from a library, opened without it, carried by a model hub.
"""
