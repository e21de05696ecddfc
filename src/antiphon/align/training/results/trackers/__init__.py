"""Where a training's curves are drawn: TensorBoard always, other trackers where the settings name them.

``tracker.py`` is what all have in common; each tracker is one file, found by its name in ``log_to``.
"""
