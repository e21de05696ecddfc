"""What an epoch leaves: the product brought up to date, its measures, its checkpoints and a line of history.

The loop knows nothing of this room; the run asks it after every epoch.
"""
