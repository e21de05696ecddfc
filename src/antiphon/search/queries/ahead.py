"""Many texts read at once before the queries that hold them are asked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.search.queries.query import Query

Float32 = NDArray[np.float32]
AT_ONCE = 256
"""Queries of which all texts are read together."""


class ReadAhead:
    """Texts to scoring vectors, some of them read before.

    Parameters
    ----------
    score : texts → (n, score_dim).
    """

    def __init__(self, score: Callable[[Sequence[str]], Float32]) -> None:
        self._score = score
        self._known: dict[str, Float32] = {}

    def read(self, texts: Iterable[str]) -> None:
        """Read texts that will be asked for; those from before are forgotten."""
        wanted = list(dict.fromkeys(texts))
        self._known = dict(zip(wanted, self._score(wanted), strict=True)) if wanted else {}

    def __call__(self, texts: Sequence[str]) -> Float32:
        """(n, score_dim)."""
        known = self._known  # another thread may read ahead meanwhile
        if any(text not in known for text in texts):
            return self._score(texts)
        return np.stack([known[text] for text in texts])


def texts_of(query: Query) -> list[str]:
    """Every text of a query that a text encoder reads."""
    return [*(part.text for part in query.wanted), *query.excluded]


def reading_ahead(queries: Iterable[tuple[str, Query]], searcher: Any) -> Iterator[tuple[str, Query]]:
    """The same queries, the texts of some hundred read together before the first of them is asked for.

    Parameters
    ----------
    searcher : any; one that cannot read ahead has none read.
    """
    ahead, waiting = getattr(searcher, "ahead", None), iter(queries)
    while block := list(islice(waiting, AT_ONCE)):
        if isinstance(ahead, ReadAhead):
            ahead.read(text for _, query in block for text in texts_of(query))
        yield from block
