"""Tables of text with a separator: which mark separates, where a record ends, which lines are the header."""

from antiphon.library.manifest.delimited.tables import read_csv

__all__ = ["read_csv"]
