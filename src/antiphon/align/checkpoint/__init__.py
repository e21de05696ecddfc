"""Checkpoints: a sealed bundle that knows what it was made with.

What it holds, where it lies, and the text encoder whose vectors it takes.
"""
