"""Frozen models, one file each; found by :mod:`antiphon.registry`."""
