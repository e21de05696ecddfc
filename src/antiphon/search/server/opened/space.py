"""The shared space of the training that answers, whichever way it is open: with torch or without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.search.answering import Answering
from antiphon.search.indexes.exact import Index
from antiphon.search.light.searcher import LightSearcher
from antiphon.search.made_searcher import MadeSearcher
from antiphon.search.zero_shot.searcher import UntrainedSearcher

Float32 = NDArray[np.float32]
Texts = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Space:
    """What is known of the library's tracks and of words in one space.

    Parameters
    ----------
    name : of the training.
    text_encoder : name of what reads words for it; several joined by +.
    dim : numbers of a vector.
    index : the tracks; the first ``dim`` numbers of their vectors are of unit length.
    embed : texts → (n, dim) float32 of unit length.
    read : texts → (n, d) as the text encoder reads them.
    project : what it read → (n, dim) of unit length.
    score : texts → (n, score_dim), what tracks are ranked by.
    """

    name: str
    text_encoder: str
    dim: int
    index: Index
    embed: Callable[[Texts], Float32]
    read: Callable[[Texts], Float32]
    project: Callable[[Float32], Float32]
    score: Callable[[Texts], Float32]

    def track(self, track_id: str) -> Float32:
        """(dim,) a track's vector; LibraryError where the index has none."""
        return np.asarray(self.index.vectors[self.index.place_of(track_id)])[: self.dim]


def space_of(searcher: Answering) -> Space | None:
    """The space that a searcher answers in; None before any training."""
    if isinstance(searcher, UntrainedSearcher):  # before torch is loaded
        return None
    trained = searcher.searcher if isinstance(searcher, MadeSearcher) else searcher
    if isinstance(trained, LightSearcher):
        side = trained.text_side
        return Space(
            name=side.name,
            text_encoder=side.encoder.card.name,
            dim=side.dim,
            index=trained.index,
            embed=side.embed,
            read=side.read,
            project=side.project,
            score=side.score,
        )
    from antiphon.search.searcher import Searcher

    if not isinstance(trained, Searcher):
        return None
    model = trained.model
    return Space(
        name=model.name,
        text_encoder=model.text_encoder,
        dim=model.dim,
        index=trained.index,
        embed=model.embed_text,
        read=lambda texts: model.load_text_encoder().encode(texts),
        project=model.bundle.embed_text,
        score=model.score_text,
    )
