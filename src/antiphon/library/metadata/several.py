"""Several values in one cell: a list, or a text with ``;`` or ``|`` between them, as people and programs write lists.

A slash or a comma is part of too many names (AC/DC; Earth, Wind & Fire) to stand between two, and a long text is no
list of names, whatever marks it has.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from antiphon.arrow import arrow_number, arrow_rows, arrow_texts, flags_in, integers_in
from antiphon.library.metadata.store import Value

BETWEEN = "[;|]"
LONGEST = 200
"""Characters of a cell beyond which it is a text about something."""


def values_of(cell: Value | None) -> list[str | int | float]:
    """The values of a cell one by one, each once, in their order; none where it has none.

    >>> values_of("Jazz; Vocal"), values_of(["Rock", "Pop|Rock"]), values_of(1994), values_of("AC/DC"), values_of(None)
    (['Jazz', 'Vocal'], ['Rock', 'Pop'], [1994], ['AC/DC'], [])
    """
    items = [] if cell is None else cell if isinstance(cell, list) else [cell]
    apart = [value for item in items for value in (_apart(item) if isinstance(item, str) else [item])]
    return list(dict.fromkeys(apart))


def _apart(text: str) -> list[str]:
    pieces = re.split(BETWEEN, text) if len(text) <= LONGEST else [text]
    return [piece for piece in map(str.strip, pieces) if piece]


def values_in(texts: pa.Array) -> tuple[pa.Array, NDArray[np.int64]]:
    """The values in those of (n,) texts that hold several: (m,) texts, and (m,) which of the n each is in."""
    short = pc.less_equal(pc.utf8_length(texts), arrow_number(LONGEST))
    rows = np.flatnonzero(flags_in(pc.and_(pc.match_substring_regex(texts, BETWEEN), short)))
    if not len(rows):
        return arrow_texts([]), rows
    lists = pc.split_pattern_regex(texts.take(arrow_rows(rows)), BETWEEN)
    values, owners = pc.utf8_trim_whitespace(pc.list_flatten(lists)), rows[integers_in(pc.list_parent_indices(lists))]
    there = np.flatnonzero(integers_in(pc.utf8_length(values)) > 0)
    return values.take(arrow_rows(there)), owners[there]
