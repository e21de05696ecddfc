"""The same audio under two ids, found from stored vectors alone.

Two rules, both made to be right rather than complete (see ``docs/decisions/copies.md``):

*the same vector*, for every encoder, known or not: two standardised vectors that are far closer to one another than the
library's tracks are in general, and than either is to its other neighbours. It finds re-encoded files.

*the same music, moved*, where the vectors of ``timbre``, ``harmony`` and ``rhythm`` are there: see
:mod:`antiphon.library.leakage.transposed`. It finds cuts, gain changes, transpositions and changes of speed.

Memory is bounded: vectors are read and distances made block by block, and a track keeps its six nearest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.layout import Layout
from antiphon.library.leakage.groups import Join
from antiphon.library.leakage.neighbours import NEIGHBOURS, Float32, Pairs, nearest, rms
from antiphon.library.leakage.transposed import BANDS, BASS, LAG, describe, find_moved
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors

Source = tuple[list[str], NDArray[Any], Layout]

CLOSE, APART, EQUAL = 0.12, 0.35, 2e-3
"""Most that a pair's distance may be of the library's typical one and of either's own sixth nearest; and, where a
library is too small to have such, of the vectors' length."""
SMALL, SKETCH, BLOCK_NUMBERS = 12, 256, 2**23
SIGNAL = ("timbre", "harmony", "rhythm")


