"""The heart: text and audio into one shared space.

Heads are trained here, closed forms are solved, and both become checkpoints; what it stands on goes first: losses,
closed_form, heads, data.
"""
