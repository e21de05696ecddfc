"""Embedding beside the scripts of the models' own cards."""
