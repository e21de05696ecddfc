"""Loudness, density and brightness twenty times a second: a small audio encoder for Antiphon.

Conventions
- Three numbers a frame of 50 ms: level (decades of mean power), crest (decades of peak power over mean power) and
  brightness (the share of power in the sample-to-sample differences).
- A window is a second; Antiphon pools the frames of a whole track to mean, robust sigma and mean difference.
"""

from __future__ import annotations

import numpy as np

from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, LoadOptions

RATE = 8_000
FRAME = 400
FLOOR = 1e-10

CARDS = (
    EncoderCard(
        name="loudness",
        kind="audio",
        summary="How loud, how dense and how bright; an example of a package of your own",
        layout=Layout(layers=1, dims=3, statistics=3),
        rate=RATE,
        window_s=1.0,
        hop_s=1.0,
        tail="short",
        pooling="mean-rsigma-diff",
    ),
)


def load(card: EncoderCard, _options: LoadOptions) -> Loudness:
    """Nothing to load: there are no weights."""
    return Loudness(card)


class Loudness:
    """An :class:`antiphon.registry.AudioEncoder`."""

    weights_id = "none"

    def __init__(self, card: EncoderCard) -> None:
        self.card = card

    def frames(self, windows: Float32) -> Float32:
        """Describe windows.

        Parameters
        ----------
        windows : (b, samples) float32, mono at 8 kHz.

        Returns
        -------
        (b, ceil(samples / 400), 3) float32: level, crest, brightness.
        """
        starts = np.arange(0, windows.shape[1], FRAME)
        lengths = np.diff(np.append(starts, windows.shape[1])).astype(np.float32)
        power = np.square(windows, dtype=np.float32)
        steps = np.square(np.diff(windows, axis=1, prepend=windows[:, :1]), dtype=np.float32)
        mean = np.add.reduceat(power, starts, axis=1) / lengths + np.float32(FLOOR)
        peak = np.maximum.reduceat(power, starts, axis=1) + np.float32(FLOOR)
        change = np.add.reduceat(steps, starts, axis=1) / lengths
        frames = np.stack([np.log10(mean), np.log10(peak / mean), change / (4 * mean)], axis=2)
        return np.asarray(frames, dtype=np.float32)
