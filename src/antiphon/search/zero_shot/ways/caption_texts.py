"""Captions of one kind against the query: text to text, by the vectors of a text encoder, or by their words.

A track scores as its best caption. The query is read by the encoder that made the captions' stored vectors, checked by
provenance; vectors of captions that have another text now take no part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import unit_length
from antiphon.library.captions import CaptionKind
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors
from antiphon.library.vectors.texts import is_of_text
from antiphon.search.zero_shot.track_rows import rows_known, spread_out
from antiphon.search.zero_shot.ways.query_reader import QueryReader
from antiphon.search.zero_shot.ways.way import Float32, in_matches, in_spreads
from antiphon.search.zero_shot.ways.words import WordIndex

NAMES: dict[CaptionKind, str] = {"human": "captions", "tags": "tag captions", "machine": "machine captions"}
TITLES: dict[CaptionKind, str] = {
    "human": "captions",
    "tags": "captions made from tags",
    "machine": "captions made from the sound",
}
WEIGHTS: dict[CaptionKind, float] = {"human": 2.0, "tags": 1.0, "machine": 1.0}
BLOCK = 8192


class _Captions:
    """What both ways to compare captions know: of whose tracks they are."""

    def __init__(self, library: Library, kind: CaptionKind, rows: NDArray[np.int64]) -> None:
        self.name = NAMES[kind]
        self.title = TITLES[kind]
        self.weight = WEIGHTS[kind]
        self._n = library.track_table.num_rows
        ids = library.caption_column("track_id")[rows]
        self._tracks = np.array([library.row_of_track[track_id] for track_id in ids], np.int64)

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,) the tracks that have such a caption."""
        return rows_known(self._tracks, self._n)

    def _best(self, values: Float32) -> Float32:
        """(n,) the best of each track's captions; NaN where it has none."""
        best = np.full(self._n, -np.inf, np.float32)
        np.maximum.at(best, self._tracks, values)
        return spread_out(best[self.known], np.flatnonzero(self.known), self._n)


class CaptionVectors(_Captions):
    """A :class:`~antiphon.search.zero_shot.ways.way.Way` by the cosine of texts.

    Parameters
    ----------
    kind : of the captions.
    words : stored vectors of captions.
    reader : of queries.

    Raises
    ------
    EncoderError, EmbeddingError : the text encoder of the vectors is not on this machine.
    """

    def __init__(self, library: Library, kind: CaptionKind, words: Vectors, reader: QueryReader) -> None:
        rows = _rows_with_vectors(library, kind, words)
        super().__init__(library, kind, rows)
        self._reader, self._made_by = reader, words.provenance
        reader.load(words.provenance)
        ids = library.caption_column("caption_id")[rows].tolist()
        blocks = [unit_length(words.take(ids[i : i + BLOCK]).astype(np.float32)) for i in range(0, len(ids), BLOCK)]
        self._texts: Float32 = np.concatenate(blocks) if blocks else np.empty((0, words.matrix.shape[1]), np.float32)

    def scores(self, text: str) -> Float32:
        """(n,) float32, in spreads of the best cosines."""
        return in_spreads(self._best(self._texts @ self._reader.vector(self._made_by, text)))


class CaptionWords(_Captions):
    """A :class:`~antiphon.search.zero_shot.ways.way.Way` by the words that captions and query share, 0 … ``MOST``."""

    def __init__(self, library: Library, kind: CaptionKind) -> None:
        rows = np.flatnonzero(library.caption_column("kind") == kind)
        super().__init__(library, kind, rows)
        self._index = WordIndex(self._n)
        texts = library.caption_column("text")[rows].tolist()
        self._index.add(zip(self._tracks.tolist(), texts, strict=True))

    def scores(self, text: str) -> Float32:
        """(n,) float32; NaN where a track has no such caption, or none of the words."""
        return in_matches(self._index.match(text))


def _rows_with_vectors(library: Library, kind: CaptionKind, words: Vectors) -> NDArray[np.int64]:
    """Rows of the caption table: captions of a kind that have a good vector of the text they have now."""
    signatures = {} if words.signatures is None else dict(zip(words.ids.tolist(), words.signatures, strict=True))
    columns = (library.caption_column(name) for name in ("caption_id", "text", "kind"))
    rows = [
        row
        for row, (caption_id, text, own) in enumerate(zip(*columns, strict=True))
        if own == kind and caption_id in words.row_of and is_of_text(signatures.get(caption_id, ""), text)
    ]
    damaged = words.damaged(library.caption_column("caption_id")[rows].tolist())
    kept = [row for row in rows if library.caption_column("caption_id")[row] not in damaged]
    return np.array(kept, np.int64)
