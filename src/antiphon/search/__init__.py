"""Answers: text to tracks.

Queries meet an index of tracks in the shared space; results know their scores.
"""
