"""Libraries with the same tracks and vectors as one that is there, and captions by people of some tracks only."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from antiphon.evaluate.folds.dealing import chosen_for_val, deal
from antiphon.library.captions import MADE_FILE
from antiphon.library.tracks import Caption, Library, save_library


class Folds:
    """Grouped folds of a library whose tracks people have described.

    Parameters
    ----------
    library : ingested and embedded, its made captions included.
    folds : how many.
    seed : of the folds, of val, and of whose captions are shown.
    """

    def __init__(self, library: Library, *, folds: int = 5, seed: int = 0) -> None:
        self.library, self._seed = library, seed
        self.track_ids = library.column("track_id")
        self._groups = library.group_numbers(self.track_ids)
        self._sizes = np.bincount(self._groups)
        self._fold = deal(self._sizes, folds, seed=seed)
        human = library.caption_table.filter([kind == "human" for kind in library.caption_column("kind")])
        self.captions = [Caption(**row) for row in human.to_pylist()]

    def splits(self, fold: int) -> list[str]:
        """Split of each track: the fold is test."""
        val = chosen_for_val(self._sizes, self._fold, fold, seed=self._seed)
        of_group = np.where(self._fold == fold, "test", np.where(val, "val", "train"))
        return [str(split) for split in of_group[self._groups]]

    def shown(self, fold: int, number: int | None) -> set[str]:
        """Tracks outside the fold whose captions by people are there: all, or a number drawn at random."""
        outside = {t for t, split in zip(self.track_ids, self.splits(fold), strict=True) if split != "test"}
        described = sorted({caption.track_id for caption in self.captions} & outside)
        drawn = np.random.default_rng([self._seed, 2, fold]).permutation(len(described))[:number]
        return {described[i] for i in drawn}

    def tested(self, fold: int) -> list[Caption]:
        """Captions by people of the fold: the queries."""
        ids = {t for t, split in zip(self.track_ids, self.splits(fold), strict=True) if split == "test"}
        return [caption for caption in self.captions if caption.track_id in ids]

    def write(self, into: Path, fold: int, shown: Collection[str], *, queries: bool = True) -> Path:
        """A library with one fold as test; without ``queries`` nobody described a track of it."""
        splits = self.splits(fold)
        tracks = [replace(self.library.track(t), split=split) for t, split in zip(self.track_ids, splits, strict=True)]
        asked = {caption.track_id for caption in self.tested(fold)} if queries else set()
        captions = [caption for caption in self.captions if caption.track_id in asked | set(shown)]
        save_library(into, tracks, captions, {key: self.library.meta[key] for key in ("audio_root",)})
        if (self.library.root / MADE_FILE).exists():
            shutil.copy(self.library.root / MADE_FILE, into / MADE_FILE)
        (into / "embeddings").symlink_to(self.library.root.resolve() / "embeddings")
        return into
