"""Many texts read at once before the queries that hold them are asked one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, runtime_checkable

from antiphon.search.queries.query import Query

AT_ONCE = 256
"""Queries of which all texts are read together."""


@runtime_checkable
class ReadsAhead(Protocol):
    """A searcher that remembers texts which it read (:mod:`antiphon.search.queries.remembered`)."""

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Read texts that will be asked for."""


def texts_of(query: Query) -> list[str]:
    """Every text of a query that a text encoder reads."""
    return [*(part.text for part in query.wanted), *query.excluded]


def reading_ahead(queries: Iterable[tuple[str, Query]], searcher: object) -> Iterator[tuple[str, Query]]:
    """The same queries, the texts of some hundred read together before the first of them is asked for.

    Parameters
    ----------
    searcher : any; one that cannot read ahead has none read.
    """
    waiting = iter(queries)
    while block := list(islice(waiting, AT_ONCE)):
        if isinstance(searcher, ReadsAhead):
            searcher.read_ahead([text for _, query in block for text in texts_of(query)])
        yield from block
