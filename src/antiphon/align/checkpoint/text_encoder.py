"""Texts for a checkpoint: with a text encoder that was fine-tuned, *frozen | adapted* side by side.

The frozen half is what the library stores and what closed forms were fitted on; the adapted half is made on the spot,
with the additions of the checkpoint in the encoder's weights. It is never stored: vectors of two adapters cannot meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.data.features import Rows
from antiphon.embed import load_text_encoder
from antiphon.encoders._shared.text_layers import Texts, embed_texts
from antiphon.encoders._shared.tunable import tunable
from antiphon.errors import CheckpointError
from antiphon.registry import EncoderCard, TextEncoder

Float32 = NDArray[np.float32]


class AdaptedEncoder:
    """A text encoder as it was and as fine-tuning left it.

    Parameters
    ----------
    encoder : the frozen one; kept as ``frozen``.
    bundle : a checkpoint with an adapter.

    Raises
    ------
    CheckpointError : the adapter does not fit the encoder.
    """

    def __init__(self, encoder: TextEncoder, bundle: Bundle) -> None:
        if bundle.adapter is None:
            raise CheckpointError(f"{bundle.name} has no fine-tuned text encoder.")
        self.card: EncoderCard = encoder.card
        self.weights_id = f"{encoder.weights_id}+{bundle.adapter.id}"
        self.frozen = encoder
        self._parts = tunable(encoder)
        self._lower = bundle.adapter.lower
        self._upper = bundle.adapter.merged(self._parts.cut(self._lower)[1])

    def adapted(self, texts: Sequence[str]) -> Float32:
        """(n, d) of unit length, the adapted half only."""
        distinct, where = np.unique(np.asarray(texts, dtype=object), return_inverse=True)
        ready = Texts(self._parts, self._lower, list(distinct))
        return embed_texts(ready, self._upper)[where]

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, 2 d): frozen and adapted vectors, each of unit length."""
        if not len(texts):
            return np.empty((0, 2 * self.card.layout.size), np.float32)
        return np.concatenate([self.frozen.encode(texts), self.adapted(texts)], axis=1)


def text_encoder_of(bundle: Bundle) -> TextEncoder:
    """The encoder whose vectors ``bundle.embed_text`` takes.

    Raises
    ------
    EmbeddingError : the text encoder on this machine is not the one that the checkpoint was trained with.
    """
    encoder = load_text_encoder(bundle.text_provenance)
    return encoder if bundle.adapter is None else AdaptedEncoder(encoder, bundle)


def text_rows(bundle: Bundle, stored: NDArray[Any], texts: Sequence[str]) -> Rows:
    """What ``bundle.space.text`` takes, of captions whose frozen vectors are stored.

    Parameters
    ----------
    stored : (m, d) vectors of the library.
    texts : (m,) the captions' words.

    Raises
    ------
    EmbeddingError : the captions have to be read again, and the text encoder on this machine is another one.
    """
    if bundle.adapter is None:
        return Rows.all_of(stored)
    adapted = AdaptedEncoder(load_text_encoder(bundle.text_provenance), bundle).adapted(texts)
    return Rows.all_of(np.concatenate([np.asarray(stored, np.float32), adapted], axis=1))
