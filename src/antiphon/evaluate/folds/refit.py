"""One refit of a recipe: on a fold, on a share of the captions, or on both; kept on disk as soon as it is done."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import run_folder
from antiphon.evaluate.baselines import CHOSEN_ON, Effort, all_baselines
from antiphon.evaluate.folds.described import CaptionedLibrary
from antiphon.evaluate.folds.recipe import TrainingRecipe
from antiphon.evaluate.folds.refit_library import write_refit_library
from antiphon.evaluate.review.counted import ranks_with_judgements
from antiphon.evaluate.split_vectors import Splits
from antiphon.library.files import file_hash, read_json, write_json, write_text
from antiphon.library.judgements.file import read_judgements
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import Ranked

FORMAT = 3
TRAINED = "trained"
"""Name of the recipe itself among the systems."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What is refitted.

    Parameters
    ----------
    fold, folds : which of how many, from 0; 0 of 0 for the library's own splits.
    share : percent of the captioned tracks of train and val whose captions are shown.
    seed : of folds and shares.
    """

    fold: int = 0
    folds: int = 0
    share: int = 100
    seed: int = 0

    @property
    def name(self) -> str:
        """Of its files."""
        where = f"fold{self.fold + 1}of{self.folds}" if self.folds else "own-splits"
        return f"{where}_share{self.share}_seed{self.seed}"

    def __str__(self) -> str:
        where = f"fold {self.fold + 1} of {self.folds}" if self.folds else "the library's own splits"
        return where if self.share == 100 else f"{where}, {self.share}% of the captions"


@dataclass(frozen=True, kw_only=True)
class Refit:
    """What a refit came to.

    Parameters
    ----------
    fingerprint : of everything that decides it.
    cell : which one it is.
    n_train, n_val : captioned tracks that it was trained on, and that chose its epoch.
    track_ids, caption_ids : of the queries of a2t and of t2a.
    track_of_caption : place of each caption's track.
    ranks : system → direction → rank of each query.
    judged_ranks : the same with what people judged; empty where nobody judged anything.
    notes : why a baseline is not among the systems.
    judged : verdict → judged pairs of a query and a candidate of this fold.
    seconds : that it took.
    """

    fingerprint: str
    cell: Cell
    n_train: int
    n_val: int
    track_ids: list[str]
    caption_ids: list[str]
    track_of_caption: list[int]
    ranks: dict[str, dict[str, list[int]]]
    judged_ranks: dict[str, dict[str, list[int]]]
    notes: list[str]
    judged: dict[str, int]
    seconds: float

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Refit:
        """Inverse of ``asdict``."""
        return cls(**{**data, "cell": Cell(**data["cell"])})


RESULT = "folds.json"
"""In the folder of refits: what the last folds of the training came to."""


def refits_folder(root: Path, name: str) -> Path:
    """Where the refits of a training are kept."""
    return run_folder(root, name) / "refits"


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """A refit that is to be done.

    Parameters
    ----------
    cell : which one.
    splits : (n,) of every track of the library.
    hidden : tracks whose captions are left out.
    fingerprint : of everything that decides what comes of it.
    """

    cell: Cell
    splits: NDArray[np.object_]
    hidden: frozenset[str]
    fingerprint: str

    @classmethod
    def of_cell(cls, described: CaptionedLibrary, recipe: TrainingRecipe, cell: Cell) -> Job:
        """What a cell means in a library."""
        library, hidden = described.library, frozenset[str]()
        splits = described.in_fold(cell.fold, cell.folds, cell.seed) if cell.folds else library.column("split")
        if cell.share < 100:
            hidden = frozenset(described.hidden(splits, cell.share / 100, cell.seed + cell.fold))
        made = _fingerprint(described, recipe, splits, hidden)
        return cls(cell=cell, splits=splits, hidden=hidden, fingerprint=made)

    def tracks(self, described: CaptionedLibrary, split: str) -> int:
        """Captioned tracks of a split that are shown."""
        seen = described.takes_part & ~np.isin(described.all_ids, sorted(self.hidden))
        return int(np.count_nonzero(seen & (self.splits == split)))


def kept_refit(folder: Path, job: Job) -> Refit | None:
    """A refit that is done; None where there is none, it is of something else, or its file is damaged."""
    try:
        data = read_json(folder / f"{job.cell.name}.json")
        found = Refit.from_dict(data["refit"]) if data["format"] == FORMAT else None
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if found is not None and found.fingerprint == job.fingerprint else None


def refit(described: CaptionedLibrary, recipe: TrainingRecipe, job: Job) -> Refit:
    """Train a recipe again, ask the test split, and keep what came of it.

    Raises
    ------
    AntiphonError : the recipe cannot be trained on so little, or its vectors are not there.
    """
    started, cell = time.perf_counter(), job.cell
    folder = refits_folder(described.library.root, recipe.name)
    scratch = folder / cell.name
    _begin(scratch, job.fingerprint)
    write_refit_library(described.library, scratch, job.splits, hidden=job.hidden, kinds=described.kinds)
    checkpoint = recipe.make(scratch)
    found = Refit(
        fingerprint=job.fingerprint,
        cell=cell,
        n_train=job.tracks(described, "train"),
        n_val=job.tracks(described, "val"),
        **_judged(scratch, checkpoint, baselines=cell.share == 100),
        seconds=time.perf_counter() - started,
    )
    write_json(folder / f"{cell.name}.json", {"format": FORMAT, "refit": asdict(found)})
    shutil.rmtree(scratch)
    return found


def _begin(scratch: Path, fingerprint: str) -> None:
    """An empty folder, or the one that a killed run of the very same refit left."""
    mark = scratch / "fingerprint.txt"
    if scratch.exists() and not (mark.exists() and mark.read_text(encoding="utf-8") == fingerprint):
        shutil.rmtree(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    write_text(mark, fingerprint)


def _judged(root: Path, checkpoint: Path, *, baselines: bool) -> dict[str, Any]:
    """What the test split of a refit's library shows."""
    splits, bundle = Splits(root), Bundle.load(checkpoint)
    vectors = splits.vectors(bundle, "test")
    told = read_judgements(root)
    judged = vectors.pairs.judged(told.latest.values()) if len(told) else None
    systems: dict[str, Ranked] = {TRAINED: vectors.ranked}
    with_judgements = {} if judged is None else {TRAINED: ranks_with_judgements(vectors, judged)}
    notes: list[str] = []
    if baselines:
        found, notes = all_baselines(splits, bundle, vectors, effort=Effort(chosen_on=CHOSEN_ON, judged=judged))
        systems |= {each.name: each.ranked for each in found}
        with_judgements |= {each.name: each.judged for each in found if each.judged is not None}
    return {
        "track_ids": vectors.pairs.track_ids.tolist(),
        "caption_ids": vectors.pairs.caption_ids.tolist(),
        "track_of_caption": vectors.pairs.track_of_caption.tolist(),
        "ranks": {name: _plain(ranked) for name, ranked in systems.items()},
        "judged_ranks": {name: _plain(ranked) for name, ranked in with_judgements.items()},
        "notes": notes,
        "judged": {} if judged is None else judged.counts(),
    }


