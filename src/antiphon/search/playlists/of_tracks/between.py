"""A path from one track to another: like the first at its beginning, like the last at its end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError
from antiphon.search.hits import Hits, top
from antiphon.search.playlists.path import Terrain, find_path
from antiphon.search.playlists.sources.source import Source
from antiphon.texts import normalised_text

Float32 = NDArray[np.float32]
NEAR = 2000
"""Tracks, those that are most like one of the two, that a path is looked for among."""


def path_between(source: Source, start: int, end: int, n: int) -> Hits:
    """n tracks, the two among them; fewer where the library has fewer. Scores: how like the first each is.

    Parameters
    ----------
    start, end : places of the source.

    Raises
    ------
    ConfigError : both are one track, or ``n`` is below 2.
    """
    if start == end:
        raise ConfigError("A path goes from one track to another one.", fix="Name two different tracks.")
    if n < 2:
        raise ConfigError(f"A path of {n} tracks has no beginning and end.", fix="k=2 or more")
    like = np.stack([source.scores_like(start), source.scores_like(end)]).astype(np.float32)
    free = like.copy()
    free[:, [start, end]] = -np.inf
    near = _near(free)
    between = [int(near[place]) for place in _between(source, free[:, near], near, start, end, n - 2)]
    chosen = [start, *between, end]
    scores = np.nan_to_num(like[0, chosen], neginf=0.0)
    scores[0] = max(float(scores[0]), float(scores.max()))
    return Hits(source.hits(chosen, np.asarray(scores, np.float32)))


def _near(free: Float32) -> NDArray[np.int64]:
    known = np.flatnonzero(np.isfinite(free).all(axis=0))
    return known[top(free[:, known].max(axis=0), NEAR)]


def _between(source: Source, scores: Float32, near: NDArray[np.int64], start: int, end: int, n: int) -> list[int]:
    """Places, of those near, of the tracks between the two."""
    if n < 1 or not len(near):
        return []
    vectors = source.vectors([*near.tolist(), start, end]).astype(np.float32)
    written = source.column("artist")
    names = [normalised_text(written[place]) for place in near.tolist()]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    artists = np.array([numbers[name] if name else -1 for name in names], np.int64)
    angle = np.pi / 2
    if vectors.shape[1]:
        angle = float(np.arccos(np.clip(vectors[-2] @ vectors[-1], -1, 1)))
    terrain = Terrain(scores=scores, vectors=vectors[:-2], artists=artists, angles=np.array([angle]))
    return find_path(terrain, n)
