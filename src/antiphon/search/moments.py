"""Where in a track the words fit best: the window of the track whose score with them is highest.

Windows are those that ``antiphon embed --windows`` keeps (:mod:`antiphon.library.vectors.windows`). The checkpoint
hears each as a track that sounds throughout as this window does. Which track comes first is asked of the whole track:
the best window as a score finds no more (``docs/experiments/moments.md``).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names
from antiphon.library.vectors.store import Vectors, open_vectors
from antiphon.library.vectors.windows import StoredWindows, Windows, mean_channels, open_windows, with_means
from antiphon.search.hits import Hit, Hits

Float32 = NDArray[np.float32]

LOG = logging.getLogger(__name__)


class Hears(Protocol):
    """A checkpoint's two sides: :class:`antiphon.align.checkpoint.model.Model`, or without torch
    :class:`antiphon.search.light.audio_side.AudioSide`.
    """

    @property
    def encoder(self) -> str:
        """The audio encoder whose vectors it takes."""

    def score_text(self, texts: Sequence[str]) -> Float32:
        """(n, score_dim) float32."""

    def score_audio(self, vectors: NDArray[Any]) -> Float32:
        """(n, score_dim) float32 of raw vectors."""


class Moments:
    """The windows of a library's tracks, as one checkpoint hears them.

    Parameters
    ----------
    library : whose tracks.
    model : that hears them.
    """

    def __init__(self, library: Library, model: Hears) -> None:
        self._model = model
        folder = library.embedding_folder("audio", model.encoder)
        names = [model.encoder] if folder.is_dir() else source_names(model.encoder)
        folders = [library.embedding_folder("audio", name) for name in names]
        self._vectors: list[Vectors] = [open_vectors(each) for each in folders]
        self._windows = [_opened(each, source) for each, source in zip(folders, self._vectors, strict=True)]

    def __bool__(self) -> bool:
        """Whether any encoder of the checkpoint has windows here."""
        return any(stored is not None for stored in self._windows)

    def mark(self, hits: Hits, text: str) -> Hits:
        """The same answers, each with where it fits the words best, where that is known."""
        if not self:
            return hits
        query = self._model.score_text([text])[0]
        return Hits(replace(hit, best_at=self._best_at(hit, query)) for hit in hits)

    def _best_at(self, hit: Hit, query: Float32) -> float | None:
        """Start of the best window, seconds; None where the track's windows are not known or there is but one."""
        found = self._heard(hit.track_id)
        if found is None:
            return None
        starts, vectors = found
        return float(starts[int((self._model.score_audio(vectors) @ query).argmax())])

    def _heard(self, track_id: str) -> tuple[NDArray[np.float64], Float32] | None:
        """Starts of a track's windows, and the vector of each: all encoders side by side, the track's own where one
        of them has no windows of it."""
        if any(track_id not in source.row_of for source in self._vectors):
            return None
        own = [source.matrix[source.row_of[track_id]] for source in self._vectors]
        windows = [None if s is None else s.of(vector) for s, vector in zip(self._windows, own, strict=True)]
        known = [each for each in windows if each is not None]
        if not known:
            return None
        starts = np.arange(max(len(each.means) for each in known), dtype=np.float64) * known[0].width_s
        if len(starts) < 2:
            return None
        sources = [_at(starts, each, vector) for each, vector in zip(windows, own, strict=True)]
        return starts, np.concatenate(sources, axis=1)


def _opened(folder: Path, vectors: Vectors) -> StoredWindows | None:
    """The windows of one encoder; damaged ones keep nobody from an answer, and are named."""
    try:
        return open_windows(folder, mean_channels(vectors.provenance))
    except EmbeddingError as error:
        LOG.warning("%s Answers do not say where a track fits best by them. %s", error.problem, error.fix)
        return None


def _at(starts: NDArray[np.float64], windows: Windows | None, vector: NDArray[np.float16]) -> Float32:
    """(n, d) one encoder's vectors of the windows that begin at these times."""
    if windows is None:
        return np.repeat(np.asarray(vector, np.float32)[None], len(starts), axis=0)
    rows = np.minimum((starts // windows.width_s).astype(np.int64), len(windows.means) - 1)
    return with_means(vector, np.asarray(windows.means[rows]))
