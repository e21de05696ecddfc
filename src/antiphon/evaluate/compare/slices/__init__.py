"""Where systems differ: queries by a column of metadata, by length or by kind of caption.

Nothing is "found" that chance makes: slices have a least size, and p values are corrected for all that were tested.
"""
