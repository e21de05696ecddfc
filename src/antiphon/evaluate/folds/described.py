"""The tracks of a library that take part: those with captions to be judged by, and vectors of both sides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.folds.dealing import Index, chosen_for_val, deal, shown
from antiphon.evaluate.warned import about_captions
from antiphon.library.pairs import judging_kinds, load_pairs
from antiphon.library.tracks import Library

Strings = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class CaptionedLibrary:
    """A library's captioned tracks and their groups.

    Parameters
    ----------
    library : whose.
    track_ids : of the tracks that take part.
    """

    library: Library
    track_ids: frozenset[str]

    @classmethod
    def by(cls, library: Library, audio: str, text: str) -> CaptionedLibrary:
        """Tracks with vectors of these encoders.

        Raises
        ------
        LibraryError : there are none.
        """
        return cls(library, frozenset(load_pairs(library, audio, text, "all", read_audio=False).track_ids))

    @cached_property
    def all_ids(self) -> Strings:
        """(n,) every track of the library."""
        return self.library.column("track_id")

    @cached_property
    def group(self) -> Index:
        """(n,) number of each one's group."""
        return self.library.group_numbers(self.all_ids)

    @cached_property
    def takes_part(self) -> NDArray[np.bool_]:
        """(n,) whether it is among those that count."""
        return np.array([track_id in self.track_ids for track_id in self.all_ids], dtype=np.bool_)

    def sizes(self, among: NDArray[np.bool_] | None = None) -> Index:
        """(g,) tracks of each group that take part, of those ``among`` which we are, None for all."""
        counted = self.takes_part if among is None else self.takes_part & among
        return np.bincount(self.group[counted], minlength=self.group.max() + 1)

    @property
    def n_groups(self) -> int:
        """Groups with a track that takes part."""
        return int(np.count_nonzero(self.sizes()))

    def in_fold(self, k: int, folds: int, seed: int) -> Strings:
        """(n,) split of every track where fold k is the test; groups that nobody described are for training.

        Tracks that take no part are not asked for, even if others of their group are: they have no split there.
        """
        sizes = self.sizes()
        fold = deal(sizes, folds, seed=seed)
        val = chosen_for_val(sizes, fold, k, seed=seed)
        split = np.where(fold == k, "test", np.where(val, "val", "train"))
        split[sizes == 0] = "train"
        found = split.astype(object)[self.group]
        found[(found == "test") & ~self.takes_part] = ""
        return found

    def hidden(self, splits: Strings, share: float, seed: int) -> set[str]:
        """Tracks of train and of val whose captions a share of them leaves out."""
        found: set[str] = set()
        for split in ("train", "val"):
            of_split = splits == split
            seen = shown(self.sizes(of_split), share, seed=seed)[self.group]
            found |= set(self.all_ids[of_split & self.takes_part & ~seen])
        return found

    @property
    def warnings(self) -> list[str]:
        """What is to be said of who wrote the captions that count."""
        columns = (self.library.caption_column(name) for name in ("track_id", "kind"))
        asked = [(track, kind) for track, kind in zip(*columns, strict=True) if track in self.track_ids]
        by_people = {track for track, kind in asked if kind == "human"}
        made = any(kind != "human" and kind in self.kinds for _, kind in asked)
        return about_captions("human" not in self.kinds, len(by_people) if made else 0, len(self.track_ids))

    @cached_property
    def kinds(self) -> Collection[str]:
        """Kinds of the captions that count."""
        return judging_kinds(self.library, "all")
