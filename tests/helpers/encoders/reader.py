"""A text encoder that counts letters, and remembers what it was given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from antiphon.api import embedded
from antiphon.embed import text as engine
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


def in_place_of_text_encoders(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """A reader that ``embed`` takes for whichever text encoder it is told."""
    reader = Reader()
    for module in (engine, embedded):
        monkeypatch.setattr(module, "load_text_encoder", lambda _name, _options: reader)
    return reader
