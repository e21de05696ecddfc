"""Captions in English, queries in other languages, by text encoder.

Run with ``python -m benchmarks.languages LIBRARY …``.
"""
