"""What an idea may see: captioned tracks to fit on, tracks of which only the sound is known, and a held-out fold."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.quality.__main__ import folds, load
from benchmarks.quality.captioned import Captioned
from benchmarks.sizes.made import make
from benchmarks.unused.gains import Ranked

Of = TypeVar("Of", bound=Hashable)

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


def judged_folds(
    name: str,
    assignment: int,
    asked: argparse.Namespace,
    judge: Callable[[Situation, dict[Of, Ranked]], None],
    *,
    kept_as: str = "",
    captioned: float = 1.0,
) -> Iterator[dict[Of, Ranked]]:
    """What was judged of each fold of one assignment, kept in the cache, so that a run that is stopped goes on.

    Parameters
    ----------
    asked : the command line: ``data``, ``folds`` (how many of the five), ``cache`` (a folder, or None).
    judge : adds to what a fold has in the cache what is missing there.
    kept_as : before the names of the cache's files; ``captioned`` as for :func:`situations`.
    """
    each = situations(whole_set(asked.data, name, assignment), assignment=assignment, captioned=captioned)
    for number, given in enumerate(islice(each, asked.folds)):
        file = f"{kept_as}{name}_{assignment}_{number}_{captioned:g}.pickle".replace(":", "_")
        kept = None if asked.cache is None else asked.cache / file
        found = pickle.loads(kept.read_bytes()) if kept is not None and kept.exists() else {}
        judge(given, found)
        if kept is not None:
            kept.write_bytes(pickle.dumps(found))
        yield found
