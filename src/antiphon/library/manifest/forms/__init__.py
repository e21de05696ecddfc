"""Manifests that are no table with a separator: JSON in its shapes, folders of sound.

Each form gives rows like those of a table.
"""
