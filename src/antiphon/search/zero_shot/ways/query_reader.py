"""Text encoders that read queries: each is loaded once, whichever ways ask for it, and reads a query once.

Where a graph of one is prepared on this machine, or can be without loading torch, that reads; else the encoder itself,
and the graph for the next process is prepared from it.
"""

from __future__ import annotations

from functools import lru_cache

from antiphon.arrays import unit_length
from antiphon.embed import load_text_encoder
from antiphon.library.vectors.provenance import Provenance
from antiphon.registry import EncoderCard, TextEncoder, encode_queries
from antiphon.search.light.readers.find import light_text_encoder
from antiphon.search.light.readers.prepared import prepare_reader
from antiphon.search.zero_shot.ways.way import Float32

DEFAULT = "minilm"
QUERIES_KEPT = 64


class QueryReader:
    """The text encoders of one searcher."""

    def __init__(self) -> None:
        self._encoders: dict[str, TextEncoder] = {}
        self._vector = lru_cache(QUERIES_KEPT)(self._read)

    def load(self, wanted: Provenance | str) -> TextEncoder:
        """The encoder of a name, or the one that made stored vectors.

        Raises
        ------
        EncoderError : it, or its weights, are not on this machine.
        EmbeddingError : the one on this machine is not the one that made the vectors, or they were imported.
        """
        key = wanted if isinstance(wanted, str) else wanted.fingerprint
        if key not in self._encoders:
            found = light_text_encoder(wanted) or _loaded(wanted)
            others = (each for each in self._encoders.values() if _same(each, found))
            self._encoders[key] = next(others, found)
        return self._encoders[key]

    @property
    def cards(self) -> tuple[EncoderCard, ...]:
        """Of the encoders that were loaded."""
        return tuple(dict.fromkeys(encoder.card for encoder in self._encoders.values()))

    def vector(self, wanted: Provenance | str, text: str) -> Float32:
        """(d,) float32, unit length: one text. Errors as for :meth:`load`."""
        self.load(wanted)
        return self._vector(wanted if isinstance(wanted, str) else wanted.fingerprint, text)

    def _read(self, key: str, text: str) -> Float32:
        vector: Float32 = unit_length(encode_queries(self._encoders[key], [text]))[0]
        return vector


def _same(one: TextEncoder, other: TextEncoder) -> bool:
    return (one.card, one.weights_id) == (other.card, other.weights_id)


def _loaded(wanted: Provenance | str) -> TextEncoder:
    encoder = load_text_encoder(wanted)
    prepare_reader(encoder)
    return encoder
