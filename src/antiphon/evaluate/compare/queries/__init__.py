"""What every system of a comparison is asked.

Which trainings can be asked the same, and what they have in common.
"""
