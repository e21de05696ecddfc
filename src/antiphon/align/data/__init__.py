"""What a training reads: the pairs of both splits, their vectors in rows, and batches of them.

Nothing in here knows a head or a loss.
"""
