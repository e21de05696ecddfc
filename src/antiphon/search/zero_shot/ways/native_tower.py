"""The text side that an audio encoder was made with: ``muq`` with ``muq-mulan``, ``clap`` with ``clap-text``.

Only vectors of one model may meet: the query is read by the text side of the very weights that made the stored
vectors, or the way is closed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon import registry
from antiphon.arrays import unit_length
from antiphon.embed import load_text_encoder
from antiphon.embed.target import provenance_of
from antiphon.encoders._shared.native import TEXT_SIDE, require_known, require_one_space, track_means
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.registry import EncoderCard, LoadOptions, TextEncoder
from antiphon.search.zero_shot.track_rows import rows_known, rows_of, spread_out
from antiphon.search.zero_shot.ways.way import Float32, in_spreads

BLOCK = 8192


class NativeTower:
    """A :class:`~antiphon.search.zero_shot.ways.way.Way` by the cosine in an encoder's own joint space.

    Parameters
    ----------
    encoder : the audio encoder, one of ``TEXT_SIDE``.

    Raises
    ------
    EncoderError : the text side, or its weights, are not on this machine.
    EmbeddingError : the stored vectors were imported, or made with other weights than those on this machine.
    """

    weight = 1.0

    def __init__(self, library: Library, encoder: str) -> None:
        stored = open_embedding(library, "audio", encoder)
        require_known(stored.provenance)
        self.name = TEXT_SIDE[encoder]
        self.title = f"the text side of {encoder}"
        self._text: TextEncoder = _text_side(encoder, stored.provenance.source)
        options = LoadOptions(weights=stored.provenance.source or None)
        require_one_space(stored.provenance, provenance_of(self._text.card, self._text, options))
        ids, self._rows = rows_of(library, stored)
        layout = stored.provenance.layout
        blocks = [
            track_means(stored.take(ids[i : i + BLOCK]).astype(np.float32), layout) for i in range(0, len(ids), BLOCK)
        ]
        self._audio: Float32 = np.concatenate(blocks) if blocks else np.empty((0, layout.dims), np.float32)
        self._n = library.track_table.num_rows

    @property
    def card(self) -> EncoderCard:
        """Of the text side."""
        return self._text.card

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,) the tracks that have a vector."""
        return rows_known(self._rows, self._n)

    def scores(self, text: str) -> Float32:
        """(n,) float32, in spreads of the cosines."""
        words = unit_length(self._text.encode([text]))[0]
        return in_spreads(spread_out(self._audio @ words, self._rows, self._n))


def _text_side(encoder: str, source: str) -> TextEncoder:
    """The text side from where the audio side's weights came from."""
    tower = TEXT_SIDE[encoder]
    own = source if source and source != registry.find(encoder, "audio").card.hub_id else None
    return load_text_encoder(tower, LoadOptions(weights=own, fetch=own is None))
