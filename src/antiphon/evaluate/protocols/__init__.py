"""Named protocols: which captions are queries, what counts as correct, and on which public set.

Figures of different protocols are not comparable; a protocol that a library does not meet is refused.
"""
