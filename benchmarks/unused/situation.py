"""What an idea may see: captioned tracks to fit on, tracks of which only the sound is known, and a held-out fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality.__main__ import folds, load
from benchmarks.quality.captioned import Captioned
from benchmarks.sizes.made import make

MADE = "made:"
"""A set named ``made:KIND:TRACKS`` is made; any other is ``LIBRARY:ENCODER+ENCODER``."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One fold.

    Parameters
    ----------
    train : tracks whose captions are known.
    val, test : held out, by whole groups.
    spare : (s, d) sound of training tracks whose captions are hidden; s may be 0.
    seed : of what an idea draws.
    """

    train: Captioned
    val: Captioned
    test: Captioned
    spare: np.ndarray
    seed: int = 0

    @property
    def heard(self) -> np.ndarray:
        """Sound of tracks without captions, the test fold's left out."""
        return np.concatenate([self.spare, self.val.audio])

    @property
    def heard_in_search(self) -> np.ndarray:
        """The same with the test fold's sound: what a library knows of the tracks that it is asked for."""
        return np.concatenate([self.heard, self.test.audio])

    @property
    def sources(self) -> list[int]:
        """Numbers of each encoder, where several stand side by side."""
        return [source.size for source in self.train.layout.sources]

    @property
    def with_val(self) -> Captioned:
        """Train and val as one."""
        return self.train.joined(self.val)


def whole_set(data: Path, name: str, assignment: int) -> Captioned:
    """A set by name; made ones differ with the assignment."""
    if not name.startswith(MADE):
        return load(data, name)
    kind, tracks = name.removeprefix(MADE).split(":")
    return make(kind, int(tracks), seed=assignment)


def situations(whole: Captioned, *, assignment: int, captioned: float) -> Iterator[Situation]:
    """Five grouped folds, of whose training tracks a share of whole groups keeps its captions."""
    for number, (train, val, test) in enumerate(folds(whole, seed=assignment)):
        names = np.random.default_rng([assignment, number, 1]).permutation(np.unique(train.groups))
        sizes = np.array([np.count_nonzero(train.groups == name) for name in names])
        kept = names[np.cumsum(sizes) - sizes < captioned * len(train.groups)]
        mask = np.isin(train.groups, kept)
        yield Situation(train=train.only(mask), val=val, test=test, spare=train.audio[~mask], seed=assignment)
