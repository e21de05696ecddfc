"""Several checkpoints that answer together: as one ensemble where they can be fused, else by the ranks that each gives.

What both are worth stands in ``docs/experiments/several-checkpoints.md``.
"""
