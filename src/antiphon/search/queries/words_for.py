"""Words for a track: captions that lie nearest to it in the shared space, and tags that were heard in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.captions.sound.heard import LEAST, heard_words
from antiphon.library.pairs import open_embedding
from antiphon.library.tag_strengths import has_tags, read_sound_tags
from antiphon.library.tracks import Library
from antiphon.search.hits import top
from antiphon.search.queries.readable import require_some

Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Words:
    """A caption that answers a track, or a tag that was heard in it.

    Parameters
    ----------
    rank : from 1, of captions and of tags each.
    score : of a caption the cosine in the shared space, −1 … 1; of a tag by how many spreads of the library the track
        stands out for it.
    text : the caption, or the tag.
    own : whether it is one of the track's own.
    kind : what it is.
    """

    rank: int
    score: float
    text: str
    own: bool
    kind: Literal["caption", "tag"] = "caption"

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


class Embeds(Protocol):
    """A searcher with a checkpoint, by torch or without."""

    @property
    def library(self) -> Library:
        """Whose tracks."""

    @property
    def text_encoder(self) -> str:
        """Name of what reads texts."""

    def track_vector(self, track_id: str) -> Float32:
        """(dim,) a track in the shared space."""

    def project_texts(self, raw: Float32) -> Float32:
        """(n, dim) texts in the shared space, of what the text encoder read."""


def words_for(searcher: Embeds, track_id: str, *, k: int = 10) -> list[Words]:
    """The k different captions nearest to a track, of those whose text vectors are stored.

    Raises
    ------
    LibraryError : the index has no such track.
    ConfigError : ``k`` is below 1.
    EmbeddingError : the captions have no vectors of the checkpoint's text encoder here.
    """
    track = searcher.track_vector(track_id)
    space = CaptionSpace(searcher.library, searcher.text_encoder, searcher.project_texts)
    return space.nearest(track_id, track, k)


def tags_for(library: Library, track_id: str, *, k: int = 10) -> list[Words]:
    """The k tags for which a track stands out most, of those that a tagger heard; none where none did.

    Raises
    ------
    LibraryError, EmbeddingError : the tags, or the vectors beside them, are damaged.
    """
    require_some(k)
    for name in library.embedded("audio"):
        if not has_tags(library.embedding_folder("audio", name)):
            continue
        ids, words, strengths = heard_words(library, read_sound_tags(library.embedding_folder("audio", name)))
        if track_id in ids:
            own = strengths[ids.index(track_id)]
            best = [i for i in top(own, k).tolist() if own[i] > LEAST]
            return [
                Words(rank=rank, score=round(float(own[i]), 6), text=words[i].text, own=True, kind="tag")
                for rank, i in enumerate(best, start=1)
            ]
    return []
