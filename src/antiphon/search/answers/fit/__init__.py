"""How well answers fit, as a share of what such queries get; and that nothing does where a query is of other things.

Calibrated on the library's val captions when its index is prepared, and kept beside that.
"""
