"""MRR of queries in several languages among tracks that were described in English, by text encoder.

Each library is one that was ingested and embedded: with audio encoders, and with the text encoders that are compared.
Of five grouped folds each is left out once; the training sees the English captions of the others. Queries are those
captions of the fold that were translated by hand (:mod:`benchmarks.languages.translations`), each text once; every
track that has the caption is correct.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from antiphon.align.checkpoint.model import Model
from antiphon.align.recipes import recipe
from antiphon.align.train import train
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.metrics.bootstrap import intervals
from antiphon.metrics.correct import Correct
from antiphon.metrics.ranks import ranks
from antiphon.metrics.retrieval import chance
from antiphon.texts import normalised_text
from benchmarks.any_library.folds import Folds
from benchmarks.languages.translations import NAMES, translated

RESAMPLES = 2000


def main() -> None:
    """Print a table a library, and keep the figures where ``--out`` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("libraries", nargs="*", type=Path)
    parser.add_argument("--text", nargs="+", default=["minilm", "mpnet", "use-multilingual"])
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if not asked.libraries:
        print("Name libraries that were embedded; without one there is nothing to measure.")
        return
    found = {path.name: measured(Folds(Library(path), folds=asked.folds), asked) for path in asked.libraries}
    if asked.out:
        asked.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def measured(folds: Folds, asked: argparse.Namespace) -> dict[str, dict[str, dict[str, float | list[float | None]]]]:
    """Text encoder → language → MRR, its 95 % interval over groups, and chance."""
    found: dict[str, dict[str, dict[str, float | list[float | None]]]] = {}
    for text in asked.text:
        parts = [asked_of(folds, fold, text, asked.recipe) for fold in range(asked.folds)]
        groups = np.concatenate([part["groups"] for part in parts])
        by_chance = float(np.mean(np.concatenate([part["chance"] for part in parts])))
        print(f"\n{folds.library.root.name}, {text}: {len(groups)} queries, chance {by_chance:.3f}", flush=True)
        found[text] = {"chance": {"MRR": by_chance, "queries": float(len(groups))}}
        for language, name in NAMES.items():
            placed = np.concatenate([part[language] for part in parts])
            ends = intervals(placed, (groups,), resamples=RESAMPLES)["MRR"]
            found[text][language] = {"MRR": float((1 / placed).mean()), "ci95": list(ends)}
            print(f"  {name:<9} {(1 / placed).mean():.3f}  [{ends[0]:.3f}, {ends[1]:.3f}]", flush=True)
    return found


def asked_of(folds: Folds, fold: int, text: str, recipe_name: str) -> dict[str, np.ndarray]:
    """One fold: rank of each query by language, the group of each, and its MRR by chance."""
    with tempfile.TemporaryDirectory() as folder:
        root = folds.write(Path(folder) / "library", fold, folds.shown(fold, None))
        library = Library(root)
        encoder = "+".join(library.embedded("audio"))
        made = train(root, encoder, text=text, name="benchmark", config=recipe(recipe_name)).checkpoints["best_r1"]
        model = Model.load(made)
        ids = [t for t, split in zip(folds.track_ids, folds.splits(fold), strict=True) if split == "test"]
        items = model.score_audio(open_embedding(library, "audio", encoder).take(ids))
    position = {track_id: at for at, track_id in enumerate(ids)}
    right: dict[str, set[int]] = {}
    for caption in folds.tested(fold):
        right.setdefault(normalised_text(caption.text), set()).add(position[caption.track_id])
    queries = {english: translated(english) for english in right}
    known = [english for english, each in queries.items() if each]
    counts = [len(right[english]) for english in known]
    rows = np.concatenate([sorted(right[english]) for english in known]).astype(np.int64)
    correct = Correct(np.concatenate([[0], np.cumsum(counts)]), rows)
    groups = folds.library.group_numbers(np.array(ids))
    found = {
        language: ranks(model.score_text([queries[english][language] for english in known]), items, correct)
        for language in NAMES
    }
    by_chance = [chance(len(ids), count)["MRR"] for count in counts]
    return {**found, "groups": groups[[min(right[english]) for english in known]], "chance": np.array(by_chance)}


if __name__ == "__main__":
    main()
