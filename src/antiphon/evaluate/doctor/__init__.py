"""The training doctor: reads what a training left behind and says what is wrong, why, and what to do.

Curves, milestones and bands, the quality of the result, and fusions.
"""
