"""A library as a map: each track a point, near those that sound like it.

Laid out so that neighbours stay neighbours (:mod:`antiphon.search.server.opened.layout`), each axis stretched by rank
halfway towards an even spread, so that a few odd tracks do not press all others into one corner. Kept as
``index/map.npz`` beside what it was made from.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError
from antiphon.library.commands import command
from antiphon.library.files import write_atomically
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors
from antiphon.search.server.opened.layout import laid_out
from antiphon.search.server.opened.space import Space
from antiphon.search.zero_shot.track_rows import rows_of

Float32 = NDArray[np.float32]
NAME = "map.npz"
LAYOUT = 2
"""The number of the way in which points are laid out: those of another are made anew."""
EVEN = 0.5
"""How far each axis is stretched towards an even spread."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Map:
    """Points of tracks.

    Parameters
    ----------
    track_ids : (n,).
    points : (n, 2) float32, each number −1 … 1.
    titles, artists : (n,), "" where there is none.
    """

    track_ids: list[str]
    points: Float32
    titles: list[str]
    artists: list[str]


def map_of(library: Library, space: Space | None) -> Map:
    """The map of a library, read where it was made before from the same vectors.

    Raises
    ------
    EmbeddingError : no track has a vector yet.
    """
    made_from, ids, vectors = _material(library, space)
    path = library.root / "index" / NAME
    kept = _read(path, made_from, len(ids))
    if kept is None:
        kept = _points(vectors)
        with suppress(OSError):  # a disk that cannot be written: it is made again
            write_atomically(path, lambda stream: np.savez(stream, made_from=np.array(made_from), points=kept))
    rows = pa.array([library.row_of_track.get(track_id) for track_id in ids], pa.int64())
    named = library.track_table.select(["title", "artist"]).take(rows)
    titles, artists = ([text or "" for text in column.to_pylist()] for column in named.columns)
    return Map(track_ids=ids, points=kept, titles=titles, artists=artists)


def _material(library: Library, space: Space | None) -> tuple[str, list[str], NDArray[np.floating]]:
    """What says whether the map is current, the tracks, and their vectors: the shared space's, else the first heard."""
    if space is not None:
        name = str(space.index.about.get("vectors") or f"{space.name} {len(space.index)}")
        return f"{LAYOUT} {name}", list(space.index.track_ids), space.index.vectors[:, : space.dim]
    for encoder in library.embedded("audio"):
        stored = open_embedding(library, "audio", encoder)
        ids, _ = rows_of(library, stored)
        if ids:
            return f"{LAYOUT} {encoder} {_fingerprint(stored, ids)}", ids, _standard(stored.take(ids))
    raise EmbeddingError("No track has been heard yet, so there is no map.", fix=command("embed", library.root))


def _fingerprint(stored: Vectors, ids: list[str]) -> str:
    """Of tracks and their vectors: another one where a track has another vector, too."""
    vectors = (f"{track_id}\0{stored.checksums.get(track_id, '')}" for track_id in ids)
    return hashlib.sha256("\1".join(vectors).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _standard(vectors: NDArray[np.floating]) -> Float32:
    found = np.asarray(vectors, np.float32)
    found = found - found.mean(axis=0)
    return np.asarray(np.clip(found / np.maximum(found.std(axis=0), 1e-6), -4, 4), np.float32)


def _points(vectors: NDArray[np.floating]) -> Float32:
    """(n, 2) of (n, d)."""
    plane = laid_out(vectors)
    return np.stack([_spread(column) for column in plane.T], axis=1)


def _spread(values: Float32) -> Float32:
    """Numbers as −1 … 1: halfway between where they lie and where their rank lies."""
    n = len(values)
    reach = float(np.abs(values).max(initial=0.0))
    if n < 2 or reach < 1e-9:
        return np.zeros(n, np.float32)
    ranks = np.empty(n)
    ranks[np.argsort(values, kind="stable")] = np.linspace(-1, 1, n)
    return ((1 - EVEN) * values / reach + EVEN * ranks).astype(np.float32)


def _read(path: Path, made_from: str, n: int) -> Float32 | None:
    try:
        with reading(path), np.load(path, allow_pickle=False) as kept:
            if str(kept["made_from"]) == made_from and kept["points"].shape == (n, 2):
                points: Float32 = np.asarray(kept["points"], np.float32)
                return points if np.isfinite(points).all() else None
    except EmbeddingError:
        return None
    return None
