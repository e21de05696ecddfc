"""Questions to answers by several checkpoints that make no ensemble: each ranks, and ranks are summed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.sealed import shown_name
from antiphon.search.hits import Hits
from antiphon.search.queries.query import Query
from antiphon.search.queries.readable import require_some
from antiphon.search.queries.reading import read_query
from antiphon.search.queries.remark import Remark
from antiphon.search.searcher import Searcher
from antiphon.search.several.ensemble import require_different
from antiphon.search.several.ranks import K, by_ranks

DEPTH = 1000
"""Tracks of each ranking that count, at least."""


class RankSearcher:
    """Answers questions about one library with several checkpoints of any kind.

    The index on disk, which is of one checkpoint, is taken where it fits and never written: the others are made in
    memory.

    Parameters
    ----------
    root : the library.
    checkpoints : files, each once.
    why : what keeps them from being an ensemble; said beside answers.

    Raises
    ------
    ConfigError : one is named twice.
    CheckpointError, EmbeddingError : one cannot be read, or does not fit the library's vectors.
    """

    one_way = True
    vectors_name = ""
    """No scores of one space: how well answers fit is not judged (:mod:`antiphon.search.answers.fit`)."""

    def __init__(self, root: Path, checkpoints: Sequence[Path], *, why: str) -> None:
        require_different(checkpoints)
        self.members = [Searcher(root, path, keep_index=False) for path in checkpoints]
        self._why = why

    @property
    def name(self) -> str:
        """Of all checkpoints."""
        return ",".join(member.name for member in self.members)

    def search(self, text: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer ``text`` best; errors as :meth:`antiphon.search.searcher.Searcher.search`."""
        require_some(k)
        return self.answer(read_query(text), k=k, where=where)

    def answer(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer a query best; errors as :meth:`antiphon.search.searcher.Searcher.answer`.

        Filters and exclusions hold in each ranking, so they hold in all together.
        """
        require_some(k)
        hits = self._together(lambda member, depth: member.ranked(query, k=depth, where=where), k)
        return self._marks.marked(hits, query.words) if query.wanted else hits

    def similar(self, track_id: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks nearest to a track; errors as :meth:`antiphon.search.searcher.Searcher.similar`."""
        require_some(k)
        return self._together(lambda member, depth: member.similar(track_id, k=depth, where=where), k)

    def _together(self, ask: Callable[[Searcher, int], Hits], k: int) -> Hits:
        return by_ranks([ask(member, max(DEPTH, k)) for member in self.members], k, by=self.name)

    @cached_property
    def _marks(self) -> Searcher:
        """The first that says where in a track words fit best, where any does."""
        return next((member for member in self.members if member.keeps_windows), self.members[0])

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Read texts that will be asked for together, by each checkpoint."""
        for member in self.members:
            member.read_ahead(texts)

    def read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) texts that are not blank, as the first checkpoint's text encoder reads them."""
        return self.members[0].read(texts)

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside answers, a sentence each."""
        names = " and ".join(shown_name(member.checkpoint) for member in self.members)
        lines = [
            f"Searched with {names}, together by the ranks that each gives: {self._why}.",
            f"Scores are sums of 1 / ({K} + rank): how well an answer fits is not judged by them.",
        ]
        theirs = (line for member in self.members for line in member.standing())
        return list(dict.fromkeys([*lines, *theirs, *(map(str, self.query_remarks(text)) if text else ())]))

    def query_remarks(self, text: str) -> list[Remark]:
        """What of a query that is not blank was not read, by any."""
        return list(dict.fromkeys(line for member in self.members for line in member.query_remarks(text)))
