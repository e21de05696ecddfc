"""Frozen models, one file each; found by :mod:`antiphon.registry`.

A card (light to import) says what an encoder is and needs; its loader brings the model.
"""
