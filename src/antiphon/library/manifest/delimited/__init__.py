"""Tables of text with a separator: which mark separates, where a record ends, which lines are the header.

What was guessed is said, and a mark that the table itself contradicts is not believed.
"""

from antiphon.library.manifest.delimited.tables import read_csv

__all__ = ["read_csv"]
