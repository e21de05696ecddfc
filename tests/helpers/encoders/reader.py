"""A text encoder that counts letters, and remembers what it was given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from antiphon.layout import Layout
from antiphon.registry import EncoderCard


class Reader:
    """Encodes a text as its length and its number of vowels, and remembers what it was given."""

    card = EncoderCard(name="reader", kind="text", summary="test", layout=Layout.flat(2), parameters=1, prompt="q: ")
    weights_id = "a" * 64

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.read += texts
        return np.array([[len(t), sum(c in "aeiou" for c in t)] for t in texts], np.float32).reshape(-1, 2)
