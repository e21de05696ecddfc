"""What :mod:`antiphon.metrics.ranks` counts with.

Tiles of scores, and what is known of each query while they go by.
"""
