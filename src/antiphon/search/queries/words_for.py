"""Words for a track: the library's captions that lie nearest to it in the shared space."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from antiphon.library.pairs import open_embedding
from antiphon.search.hits import top
from antiphon.search.query import require_some
from antiphon.search.searcher import Searcher


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


def words_for(searcher: Searcher, track_id: str, *, k: int = 10) -> list[Words]:
    """The k different captions nearest to a track, of those whose text vectors are stored.

    Raises
    ------
    LibraryError : the index has no such track.
    ConfigError : ``k`` is below 1.
    EmbeddingError : the captions have no vectors of the checkpoint's text encoder here.
    """
    require_some(k)
    library, model = searcher.library, searcher.model
    track = np.asarray(searcher.index.vectors[searcher.index.place_of(track_id)])[: model.dim]
    stored = open_embedding(library, "text", model.text_encoder)
    columns = (library.caption_column(name) for name in ("caption_id", "track_id", "text"))
    there = [row for row in zip(*columns, strict=True) if row[0] in stored.row_of]
    own = {text for _, owner, text in there if owner == track_id}
    first: dict[str, str] = {}
    for caption_id, _, text in there:
        first.setdefault(text, caption_id)
    texts = list(first)
    scores = model.bundle.embed_text(stored.take(list(first.values())).astype(np.float32)) @ track
    best = enumerate(top(np.asarray(scores, np.float32), k).tolist(), start=1)
    return [Words(rank=rank, score=round(float(scores[i]), 6), text=texts[i], own=texts[i] in own) for rank, i in best]
