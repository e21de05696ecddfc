"""Who answers for a library: its best checkpoint, or before any training what it has beside one.

Torch is loaded only where nothing else can answer: by a checkpoint of which no light search is prepared.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from antiphon.align.checkpoint.paths import best_checkpoints
from antiphon.errors import CheckpointError
from antiphon.search.hits import Hits
from antiphon.search.indexes.exact import indexed_checkpoint
from antiphon.search.light.opening import light_searcher
from antiphon.search.made_searcher import MadeSearcher
from antiphon.search.queries.query import Query
from antiphon.search.queries.remark import Remark
from antiphon.search.zero_shot.searcher import UntrainedSearcher

if TYPE_CHECKING:
    from antiphon.align.checkpoint.model import Model


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
        """What is to be said beside the answers, a sentence each: of the library, and of a query that is not blank."""

    def query_remarks(self, text: str) -> list[Remark]:
        """Those of a query alone."""


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
    if checkpoint is None or isinstance(checkpoint, Path):
        light = light_searcher(root, checkpoint)
        if light is not None:
            return light if light.by_people or checkpoint is not None else MadeSearcher(light)
    if checkpoint is None and not has_checkpoint(root):
        return UntrainedSearcher(root)
    return _by_torch(root, checkpoint)


def _by_torch(root: Path, checkpoint: Path | Model | None) -> Answering:
    from antiphon.search.checkpoints import checkpoint_for_search
    from antiphon.search.searcher import Searcher

    if checkpoint is not None:
        return Searcher(root, checkpoint)
    with suppress(CheckpointError):
        best = Searcher(root, checkpoint_for_search(root))
        return best if best.by_people else MadeSearcher(best)
    return UntrainedSearcher(root)


def has_checkpoint(root: Path) -> bool:
    """Whether a library has a training, or an index of somebody else's checkpoint; none of them is opened."""
    with suppress(CheckpointError):
        return bool(best_checkpoints(root))
    return indexed_checkpoint(root) is not None
