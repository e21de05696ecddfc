"""Tracks that sound like some, or like a file, by the stored audio vectors alone.

Every encoder's vectors are standardised over the library, number by number, and compared by their cosine; the answer is
by the mean over the encoders that know both tracks.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from antiphon.errors import AntiphonError, LibraryError
from antiphon.library.commands import command
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.search.zero_shot.standardised import Standardised
from antiphon.search.zero_shot.ways.way import Float32

KEPT_BYTES = 512 << 20
"""Memory for standardised vectors, where they are kept: 100,000 tracks, heard by the four encoders that are tried
first. What an encoder heard that has no room in it is read from disk at every question."""


class Sounds:
    """What encoders heard in the tracks of one state of a library; opened, and looked through, at the first question.

    Parameters
    ----------
    library : whose tracks.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._opened: tuple[Standardised, ...] | None = None
        self._opening = threading.Lock()

    def stay(self) -> None:
        """Get ready for many questions: what has room in ``KEPT_BYTES`` stays in memory, the smallest first."""
        room = KEPT_BYTES
        for each in sorted(self._heard, key=lambda each: each.nbytes):
            room -= each.nbytes
            if room < 0:
                return
            each.keep()

    def like(self, track_ids: Sequence[str]) -> Float32:
        """(q, n) float32: mean cosine of each track of the library with each of some, −1 … 1.

        NaN where two tracks share no encoder's vectors.
        """
        rows = np.array([self._library.row_of_track.get(track_id, -1) for track_id in track_ids], np.int64)
        found = _Mean(len(rows), self._library)
        for each in self._heard:
            if len(asked := np.flatnonzero(each.knows(rows))):
                found.add(each, each.vectors(rows[asked]), asked.tolist())
        return found.values

    def like_file(self, path: Path) -> Float32:
        """(n,) float32: the same of an audio file, by all encoders that made the library's vectors and run here.

        Raises
        ------
        LibraryError, EncoderError, EmbeddingError : as :func:`antiphon.embed.workers.one_file.file_vectors`; of
            encoders, where none of them is here.
        """
        from antiphon.embed.workers.one_file import file_vectors, require_encoder  # torch, where one of them takes it

        known: list[Standardised] = []
        problems: list[AntiphonError] = []
        for each in self._heard:
            try:
                require_encoder(each.provenance)
                known.append(each)
            except AntiphonError as error:
                problems.append(error)
        if not known:
            fix = command("embed", self._library.root)
            raise problems[0] if problems else LibraryError("No track has an audio vector yet.", fix=fix)
        vectors = file_vectors(path, [each.provenance for each in known])
        found = _Mean(1, self._library)
        for each in known:
            found.add(each, each.of(vectors[each.provenance.encoder][None]), [0])
        alike: Float32 = found.values[0]
        return alike

    @property
    def _heard(self) -> tuple[Standardised, ...]:
        with self._opening:  # several threads may ask first
            if self._opened is None:
                names = self._library.embedded("audio")
                stored = (open_embedding(self._library, "audio", name) for name in names)
                self._opened = tuple(Standardised(self._library, each) for each in stored)
            return self._opened


class _Mean:
    """(q, n) the mean over encoders of the cosines of tracks with a vector of each."""

    def __init__(self, asked: int, library: Library) -> None:
        shape = asked, library.track_table.num_rows
        self._sums, self._counts = np.zeros(shape, np.float32), np.zeros(shape, np.int8)

    def add(self, heard: Standardised, wanted: Float32, asked: Sequence[int]) -> None:
        """Count one encoder's cosines with ``wanted``, whose rows are those of ``asked``."""
        for row, cosines in zip(asked, heard.cosines(wanted), strict=True):
            self._sums[row, heard.tracks] += cosines
            self._counts[row, heard.tracks] += 1

    @property
    def values(self) -> Float32:
        """NaN where no encoder knows both."""
        known = self._counts > 0
        return np.where(known, self._sums / np.maximum(self._counts, 1), np.nan).astype(np.float32)
