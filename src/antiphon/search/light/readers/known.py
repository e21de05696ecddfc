"""What the registered sentence models make of some texts: a graph of them is checked without loading torch.

Of a vector four sums are kept, each of all its numbers times a cosine of another frequency, so that any number that is
wrong shows. They were made by the models themselves, in float32, by transformers and torch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.registry import Float32, TextEncoder

TEXTS = (
    "slow sad piano",
    "x",
    "60s garage rock, 120 bpm!",
    "naïve café — “smörgåsbord” № 5 🎸🎶",
    "静かなピアノ曲",
    "a long description of a piece of music that goes on and on, " * 60,
)
"""Short, long beyond what is read, nearly nothing, several scripts."""
FREQUENCIES = (1, 7, 61, 173)
KNOWN: dict[str, tuple[tuple[float, ...], ...]] = {
    "minilm": (
        (0.07750, 0.14681, -1.22545, -0.32480),
        (0.51521, -0.30527, 1.09919, 0.01642),
        (0.93178, 0.34663, -0.30257, 0.76756),
        (0.27195, -0.86081, 0.71739, 0.05114),
        (0.37534, -0.36505, 0.41622, 1.15608),
        (0.50659, 0.35286, -0.39451, -0.48635),
    ),
    "mpnet": (
        (-0.16889, -1.07068, -0.28705, -0.37275),
        (-0.07792, 0.85136, -0.47396, 0.58218),
        (-0.15338, -0.94097, 0.24050, -0.52208),
        (1.00442, 0.27755, -0.80624, -0.29525),
        (0.61796, 0.70633, -0.21934, 0.97421),
        (0.39493, 0.47111, -1.25403, 0.59309),
    ),
}
"""Encoder → for each text its :func:`fingerprints`."""


def fingerprints(vectors: Float32) -> NDArray[np.float64]:
    """(n, 4) of vectors, (n, d)."""
    places = np.arange(1, vectors.shape[1] + 1)
    return np.asarray(vectors.astype(np.float64) @ np.cos(np.outer(places, FREQUENCIES)))


def difference_from(name: str, reader: TextEncoder) -> float:
    """The largest difference between a reader's fingerprints and those of the registered model that it should be."""
    return float(np.abs(fingerprints(reader.encode(TEXTS)) - np.array(KNOWN[name])).max())
