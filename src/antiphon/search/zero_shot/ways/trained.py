"""What a way that asks a training needs of a searcher, by torch or without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.library.tracks import Library
from antiphon.search.hits import Hits
from antiphon.search.queries.query import Query
from antiphon.search.queries.remark import Remark


class Trained(Protocol):
    """A searcher with one checkpoint, by torch or without."""

    @property
    def name(self) -> str:
        """Of the checkpoint."""

    @property
    def library(self) -> Library:
        """Whose tracks."""

    @property
    def track_ids(self) -> NDArray[np.object_]:
        """(n,) strings: the tracks of its index."""

    def scores(self, text: str) -> NDArray[np.float32]:
        """(n,) how well each track of the index answers a text that is not blank."""

    def cosines(self, track_id: str) -> NDArray[np.float32]:
        """(n,) of a track of the index with each; LibraryError where the index has none of this id."""

    def answer(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """As :meth:`antiphon.search.answering.Answering.answer`."""

    def similar(self, track_id: str, *, k: int = 10, where: str | None = None) -> Hits:
        """As :meth:`antiphon.search.answering.Answering.similar`."""

    def similar_ids(self, track_ids: Sequence[str], *, k: int) -> list[list[str]]:
        """Of each of some tracks the k nearest to it, itself left out; none of one that the index lacks."""

    def marked(self, hits: Hits, text: str) -> Hits:
        """Answers, each with where it fits the words best, where that is known."""

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside answers, a sentence each."""

    def query_remarks(self, text: str) -> list[Remark]:
        """Those of a query alone."""