def _plain(ranked: Ranked) -> dict[str, list[int]]:
    return {"t2a": np.asarray(ranked["t2a"]).tolist(), "a2t": np.asarray(ranked["a2t"]).tolist()}


def _fingerprint(
    described: CaptionedLibrary, recipe: TrainingRecipe, splits: NDArray[np.object_], hidden: frozenset[str]
) -> str:
    library = described.library
    about = {
        "recipe": recipe.identity(),
        "tracks": sorted(zip(described.all_ids.tolist(), splits.tolist(), described.group.tolist(), strict=True)),
        "hidden": sorted(hidden),
        "captions": sorted(zip(*(library.caption_column(c).tolist() for c in ("caption_id", "text")), strict=True)),
        "vectors": _vectors(library, recipe),
        "judgements": _content_of(library.root / "judgements.jsonl"),
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _vectors(library: Library, recipe: TrainingRecipe) -> list[str]:
    """What the vectors are that it reads: other numbers make another refit, and a copy of the library the same."""
    names = [
        (kind, name) for kind, joined in (("audio", recipe.encoder), ("text", recipe.text)) for name in _named(joined)
    ]
    return [_content_of(library.root / "embeddings" / kind / name / "vectors.npy") for kind, name in names]


def _named(joined: str) -> list[str]:
    return sorted({name for part in joined.split(",") for name in part.split("+")})


def _content_of(path: Path) -> str:
    """sha256 of a file, "" where there is none; read again only once it has changed."""
    if not path.exists():
        return ""
    about = path.stat()
    return _hash_of(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=64)
def _hash_of(path: Path, size: int, changed: int) -> str:
    del size, changed  # of the file that was read
    return file_hash(path)
