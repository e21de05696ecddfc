"""What a library's playlists are made from, opened: without torch where searches are prepared so.

What takes torch is loaded only where it is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.library.tracks import Library
from antiphon.search.indexes.exact import open_index
from antiphon.search.light.opening import light_searcher
from antiphon.search.playlists.sources.searched import ScoresAll, SearchedSource
from antiphon.search.playlists.sources.source import Source
from antiphon.search.playlists.sources.trained import TrainedSource

if TYPE_CHECKING:
    from antiphon.search.answering import Answering
    from antiphon.search.searcher import Searcher


def open_source(root: Path, checkpoint: Path | None = None, index: str | None = None) -> Source:
    """What a library's playlists are made from: prepared without torch, or a checkpoint, or before any training.

    Parameters
    ----------
    index : the address of a Milvus collection in place of the library's own index.

    Raises
    ------
    LibraryError, CheckpointError : there is no library; the checkpoint that is named cannot be read.
    EmbeddingError : the collection does not hold the tracks of the checkpoint.
    """
    if index is not None:
        from antiphon.search.milvus.address import address_of
        from antiphon.search.milvus.searcher import MilvusSearcher
        from antiphon.search.playlists.sources.in_milvus import MilvusSource

        return MilvusSource(MilvusSearcher(root, address_of(index), checkpoint))
    light = light_searcher(root, checkpoint)
    if light is not None and (light.by_people or checkpoint is not None):
        side = light.text_side
        return TrainedSource(
            Library(root), open_index(root), score=side.score, dim=side.dim, name=side.name, remarks=light.remarks
        )
    from antiphon.search.answering import answering
    from antiphon.search.light.preparing import prepare
    from antiphon.search.searcher import Searcher

    found = answering(root, checkpoint)
    if isinstance(found, Searcher):
        prepare(found)
    return of_answering(found, Library(root))


def of_answering(found: Answering, library: Library) -> Source:
    """The same from what answers searches."""
    if isinstance(found, ScoresAll):  # before torch is loaded
        return SearchedSource(found, library)
    from antiphon.search.milvus.searcher import MilvusSearcher
    from antiphon.search.playlists.sources.in_milvus import MilvusSource
    from antiphon.search.searcher import Searcher

    if isinstance(found, Searcher):
        return of_searcher(found)
    if isinstance(found, MilvusSearcher):
        return MilvusSource(found)
    return SearchedSource(found, library)


def of_searcher(searcher: Searcher) -> TrainedSource:
    """The same from a searcher that is open."""
    model = searcher.model
    return TrainedSource(
        searcher.library,
        searcher.index,
        score=model.score_text,
        dim=model.dim,
        name=model.name,
        remarks=searcher.remarks,
    )
