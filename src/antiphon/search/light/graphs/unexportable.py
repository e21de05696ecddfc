"""What cannot be said in a graph: whoever makes one learns why, and goes the other way."""

from __future__ import annotations


class Unexportable(Exception):  # noqa: N818 - no error: the search works all the same
    """A text side, or a part of one, for which no graph can be written; the message is a noun: what it is."""
