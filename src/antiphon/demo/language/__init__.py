"""The demo's language: captions, moods and invented names.

A grammar that turns the recipe of a piece into sentences.
"""
