"""The same audio under two ids, found from stored vectors alone.

Two rules, both made to be right rather than complete (see ``docs/decisions/copies.md``):

*the same vector*, for every encoder, known or not: see :mod:`antiphon.library.leakage.same_audio.equal_vectors`. It
finds re-encoded files. Where the signal was measured too, it must not contradict
(:mod:`antiphon.library.leakage.same_audio.contradiction`).

*the same music, moved*, where the vectors of ``timbre``, ``harmony`` and ``rhythm`` are there: see
:mod:`antiphon.library.leakage.same_audio.transposed`. It finds cuts, gain changes, transpositions and changes of speed.

Memory is bounded: vectors are read and distances made block by block, and a track keeps its six nearest. Up to some ten
thousand tracks all pairs are compared; beyond, a forest of random splits finds the candidates, in time n log n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from antiphon.layout import Layout
from antiphon.library.leakage.groups import Join
from antiphon.library.leakage.same_audio import forest
from antiphon.library.leakage.same_audio.contradiction import contradicted
from antiphon.library.leakage.same_audio.equal_vectors import CLOSE, find_equal
from antiphon.library.leakage.same_audio.neighbours import Step
from antiphon.library.leakage.same_audio.transposed import BANDS, BASS, LAG, MOVES, TREES, describe, find_moved
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import SideBySide
from antiphon.library.vectors.store import open_vectors

Source = tuple[list[str], Any, Layout]
OnProgress = Callable[[int, int], None]

SIGNAL = ("timbre", "harmony", "rhythm")


def _signal_encoders(vectors: Mapping[str, Source]) -> list[str]:
    """Which of the three are there with the layout that this module knows."""
    least = {"timbre": BANDS.stop, "harmony": BASS.stop, "rhythm": LAG.stop}
    layouts = {name: vectors[name][2] for name in SIGNAL if name in vectors}
    return [n for n, at in layouts.items() if at.layers == 1 and at.statistics == 3 and at.dims >= least[n]]


def _together(vectors: Mapping[str, Source], names: list[str]) -> tuple[list[str], dict[str, Any]]:
    """Ids that all of these encoders know, and their rows, read when they are asked for."""
    rows = {name: {item: i for i, item in enumerate(vectors[name][0])} for name in names}
    ids = [item for item in vectors[names[0]][0] if all(item in rows[name] for name in names)]
    at = {name: np.array([rows[name][item] for item in ids], dtype=np.int64) for name in names}
    return ids, {name: SideBySide([vectors[name][1]], at[name][:, None]) for name in names}


def find_duplicates(vectors: Mapping[str, Source], on_progress: OnProgress | None = None) -> list[Join]:
    """Pairs of tracks whose audio is the same or nearly.

    Parameters
    ----------
    vectors : encoder → (ids, (n, d) matrix, layout). Those of ``timbre``, ``harmony`` and ``rhythm`` that are there
        are taken as one encoder, and with all three moved copies are found; any other is searched by itself.
    on_progress : told of steps done and of steps in all, where a library is large.

    Returns
    -------
    Joins sorted by ids, a < b, each pair once with its first evidence.
    """
    joins: dict[tuple[str, str], Join] = {}

    def add(a: str, b: str, reason: str, evidence: str, source: str) -> None:
        low, high = sorted((a, b))
        if low != high:
            joins.setdefault((low, high), Join(a=low, b=high, reason=reason, evidence=evidence, source=source))

    signal = _signal_encoders(vectors)
    joint = signal if len(signal) > 1 else []  # one alone hears too little: two steady tones have the same rhythm
    views = {name: (name, ids, matrix) for name, (ids, matrix, _) in vectors.items() if name not in joint}
    if joint:
        ids, rows = _together(vectors, joint)
        title = ", ".join(joint[:-1]) + f" and {joint[-1]}"
        views["+".join(joint)] = (title, ids, _beside([rows[n] for n in joint]))
    heard = {name: vectors[name][:2] for name in signal}
    step = _counted(on_progress, len(views), moved=len(joint) == len(SIGNAL))
    if len(joint) == len(SIGNAL):
        match = find_moved(rows, step=step)
        for at, (a, b) in enumerate(match.pairs.tolist()):
            add(ids[a], ids[b], *describe(match, at), "+".join(joint))
    for source, (title, ids, matrix) in views.items():
        pairs, shares = find_equal(matrix, step=step)
        named = [(ids[a], ids[b]) for a, b in pairs.tolist()]
        unlike = contradicted(named, {} if source in ("+".join(joint), *signal) else heard)
        for (a, b), share in zip(pairs[~unlike].tolist(), shares[~unlike].tolist(), strict=True):
            evidence = f"distance in {title} {share:.4f} of a typical pair's (limit {CLOSE})"
            add(ids[a], ids[b], "same audio", evidence, source)
    return [joins[pair] for pair in sorted(joins)]


def _beside(matrices: Sequence[Any]) -> SideBySide:
    number = np.arange(len(matrices[0]))
    return SideBySide(matrices, np.stack([number] * len(matrices), axis=1))


def _counted(on_progress: OnProgress | None, views: int, *, moved: bool) -> Step | None:
    """Counts the trees of all forests."""
    if on_progress is None:
        return None
    total = views * forest.TREES + (MOVES * TREES if moved else 0)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        on_progress(done, total)

    return step


def find_duplicates_in(library: Library, on_progress: OnProgress | None = None) -> list[Join]:
    """:func:`find_duplicates` over all audio vectors that a library's tracks have."""
    here = set(library.column("track_id").tolist())
    sources: dict[str, Source] = {}
    for name in library.embedded("audio"):
        stored = open_vectors(library.embedding_folder("audio", name))
        kept = [at for at, item in enumerate(stored.ids.tolist()) if item in here]
        rows = stored.rows[kept]
        whole = len(rows) == len(stored.matrix) and bool((rows == np.arange(len(rows))).all())
        matrix = stored.matrix if whole else SideBySide([stored.matrix], rows[:, None])
        sources[name] = (stored.ids[kept].tolist(), matrix, stored.provenance.layout)
    return find_duplicates(sources, on_progress)
