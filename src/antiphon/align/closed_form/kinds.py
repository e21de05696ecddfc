"""Closed forms behind one interface, and the table of those that a training has to beat.

A new closed form is one file with its two ways to fit, and a line in :data:`KINDS`.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.linear_cca import choose_cca, fit_cca
from antiphon.align.closed_form.linear_form import Axes
from antiphon.align.closed_form.linear_ridge import choose_ridge, fit_ridge
from antiphon.library.pairs import Pairs

Float = NDArray[np.floating]
Index = NDArray[np.integer]
QUICK = 2e10
"""Multiplications for a covariance that take some seconds, with the choice of settings."""


class ClosedForm(Protocol):
    """A shared space that is solved and not trained."""

    @property
    def settings(self) -> dict[str, Any]:
        """What it was fitted with; with a choice on val ``val_mrr``, ``val_tracks`` and ``tried``."""

    def embed_text(self, vectors: Float) -> NDArray[np.float32]:
        """(m, d_text) text-encoder vectors → (m, k) unit length."""

    def embed_audio(self, vectors: Float) -> NDArray[np.float32]:
        """(n, d_audio) audio-encoder vectors → (n, k) unit length."""


class Fit(Protocol):
    """Fits a closed form with default settings."""

    def __call__(self, text: Float, audio: Float, track_of_caption: Index) -> ClosedForm:
        """From captions (m, d_text), tracks (n, d_audio) and the track (m,) of each caption."""


class Choose(Protocol):
    """Fits a closed form whose settings are best on another split."""

    def __call__(self, train: Pairs, val: Pairs, *, axes: Axes | None = None) -> ClosedForm:
        """By the mean of both directions' MRR on ``val``; ``axes`` of ``train`` serve all closed forms alike."""


class Kind(NamedTuple):
    """A closed form's name in a sentence, and its two ways to fit."""

    title: str
    fit: Fit
    choose: Choose


KINDS: dict[str, Kind] = {
    "ridge": Kind("ridge regression", fit_ridge, choose_ridge),
    "cca": Kind("canonical correlation analysis (CCA)", fit_cca, choose_cca),
}


def quick_to_fit(n_tracks: int, size: int) -> bool:
    """Whether closed forms of so many tracks and numbers a track take some seconds."""
    return float(n_tracks) * size * min(n_tracks, size) <= QUICK
