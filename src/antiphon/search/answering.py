"""Who answers for a library: its best checkpoint, or before any training what it has beside one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from antiphon.align.checkpoint.model import Model
from antiphon.errors import CheckpointError
from antiphon.search.hits import Hits
from antiphon.search.made_searcher import beside_what_taught
from antiphon.search.queries.query import Query
from antiphon.search.searcher import Searcher, checkpoint_for_search
from antiphon.search.zero_shot.searcher import UntrainedSearcher


class Answering(Protocol):
    """What answers questions about one library.

    ``one_way`` says whether one and the same thing found every answer, so that an answer's ``by`` says nothing new.
    """

    one_way: bool

    def search(self, text: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer words best, of those that a filter (:mod:`antiphon.search.filters`) allows."""

    def answer(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer a query best: words with weights, without what is excluded, like some tracks."""

    def similar(self, track_id: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks most like one, itself left out, of those that a filter allows."""

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside the answers, a sentence each."""


def answering(root: Path, checkpoint: Path | Model | None = None, *, untrained: bool = False) -> Answering:
    """A searcher with a checkpoint, or where the library has none one that answers without.

    A checkpoint that no person's caption has taught answers beside what needs none, unless it is named.

    Parameters
    ----------
    checkpoint : a file, or one that is loaded; None for the library's best.
    untrained : answer without a checkpoint also where there is one.

    Raises
    ------
    LibraryError : there is no library.
    """
    if untrained:
        return UntrainedSearcher(root)
    if checkpoint is None:
        with suppress(CheckpointError):
            return beside_what_taught(Searcher(root, checkpoint_for_search(root)))
        return UntrainedSearcher(root)
    return Searcher(root, checkpoint)
