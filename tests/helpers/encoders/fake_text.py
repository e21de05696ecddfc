"""Text encoders that read words and know nothing else, installed as a third party's package would be.

``word-bag`` gives a text the sum of its words' vectors, those left out that say nothing. ``sentence-bag`` reads
sentences so, and finds in what is no sentence (no full stop at its end) only some of that: what is trained on its
sentences is half lost when asked in tags.
"""

from __future__ import annotations

from pathlib import Path

from tests.helpers.encoders.fake_plugin import install

SIZE = 64
SOURCE = f"""
import hashlib, re
import numpy as np
from antiphon.layout import Layout
from antiphon.registry import EncoderCard

SIZE = {SIZE}
QUIET = set("a and any beside can do find have here in is me music no some take the there with you".split())
CARDS = tuple(EncoderCard(name=name, kind="text", summary="test", layout=Layout.flat(SIZE))
              for name in ("word-bag", "sentence-bag"))

def vector(word):
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(SIZE)

class Reader:
    weights_id = "none"
    def __init__(self, card):
        self.card = card
    def encode(self, texts):
        found = np.zeros((len(texts), SIZE), np.float32)
        for row, text in enumerate(texts):
            words = [word for word in re.findall(r"[a-z0-9]+", text.casefold()) if word not in QUIET]
            found[row] = sum(map(vector, words), np.zeros(SIZE)) / max(len(words), 1) ** 0.5
            if self.card.name == "sentence-bag" and not text.rstrip().endswith("."):
                found[row] = 0.4 * found[row] + vector("no sentence: " + text)
        return found

def load(card, options):
    return Reader(card)
"""
MODULE = "antiphon_fake_text"


def install_text_encoders(folder: Path) -> None:
    """Lay the plugin out in a folder that is on the path, or will be."""
    install(folder, SOURCE, MODULE)
