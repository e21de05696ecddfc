"""Recordings that stand on both sides of a split: the same audio under two ids, by the rules that ``ingest`` has.

``embed`` joins duplicates in a group, so that none is on two sides; of vectors that came another way, or where that was
switched off, nobody has looked yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.layout import Layout
from antiphon.library.leakage.duplicates import find_duplicates

LOOKED_AT = 1500
"""Tracks of either side, evenly spaced, beyond which no more are looked at."""


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """What two sides of a split have in common.

    Parameters
    ----------
    pairs : ids of a held-out track and of a training track that sound the same, each held-out track once.
    held_out, trained : tracks that were looked at.
    """

    pairs: tuple[tuple[str, str], ...]
    held_out: int
    trained: int


def across_splits(
    encoder: str,
    layout: Layout,
    trained: tuple[Sequence[str], NDArray[Any]],
    held_out: tuple[Sequence[str], NDArray[Any]],
) -> Duplicates:
    """Held-out tracks that sound the same as a training track.

    Parameters
    ----------
    encoder, layout : of the vectors.
    trained, held_out : ids and their (n, d) vectors.
    """
    ids = [*trained[0], *held_out[0]]
    joins = find_duplicates({encoder: (ids, np.concatenate([trained[1], held_out[1]]), layout)})
    known = set(trained[0])
    found: dict[str, str] = {}
    for join in joins:
        if (join.a in known) != (join.b in known):
            mine, theirs = (join.a, join.b) if join.a in known else (join.b, join.a)
            found.setdefault(theirs, mine)
    return Duplicates(pairs=tuple(found.items()), held_out=len(held_out[0]), trained=len(trained[0]))
