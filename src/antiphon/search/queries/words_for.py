"""Words for a track: the library's captions that lie nearest to it in the shared space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.search.hits import top
from antiphon.search.query import require_some

if TYPE_CHECKING:
    from antiphon.search.searcher import Searcher

Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Words:
    """A caption that answers a track.

    Parameters
    ----------
    rank : from 1.
    score : cosine in the shared space, −1 … 1.
    text : the caption.
    own : whether it is one of the track's own.
    """

    rank: int
    score: float
    text: str
    own: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of ``antiphon search --words-for --json``."""
        return asdict(self)


class CaptionSpace:
    """A library's different captions in the shared space of a training; those whose text vectors are stored.

    Parameters
    ----------
    text_encoder : whose vectors are taken.
    project : those vectors → (n, dim) of unit length in the shared space.
    most : captions that are taken, evenly spread over the library; None for all.

    Raises
    ------
    EmbeddingError : the captions have no vectors of this text encoder here.
    """

    def __init__(
        self, library: Library, text_encoder: str, project: Callable[[Float32], Float32], *, most: int | None = None
    ) -> None:
        stored = open_embedding(library, "text", text_encoder)
        columns = (library.caption_column(name) for name in ("caption_id", "track_id", "text"))
        there = [row for row in zip(*columns, strict=True) if row[0] in stored.row_of]
        first: dict[str, str] = {}
        self._own: dict[str, set[str]] = {}
        for caption_id, owner, text in there:
            first.setdefault(text, caption_id)
            self._own.setdefault(owner, set()).add(text)
        texts = list(first)
        self.texts = texts if most is None else texts[:: max(1, -(-len(texts) // most))]
        self._vectors = project(stored.take([first[text] for text in self.texts]).astype(np.float32))

    def nearest(self, track_id: str, vector: Float32, k: int) -> list[Words]:
        """The k captions nearest to a track.

        Parameters
        ----------
        vector : (dim,) the track's, of unit length.

        Raises
        ------
        ConfigError : ``k`` is below 1.
        """
        require_some(k)
        scores = np.asarray(self._vectors @ vector, np.float32)
        own = self._own.get(track_id, set())
        best = enumerate(top(scores, k).tolist(), start=1)
        return [
            Words(rank=rank, score=round(float(scores[i]), 6), text=self.texts[i], own=self.texts[i] in own)
            for rank, i in best
        ]


def words_for(searcher: Searcher, track_id: str, *, k: int = 10) -> list[Words]:
    """The k different captions nearest to a track, of those whose text vectors are stored.

    Raises
    ------
    LibraryError : the index has no such track.
    ConfigError : ``k`` is below 1.
    EmbeddingError : the captions have no vectors of the checkpoint's text encoder here.
    """
    model = searcher.model
    track = np.asarray(searcher.index.vectors[searcher.index.place_of(track_id)])[: model.dim]
    return CaptionSpace(searcher.library, model.text_encoder, model.bundle.embed_text).nearest(track_id, track, k)
