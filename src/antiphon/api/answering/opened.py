"""What answers a library's questions, opened once: with a checkpoint, with several, without one, or from Milvus."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from antiphon.api.arguments import PathLike, as_text
from antiphon.api.folder import CheckpointLike, LibraryFolder
from antiphon.errors import AntiphonWarning, ArgumentError, CheckpointError

if TYPE_CHECKING:
    from antiphon.search.answering import Answering
    from antiphon.search.milvus.searcher import MilvusSearcher
    from antiphon.search.searcher import Searcher
    from antiphon.search.several.searcher import RankSearcher
    from antiphon.search.zero_shot.searcher import UntrainedSearcher

Signature: TypeAlias = tuple[tuple[int, int] | None, ...]
OneOrSeveral: TypeAlias = "CheckpointLike | Sequence[CheckpointLike] | None"


class WhatAnswers(LibraryFolder):
    """The part of :class:`antiphon.Library` that keeps open what answered last."""

    def __init__(self, root: PathLike) -> None:
        super().__init__(root)
        self._searchers: dict[Path, tuple[Signature, Searcher]] = {}
        self._by_ranks: dict[tuple[Path, ...], tuple[tuple[Signature, ...], RankSearcher]] = {}
        self._milvus: dict[tuple[str, Path], tuple[Signature, MilvusSearcher]] = {}
        self._untrained: tuple[Signature, UntrainedSearcher] | None = None
        self._best: tuple[Searcher, Answering] | None = None

    def _answering(self, checkpoint: OneOrSeveral, query: str = "", index: str | None = None) -> Answering:
        """A searcher with a checkpoint, or with several; before any training, one without.

        Parameters
        ----------
        query : what is asked, to be warned of.
        index : the address of a Milvus collection to ask in place of the library's own index.
        """
        if index is not None:
            return self._in_milvus(as_text(index, "The index"), checkpoint)
        if isinstance(checkpoint, Sequence) and not isinstance(checkpoint, str):
            return self._several(checkpoint)
        if checkpoint is not None:
            return self._searcher(checkpoint)
        from antiphon.search.answering import has_checkpoint
        from antiphon.search.made_searcher import MadeSearcher

        if not has_checkpoint(self.root):  # without loading torch
            return self._untrained_searcher(query)
        try:
            best = self._searcher(None)
        except CheckpointError:
            return self._untrained_searcher(query)
        if self._best is None or self._best[0] is not best:
            self._best = best, best if best.by_people else MadeSearcher(best)
        return self._best[1]

    def _several(self, checkpoints: Sequence[CheckpointLike]) -> Answering:
        from antiphon.search.several.ensemble import ensemble_of
        from antiphon.search.several.searcher import RankSearcher

        if not checkpoints:
            raise ArgumentError("No checkpoint is named.", fix="Leave checkpoint out for the best on val.")
        paths = tuple(self._checkpoint(each, search=True) for each in checkpoints)
        if len(paths) == 1:
            return self._searcher(paths[0])
        ensemble = ensemble_of(self.root, paths)
        if ensemble.checkpoint is not None:
            return self._searcher(ensemble.checkpoint)
        signature = tuple(map(self._signature, paths))
        known = self._by_ranks.get(paths)
        if known is None or known[0] != signature:
            known = self._by_ranks[paths] = signature, RankSearcher(self.root, paths, why=ensemble.why_not)
        return known[1]

    def _in_milvus(self, index: str, checkpoint: OneOrSeveral) -> MilvusSearcher:
        from antiphon.search.milvus.address import address_of
        from antiphon.search.milvus.searcher import MilvusSearcher

        if isinstance(checkpoint, Sequence) and not isinstance(checkpoint, str):
            raise ArgumentError(f"{index} holds the tracks of one checkpoint.", fix="Name one: checkpoint='muq'")
        address, path = address_of(index), self._checkpoint(checkpoint, search=True)
        signature, key = self._signature(path), (index, path)
        known = self._milvus.get(key)
        if known is None or known[0] != signature:
            known = self._milvus[key] = signature, MilvusSearcher(self.root, address, path)
        known[1].require_current()
        return known[1]

    def _untrained_searcher(self, query: str) -> UntrainedSearcher:
        """One that is still loaded, unless the library's files have changed since."""
        from antiphon.search.zero_shot.searcher import UntrainedSearcher

        signature = self._stamps("*.parquet", "embeddings/*/*/rows.*")
        if self._untrained is None or self._untrained[0] != signature:
            told_before = self._untrained is not None
            self._untrained = signature, UntrainedSearcher(self.root)
            if not told_before:
                warnings.warn("\n".join(self._untrained[1].remarks(query)), AntiphonWarning, stacklevel=4)
        return self._untrained[1]

    def _searcher(self, checkpoint: CheckpointLike | None) -> Searcher:
        """One that is still loaded, unless its checkpoint or the library's files have changed since."""
        from antiphon.align.checkpoint.model import Model
        from antiphon.search.searcher import Searcher

        path = self._checkpoint(checkpoint, search=True)
        signature = self._signature(path)
        known = self._searchers.get(path)
        if (
            known is None
            or known[0] != signature
            or (isinstance(checkpoint, Model) and known[1].model is not checkpoint)
        ):
            known = signature, Searcher(self.root, checkpoint if isinstance(checkpoint, Model) else path)
            self._searchers[path] = known
        return known[1]

    def _signature(self, checkpoint: Path) -> Signature:
        """Size and time of what answers depend on."""
        return _stamp(checkpoint), *self._stamps("tracks.parquet", "metadata.parquet", "embeddings/audio/*/rows.*")

    def _stamps(self, *patterns: str) -> Signature:
        return tuple(_stamp(path) for pattern in patterns for path in sorted(self.root.glob(pattern)))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_size, state.st_mtime_ns
