"""Tracks that sound like one, or like a file, by the stored audio vectors alone.

Every encoder's vectors are standardised over the library, number by number, and compared by their cosine; the answer is
by the mean over the encoders that know both tracks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import unit_length
from antiphon.errors import AntiphonError, LibraryError
from antiphon.library.commands import command
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors
from antiphon.search.zero_shot.track_rows import rows_of, spread_out
from antiphon.search.zero_shot.ways.way import Float32

OUTLIER = 4.0
"""Spreads within which a standardised number is held: one wild number must not decide."""
BLOCK = 4096


def alike(library: Library, track_id: str) -> Float32:
    """(n,) float32: mean cosine of each track with one of them, −1 … 1; NaN where they share no encoder's vectors."""
    opened = (open_embedding(library, "audio", name) for name in library.embedded("audio"))
    return _mean_cosines(library, [(each, each.take([track_id])[0]) for each in opened if track_id in each.row_of])


def alike_file(library: Library, path: Path) -> Float32:
    """(n,) float32: the same of an audio file, by all encoders that made the library's vectors and run here.

    Raises
    ------
    LibraryError, EncoderError, EmbeddingError : as :func:`antiphon.embed.workers.one_file.file_vectors`; of encoders,
        where none of them is here.
    """
    from antiphon.embed.workers.one_file import file_vectors, require_encoder  # torch, where one of them takes it

    known: list[Vectors] = []
    problems: list[AntiphonError] = []
    for name in library.embedded("audio"):
        stored = open_embedding(library, "audio", name)
        try:
            require_encoder(stored.provenance)
            known.append(stored)
        except AntiphonError as error:
            problems.append(error)
    if not known:
        fix = command("embed", library.root)
        raise problems[0] if problems else LibraryError("No track has an audio vector yet.", fix=fix)
    vectors = file_vectors(path, [stored.provenance for stored in known])
    return _mean_cosines(library, [(stored, vectors[stored.provenance.encoder]) for stored in known])


def _mean_cosines(library: Library, wanted: Sequence[tuple[Vectors, NDArray[np.float16]]]) -> Float32:
    """(n,) mean over encoders of the cosines of tracks with a vector of each."""
    n = library.track_table.num_rows
    found = []
    for stored, vector in wanted:
        ids, rows = rows_of(library, stored)
        if ids:
            found.append(spread_out(_cosines(stored, ids, vector), rows, n))
    if not found:
        return np.full(n, np.nan, np.float32)
    said = np.stack(found)
    counts = np.isfinite(said).sum(axis=0)
    means = np.nansum(said, axis=0) / np.maximum(counts, 1)
    return np.where(counts > 0, means, np.nan).astype(np.float32)


def _cosines(stored: Vectors, ids: list[str], vector: NDArray[np.float16]) -> Float32:
    """(len(ids),) cosines with a raw vector, block by block: the vectors may be larger than memory."""
    blocks = [ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK)]
    sums = [stored.take(block).astype(np.float64).sum(axis=0) for block in blocks]
    mean = np.sum(sums, axis=0) / len(ids)
    squares = [np.square(stored.take(block) - mean).sum(axis=0) for block in blocks]
    spread = np.sqrt(np.sum(squares, axis=0) / len(ids))
    scale = np.where(spread > 1e-5 * np.maximum(np.abs(mean), 1e-3), 1 / np.maximum(spread, 1e-12), 0)

    def standardised(raw: NDArray[np.float16]) -> Float32:
        return unit_length(np.clip((raw - mean) * scale, -OUTLIER, OUTLIER))

    wanted = standardised(vector[None])[0]
    return np.concatenate([standardised(stored.take(block)) @ wanted for block in blocks])
