"""Several text encoders that read as one: their vectors of a text side by side, as the library joins stored ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, TextEncoder, encode_queries


class JoinedTextEncoder:
    """A :class:`antiphon.registry.TextEncoder` of several, in order.

    Parameters
    ----------
    sources : two or more encoders.
    """

    weights_id = "of the parts"

    def __init__(self, sources: Sequence[TextEncoder]) -> None:
        self.sources = tuple(sources)
        cards = [source.card for source in self.sources]
        self.card = EncoderCard(
            name="+".join(card.name for card in cards),
            kind="text",
            summary=f"{' and '.join(card.name for card in cards)} side by side",
            layout=Layout.joined([card.layout for card in cards]),
            licence="; ".join(dict.fromkeys(card.licence for card in cards if card.licence)),
            parameters=sum(card.parameters for card in cards),
            languages=_read_by_all([card.languages for card in cards]),
            download_mb=sum(card.download_mb for card in cards),
            query_ms=sum(card.query_ms for card in cards),
        )

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, sum of the sources' sizes) float32; each source's numbers as it gives them."""
        return np.concatenate([source.encode(texts) for source in self.sources], axis=1)

    def encode_queries(self, texts: Sequence[str]) -> Float32:
        """The same of queries, each source's as :func:`antiphon.registry.encode_queries` gives them."""
        return np.concatenate([encode_queries(source, texts) for source in self.sources], axis=1)

    @property
    def most_tokens(self) -> int | None:
        """Tokens of a text that the source which reads least of it reads; None where none says so."""
        return min((source.most_tokens for source in self._readers if source.most_tokens), default=None)

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Whether a text is longer than what some source reads of it."""
        cuts = [source.cut(texts) for source in self._readers]
        return [any(longer) for longer in zip(*cuts, strict=True)] if cuts else [False] * len(texts)

    @property
    def _readers(self) -> list[Any]:
        """Those that say how much they read."""
        return [source for source in self.sources if hasattr(source, "cut")]


def _read_by_all(languages: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Those that every source reads, in the first one's order; none where one does not say which it reads."""
    first, *others = languages
    return tuple(code for code in first if all(code in other for other in others))
