"""What every encoder promises, as checks that raise AssertionError with the promise that is broken."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from antiphon.audio.pooling import NONE, POOLINGS, FramePool
from antiphon.registry import AudioEncoder, EncoderCard, TextEncoder

MODEL_TOLERANCE = 1e-3
"""What company in a batch may change in a model's numbers, relative to their size; in a signal encoder's none."""
TEXTS = [
    "slow sad piano",
    "a",
    "Größe, naïve café – 東京の夜 🎹",
    "An energetic rock song with distorted electric guitars, driving drums and a soaring male voice. " * 40,
    "fast happy violin",
]


def check_card(card: EncoderCard, kind: str) -> None:
    assert card.kind == kind
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", card.name), "a name is lower case and fit for a folder"
    assert card.summary
    assert "\n" not in card.summary
    assert card.licence, "a card names its licence"
    assert card.version
    assert card.parameters >= 0
    if kind == "audio":
        assert isinstance(card.rate, int)
        assert 4_000 <= card.rate <= 192_000
        assert card.window_s is not None
        assert card.hop_s is not None
        assert min(card.window_s, card.hop_s) > 0
        assert card.tail in ("align", "short", "wrap")
        assert card.pooling in POOLINGS
        assert (card.layout.statistics == 3) == (card.pooling != NONE)
    else:
        assert card.rate is None
        assert card.pooling == NONE


def check_weights_id(encoder: AudioEncoder | TextEncoder) -> None:
    if encoder.card.parameters == 0:
        assert encoder.weights_id == "none"
    else:
        assert re.fullmatch(r"[0-9a-f]{64}", encoder.weights_id), "weights_id is a sha256"


def sounds(rate: int, seconds: float) -> dict[str, np.ndarray]:
    """Windows of one length that a library may hold, quiet to clipped."""
    n = max(1, round(seconds * rate))
    t = np.arange(n) / rate
    rng = np.random.default_rng(0)
    made = {
        "almost silent": 1e-6 * rng.standard_normal(n),
        "digital silence": np.zeros(n),
        "noise": 0.3 * rng.standard_normal(n).clip(-3, 3),
        "full-scale square": np.sign(np.sin(2 * np.pi * 110 * t) + 1e-9),
        "offset": np.full(n, 0.7),
        "chord": sum(0.2 * np.sin(2 * np.pi * f * t) for f in (261.6, 329.6, 392.0)),
        "clicks": (np.arange(n) % max(1, rate // 4) == 0).astype(float),
    }
    return {name: np.asarray(x, np.float32) for name, x in made.items()}


def check_frames(encoder: AudioEncoder, seconds: float) -> None:
    """Shape, dtype, finiteness, determinism, and that windows in a batch do not touch one another."""
    card = encoder.card
    named = sounds(card.rate or 0, seconds)
    batch = np.stack(list(named.values()))
    before = batch.copy()
    together = encoder.frames(batch)
    channels = card.layout.layers * card.layout.dims * (1 if card.pooling != NONE else card.layout.statistics)
    assert together.ndim == 3
    assert together.shape[0] == len(batch)
    assert together.shape[1] >= 1
    assert together.shape[2] == channels
    assert together.dtype == np.float32
    assert np.isfinite(together).all(), [n for n, f in zip(named, together, strict=True) if not np.isfinite(f).all()]
    np.testing.assert_array_equal(batch, before, err_msg="windows must not be written to")
    np.testing.assert_array_equal(encoder.frames(batch), together, err_msg="the same windows, the same frames")
    for row, name in enumerate(named):
        _same(encoder.frames(batch[row : row + 1])[0], together[row], card, f"{name} alone and in a batch")
    _same(encoder.frames(batch[::-1].copy()), together[::-1], card, "a batch in another order")
    read_only = batch.copy()
    read_only.flags.writeable = False
    encoder.frames(read_only)


def _same(left: np.ndarray, right: np.ndarray, card: EncoderCard, what: str) -> None:
    if card.parameters == 0:
        np.testing.assert_array_equal(left, right, err_msg=what)
    else:
        np.testing.assert_allclose(left, right, atol=MODEL_TOLERANCE * max(1.0, np.abs(right).max()), err_msg=what)


def track_vector(encoder: AudioEncoder, *windows: np.ndarray) -> np.ndarray:
    """The pooled vector of one track's windows."""
    pool = FramePool(encoder.card.layout, encoder.card.pooling)
    for window in windows:
        pool.add(encoder.frames(window[None])[0])
    return pool.vector()


def check_vectors(encoder: AudioEncoder) -> None:
    """Through the pooling: the layout's size, half precision, and different sounds told apart."""
    named = sounds(encoder.card.rate or 0, 1.5)
    vectors = {name: track_vector(encoder, window, window[: len(window) // 2]) for name, window in named.items()}
    for name, vector in vectors.items():
        assert vector.shape == (encoder.card.layout.size,)
        assert np.isfinite(vector.astype(np.float16)).all(), f"{name} does not survive float16"
    assert not np.allclose(vectors["noise"], vectors["chord"], rtol=1e-4, atol=1e-6), "noise and a chord differ"


def check_text(encoder: TextEncoder) -> None:
    """Shape, dtype, finiteness, determinism, order and independence."""
    size = encoder.card.layout.size
    together = encoder.encode(TEXTS)
    assert together.shape == (len(TEXTS), size)
    assert together.dtype == np.float32
    assert np.isfinite(together.astype(np.float16)).all()
    np.testing.assert_array_equal(encoder.encode(TEXTS), together)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1])[::-1], together, atol=MODEL_TOLERANCE)
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(encoder.encode([text])[0], together[row], atol=MODEL_TOLERANCE)
    many: Any = encoder.encode(TEXTS * 30)
    np.testing.assert_allclose(many, np.tile(together, (30, 1)), atol=MODEL_TOLERANCE)
    assert encoder.encode([]).shape == (0, size)
    assert np.isfinite(encoder.encode([""])).all()
    assert not np.allclose(together[0], together[4], atol=1e-4), "different texts differ"