def _sketch(matrix: NDArray[Any]) -> Float32:
    """Standardised vectors, (n, ≤ SKETCH) float32; long ones through a fixed random projection that keeps distances.

    Johnson & Lindenstrauss 1984. The matrix is read block by block, so it may be memory-mapped.
    """
    step = max(1, BLOCK_NUMBERS // matrix.shape[1])
    blocks = [slice(start, start + step) for start in range(0, len(matrix), step)]
    mean = sum(np.asarray(matrix[b], np.float64).sum(axis=0) for b in blocks) / len(matrix)
    variance = sum(((np.asarray(matrix[b], np.float64) - mean) ** 2).sum(axis=0) for b in blocks) / len(matrix)
    scale = np.where(variance > 0, 1 / np.sqrt(np.where(variance > 0, variance, 1)), 0).astype(np.float32)
    size = matrix.shape[1]
    project: Float32 | None = None
    if size > SKETCH:
        project = np.random.default_rng(0).standard_normal((size, SKETCH), dtype=np.float32)
    rows = []
    for block in blocks:
        scaled = np.clip((np.asarray(matrix[block], np.float32) - mean.astype(np.float32)) * scale, -5, 5)
        rows.append(scaled if project is None else scaled @ project / np.float32(np.sqrt(SKETCH)))
    return np.concatenate(rows)


def find_equal(matrix: NDArray[Any]) -> tuple[Pairs, Float32]:
    """The same vector, nearly: pairs far closer than the library's tracks are, and than their own neighbours.

    Parameters
    ----------
    matrix : (n, d), of any encoder.

    Returns
    -------
    (m, 2) rows, first < second, and the distance of each pair as a share of the library's typical one.
    """
    if len(matrix) < 2:
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    if len(matrix) < SMALL:
        return _equal_in_few(np.asarray(matrix, np.float32))
    sketch = _sketch(matrix)
    step = np.random.default_rng(0).permutation(len(sketch))
    typical = float(np.median(rms(sketch[step] - sketch[np.roll(step, 1)])))
    if typical == 0:  # every track has the same vector: a broken encoder, no evidence
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    pairs, distances = nearest(sketch, sketch, typical)
    last = np.full(len(sketch), typical, dtype=np.float32)
    order = np.argsort(distances)
    counts = np.bincount(pairs[:, 0], minlength=len(sketch))
    farthest = np.zeros(len(sketch), dtype=np.float32)
    farthest[pairs[order, 0]] = distances[order]
    last[counts >= NEIGHBOURS] = farthest[counts >= NEIGHBOURS]
    limit = np.minimum(CLOSE * typical, APART * np.minimum(last[pairs[:, 0]], last[pairs[:, 1]]))
    near = distances <= limit
    unique, at = np.unique(np.sort(pairs[near], axis=1), axis=0, return_index=True)
    return unique, distances[near][at] / np.float32(typical)


def _equal_in_few(matrix: Float32) -> tuple[Pairs, Float32]:
    """A library too small for a background: vectors that differ by rounding only."""
    first, second = np.triu_indices(len(matrix), 1)
    length = np.linalg.norm(matrix[first], axis=1) + np.linalg.norm(matrix[second], axis=1)
    share = 2 * np.linalg.norm(matrix[first] - matrix[second], axis=1) / np.maximum(length, 1e-12)
    near = (share <= EQUAL) & (length > 0)
    return np.stack([first, second], axis=1)[near], share[near].astype(np.float32)


def _signal_encoders(vectors: Mapping[str, Source]) -> list[str]:
    """Which of the three are there with the layout that this module knows."""
    least = {"timbre": BANDS.stop, "harmony": BASS.stop, "rhythm": LAG.stop}
    layouts = {name: vectors[name][2] for name in SIGNAL if name in vectors}
    return [n for n, at in layouts.items() if at.layers == 1 and at.statistics == 3 and at.dims >= least[n]]


def _together(vectors: Mapping[str, Source], names: list[str]) -> tuple[list[str], dict[str, NDArray[Any]]]:
    """Ids that all of these encoders know, and their rows."""
    rows = {name: {item: i for i, item in enumerate(vectors[name][0])} for name in names}
    ids = [item for item in vectors[names[0]][0] if all(item in rows[name] for name in names)]
    return ids, {n: np.asarray(vectors[n][1])[[rows[n][item] for item in ids]] for n in names}


def find_copies(vectors: Mapping[str, Source]) -> list[Join]:
    """Pairs of tracks whose audio is the same or nearly.

    Parameters
    ----------
    vectors : encoder → (ids, (n, d) matrix, layout). Those of ``timbre``, ``harmony`` and ``rhythm`` that are there
        are taken as one encoder, and with all three moved copies are found; any other is searched by itself.

    Returns
    -------
    Joins sorted by ids, a < b, each pair once with its first evidence.
    """
    joins: dict[tuple[str, str], Join] = {}

    def add(a: str, b: str, reason: str, evidence: str) -> None:
        low, high = sorted((a, b))
        if low != high:
            joins.setdefault((low, high), Join(a=low, b=high, reason=reason, evidence=evidence))

    signal = _signal_encoders(vectors)
    joint = signal if len(signal) > 1 else []  # one alone hears too little: two steady tones have the same rhythm
    views = {name: (ids, matrix) for name, (ids, matrix, _) in vectors.items() if name not in joint}
    if joint:
        ids, rows = _together(vectors, joint)
        views[", ".join(joint[:-1]) + f" and {joint[-1]}"] = (ids, np.concatenate([rows[n] for n in joint], axis=1))
    if len(joint) == len(SIGNAL):
        frames = {n: np.asarray(m, np.float32).reshape(len(m), vectors[n][2].dims, 3) for n, m in rows.items()}
        match = find_moved(frames)
        for at, (a, b) in enumerate(match.pairs.tolist()):
            add(ids[a], ids[b], *describe(match, at))
    for name, (ids, matrix) in views.items():
        pairs, shares = find_equal(matrix)
        for (a, b), share in zip(pairs.tolist(), shares.tolist(), strict=True):
            add(ids[a], ids[b], "same audio", f"distance in {name} {share:.4f} of a typical pair's (limit {CLOSE})")
    return [joins[pair] for pair in sorted(joins)]


def find_copies_in(library: Library) -> list[Join]:
    """:func:`find_copies` over all audio vectors that a library has."""
    sources: dict[str, Source] = {}
    for name in library.embedded("audio"):
        stored = open_vectors(library.embedding_folder("audio", name))
        whole = len(stored.rows) == len(stored.matrix)
        matrix = stored.matrix if whole else stored.matrix[stored.rows]
        sources[name] = (stored.ids.tolist(), matrix, stored.provenance.layout)
    return find_copies(sources)
