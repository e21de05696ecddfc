"""The report: one page of figures, curves and comparisons about the trainings of a library.

Nothing is in this room yet.
"""
