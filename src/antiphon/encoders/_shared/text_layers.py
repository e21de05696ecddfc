"""Texts on their way through a text encoder whose lower layers are frozen: tokenised once, frozen layers run once.

Texts are dealt with longest first and cut into chunks of about the same number of tokens, padding included: texts of
one length meet, so little is padded, and a chunk needs the same memory whatever its texts are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from antiphon.arrays import spans
from antiphon.encoders._shared.tunable import Tunable, mask_of

Index = NDArray[np.int64]
AT_ONCE = 2048
"""Tokens in a chunk: a few hundred MB for a model of MiniLM's size, and enough to keep two cores busy."""


class Texts:
    """Some texts, ready for the upper layers.

    Parameters
    ----------
    parts : the text encoder.
    lower : layers that are frozen.
    texts : (n,) strings.
    at_once : tokens in a chunk, padding included; a longer text is a chunk of its own.
    memory_bytes : what the frozen layers make of all texts is kept up to this size, else made anew each time.
    """

    def __init__(
        self, parts: Tunable, lower: int, texts: Sequence[str], *, at_once: int = AT_ONCE, memory_bytes: float = 0.0
    ) -> None:
        self.parts = parts
        self.at_once = at_once
        self.below, self.upper = parts.cut(lower)
        self._tokens = parts.tokens(texts)
        self.lengths: Index = np.array([len(ids) for ids in self._tokens], dtype=np.int64)
        self._starts: Index = np.cumsum(self.lengths) - self.lengths
        self._held: Tensor | None = None
        if 0 < self.bytes <= memory_bytes:
            self._held = self._hold()

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def bytes(self) -> int:
        """Size of the hidden states of all texts, float32."""
        return 4 * int(self.lengths.sum()) * int(self.parts.model.config.hidden_size)

    @property
    def in_memory(self) -> bool:
        """Whether the frozen layers' hidden states are kept."""
        return self._held is not None

    def chunks(self, rows: Index) -> list[Index]:
        """``rows`` cut into chunks, the longest texts first."""
        order = rows[np.argsort(-self.lengths[rows], kind="stable")]
        found, start = [], 0
        while start < len(order):
            size = max(1, self.at_once // max(1, int(self.lengths[order[start]])))
            found.append(order[start : start + size])
            start += size
        return found

    def states(self, rows: Index) -> tuple[Tensor, Tensor]:
        """Hidden states (b, l, d) below the upper layers, and their mask (b, l); no graph."""
        if self._held is None:
            ids, mask = self.parts.batch([self._tokens[row] for row in rows])
            with torch.no_grad(), self.parts.place.arithmetic():
                return self.below(input_ids=ids, attention_mask=mask).last_hidden_state.float(), mask
        device = self._held.device
        starts, lengths = (torch.from_numpy(part[rows]).to(device) for part in (self._starts, self.lengths))
        mask = mask_of(lengths)
        places = starts[:, None] + torch.arange(mask.shape[1], device=device)
        return self._held[places.clamp_(max=len(self._held) - 1)], mask

    def _hold(self) -> Tensor:
        size, place = int(self.lengths.sum()), self.parts.place
        held = torch.empty(size, int(self.parts.model.config.hidden_size), device=place.device)
        for rows in self.chunks(np.arange(len(self))):
            states, mask = self.states(rows)
            held[torch.from_numpy(spans(self._starts[rows], self.lengths[rows])).to(place.device)] = states[mask.bool()]
        return held


def embed_states(parts: Tunable, upper: nn.Module, states: Tensor, mask: Tensor) -> Tensor:
    """Hidden states (b, l, d) through the upper layers: (b, k) of unit length, with a graph if grad is on."""
    return parts.pool(upper(inputs_embeds=states, attention_mask=mask).last_hidden_state, mask)


def embed_texts(texts: Texts, upper: nn.Module, rows: Index | None = None) -> NDArray[np.float32]:
    """(n, k) float32 of unit length, without a graph, one row for each of ``rows`` (by default for every text)."""
    wanted = np.arange(len(texts)) if rows is None else rows
    out: NDArray[Any] | None = None
    with torch.no_grad(), texts.parts.place.arithmetic():
        for places in texts_in_chunks(texts, wanted):
            vectors = embed_states(texts.parts, upper, *texts.states(wanted[places])).float().cpu().numpy()
            out = np.empty((len(wanted), vectors.shape[1]), np.float32) if out is None else out
            out[places] = vectors
    return np.empty((0, 0), np.float32) if out is None else out


def texts_in_chunks(texts: Texts, rows: Index) -> list[Index]:
    """Positions in ``rows`` of each chunk's texts; ``rows`` names each text at most once."""
    position = np.empty(len(texts), np.int64)
    position[rows] = np.arange(len(rows))
    return [position[chunk] for chunk in texts.chunks(rows)]
