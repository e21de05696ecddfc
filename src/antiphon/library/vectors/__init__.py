"""Vectors on disk: plain files, safe against a kill, that know what made them.

The store and its rows, provenance, several encoders side by side, and vectors made elsewhere.
"""
