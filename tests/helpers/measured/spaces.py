"""Made-up vectors of unit length, and a shared space of them with captions that lie near their tracks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Index = NDArray[np.int64]


def unit(rng: np.random.Generator, rows: int, size: int) -> Float32:
    """(rows, size) random directions."""
    vectors = rng.standard_normal((rows, size)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def made_up_space(
    seed: int = 0, n: int = 40, extra: int = 25, d: int = 8
) -> tuple[Float32, Float32, Index, NDArray[np.int64]]:
    """Texts, tracks, the track of each caption, and its text id; some texts stand on two tracks.

    Parameters
    ----------
    n : tracks, each with one caption.
    extra : further captions, of whichever track.
    """
    rng = np.random.default_rng(seed)
    audio = unit(rng, n, d)
    track = np.concatenate([np.arange(n), rng.integers(0, n, extra)])
    text_id = np.arange(len(track))
    text_id[rng.integers(0, n, 6)] = 0
    text = audio[track] + 0.5 * unit(rng, len(track), d)
    return np.asarray(text / np.linalg.norm(text, axis=1, keepdims=True)), audio, track, text_id
