"""Retrieval without captions by people, with few and with all of them, judged by those of tracks that were held out.

Each library is one that was ingested and embedded with the default encoders (musicnn among them), and whose captions
people wrote: they are hidden, and asked as queries of five grouped folds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.evaluate.benchmark import evaluate
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import chance
from antiphon.search.searcher import Searcher
from antiphon.search.zero_shot.mixture import mix
from antiphon.search.zero_shot.ways.find import find_ways
from antiphon.search.zero_shot.ways.made_training import MadeTraining
from antiphon.search.zero_shot.ways.way import Way
from antiphon.texts import normalised_text
from benchmarks.any_library.folds import Folds

SIGNAL = ("timbre", "harmony", "rhythm")
T_95 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 10: 2.262}
"""Student's t for the mean of so many folds."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One way to train: what is there, and what is learned from."""

    name: str
    shown: int | None
    kinds: str | None
    encoders: tuple[str, ...] = (*SIGNAL, "musicnn")


CONDITIONS = (
    Condition(name="machine captions, signal encoders", shown=0, kinds="machine", encoders=SIGNAL),
    Condition(name="machine captions", shown=0, kinds="machine"),
    Condition(name="tag captions", shown=0, kinds="tags"),
    Condition(name="20 by people, alone", shown=20, kinds="human"),
    Condition(name="20 by people", shown=20, kinds=None),
    Condition(name="50 by people", shown=50, kinds=None),
    Condition(name="100 by people, signal encoders, alone", shown=100, kinds="human", encoders=SIGNAL),
    Condition(name="100 by people", shown=100, kinds=None),
    Condition(name="all by people, signal encoders, alone", shown=None, kinds="human", encoders=SIGNAL),
    Condition(name="all by people, alone", shown=None, kinds="human"),
    Condition(name="all by people", shown=None, kinds=None),
)


def main() -> None:
    """Print a table a library, and keep the figures where ``--out`` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("libraries", nargs="*", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", help="names of conditions of training; none for search alone")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if not asked.libraries:
        print("Name libraries that were embedded and that people described; without one there is nothing to measure.")
        return
    found = {
        path.name: measured(Folds(Library(path), folds=asked.folds, seed=asked.seed), asked) for path in asked.libraries
    }
    if asked.out:
        asked.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def measured(folds: Folds, asked: argparse.Namespace) -> dict[str, dict[str, list[float]]]:
    """Condition → MRR of each fold, text to audio and the mean of both directions."""
    print(f"\n{folds.library.root.name}: {len(folds.track_ids)} tracks, {len(folds.captions)} captions by people")
    found: dict[str, dict[str, list[float]]] = {}
    for name, figures in _rows(folds, asked):
        found[name] = figures
        print(f"  {name:<40}" + "".join(f"  {key} {_interval(values)}" for key, values in figures.items()), flush=True)
    return found


def _rows(folds: Folds, asked: argparse.Namespace) -> Iterator[tuple[str, dict[str, list[float]]]]:
    wanted = [each for each in CONDITIONS if asked.only is None or each.name in asked.only]
    if not asked.only:  # named ones alone, or search alone
        yield "chance", {"t2a": [_by_chance(folds, fold) for fold in range(asked.folds)]}
        yield "search before training", {"t2a": [searched(folds, fold) for fold in range(asked.folds)]}
        both = [searched(folds, fold, trained=True) for fold in range(asked.folds)]
        yield "search, trained on machine captions", {"t2a": both}
    there = set(folds.library.caption_column("kind"))
    for condition in wanted:
        if condition.kinds is None or condition.kinds in there:
            each = [trained(folds, fold, condition) for fold in range(asked.folds)]
            yield condition.name, {key: [figures[key] for figures in each] for key in ("t2a", "mean")}


def trained(folds: Folds, fold: int, condition: Condition) -> dict[str, float]:
    """MRR of the default training, judged by people's captions of the fold."""
    with tempfile.TemporaryDirectory() as folder:
        root = folds.write(Path(folder) / "library", fold, folds.shown(fold, condition.shown))
        config = TrainConfig(caption_kinds=condition.kinds)
        result = train(root, "+".join(condition.encoders), name="benchmark", config=config)
        figures = evaluate(root, result.checkpoints["best_r1"], "test", baselines=False, resamples=0)
    t2a, a2t = (float(figures[way]["MRR"]) for way in ("t2a", "a2t"))
    return {"t2a": t2a, "mean": (t2a + a2t) / 2}


def searched(folds: Folds, fold: int, *, trained: bool = False) -> float:
    """MRR of people's captions among the fold's tracks, as search answers where nobody described a track.

    Parameters
    ----------
    trained : after a training on machine captions, else before any. Ties count against the query.
    """
    rows = _rows_of(folds, fold)
    ids = list(folds.track_ids[rows])
    found = []
    with tempfile.TemporaryDirectory() as folder:
        root = folds.write(Path(folder) / "library", fold, (), queries=False)
        ways: list[Way] = list(find_ways(Library(root)).open)
        if trained:
            config = TrainConfig(caption_kinds="machine")
            result = train(root, "+".join((*SIGNAL, "musicnn")), name="benchmark", config=config)
            ways.append(MadeTraining(Searcher(root, result.checkpoints["best_r1"])))
        asked = folds.tested(fold)
        for caption in asked:
            scores = np.nan_to_num(mix(ways, caption.text).scores[rows], nan=-np.inf)
            same = normalised_text(caption.text)
            right = [ids.index(other.track_id) for other in asked if normalised_text(other.text) == same]
            found.append(1 / (1 + int((np.delete(scores, right) >= scores[right].max()).sum())))
    return float(np.mean(found))


def _rows_of(folds: Folds, fold: int) -> np.ndarray:
    return np.flatnonzero(np.array(folds.splits(fold)) == "test")


def _by_chance(folds: Folds, fold: int) -> float:
    texts = [normalised_text(caption.text) for caption in folds.tested(fold)]
    right = np.array([texts.count(text) for text in texts])
    return chance(len(_rows_of(folds, fold)), right)["MRR"]


def _interval(values: list[float]) -> str:
    mean = np.mean(values)
    if len(values) not in T_95:
        return f"{mean:.3f}"
    half = T_95[len(values)] * np.std(values, ddof=1) / len(values) ** 0.5
    return f"{mean:.3f} ± {half:.3f}"


if __name__ == "__main__":
    main()
