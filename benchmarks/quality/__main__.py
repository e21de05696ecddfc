"""Retrieval on held-out groups: what training is worth beside closed forms and beside the usual ways to train heads.

OMP_NUM_THREADS=1 python -m benchmarks.quality [DATA --sets moods:musicnn+yamnet …] [--methods …] [--seeds 3]
                                               [--assignments 3] [--processes 2] [--out FILE]

DATA is a folder of libraries with vectors (``DATA/moods``, …); without one the demo's library is rendered for it, and
results go to ``results/quality_demo.*``. Peers whose package is not in $ANTIPHON_PEERS are left out. A set is
``LIBRARY:ENCODER+ENCODER``, or ``LIBRARY:ENCODER@TEXT+TEXT`` for captions read by others than MiniLM; the vectors of
several encoders stand side by side, and captions are those that people wrote. Five folds over groups: one is the
test, a tenth of all tracks (whole groups of the rest) is val, the others train; every method sees the same vectors, the
same train and the same val tracks, and is judged once on the test fold. Groups are dealt to folds several times
(``--assignments``). What is compared is the mean of both directions' MRR, averaged over seeds, pooled over folds and
assignments; intervals are paired and drawn over groups. Methods are in ``methods.py`` beside this; ``"antiphon
KEY=VALUE …"`` is Antiphon with other settings. Sets and methods that are not asked stay as they are in FILE, with the
date and the numbers of assignments and seeds that they had.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from antiphon.evaluate.folds.dealing import chosen_for_val, deal
from antiphon.library.pairs import open_embedding, text_ids
from antiphon.library.tracks import Library
from antiphon.metrics import significance
from antiphon.metrics.retrieval import rank_both
from benchmarks.quality.captioned import Captioned
from benchmarks.quality.methods import METHODS, named
from benchmarks.quality.peers import peer

FOLDS = 5
REFERENCE = "cca"
RESULTS = Path(__file__).parents[1] / "results"


def load(data: Path, name: str) -> Captioned:
    """A whole library as one; name as on the command line."""
    folder, _, encoders = name.partition(":")
    encoder, _, text = encoders.partition("@")
    library = Library(data / folder)
    sound, words = open_embedding(library, "audio", encoder), open_embedding(library, "text", text or "minilm")
    ids = [t for t in library.column("track_id") if t in sound.row_of]
    kept = by_people(library, ids, words.row_of)
    group = dict(zip(library.column("track_id"), library.column("group"), strict=True))
    return Captioned(
        audio=sound.take(ids),
        text=words.take([caption for _, caption, _ in kept]),
        track_of_caption=np.array([owner for owner, _, _ in kept]),
        text_id=text_ids(np.array([text for _, _, text in kept], dtype=object)),
        groups=np.array([str(group[t] or t) for t in ids]),
        layout=sound.provenance.layout,
        text_layout=words.provenance.layout,
    )


def by_people(library: Library, ids: Sequence[str], known: Container[str]) -> list[tuple[int, str, str]]:
    """(place in ``ids``, caption id, text) of the captions that people wrote and that have a vector, in that order."""
    row = {track_id: i for i, track_id in enumerate(ids)}
    table = library.caption_table.filter([kind == "human" for kind in library.caption_column("kind")])
    captions = zip(*(table[c].to_pylist() for c in ("track_id", "caption_id", "text")), strict=True)
    return sorted(((row[t], c, x) for t, c, x in captions if t in row and c in known), key=lambda k: k[0])


def folds(whole: Captioned, *, seed: int = 0) -> Iterator[tuple[Captioned, Captioned, Captioned]]:
    """Train, val and test of each fold; groups are dealt to folds of nearly equal size, large ones first."""
    names, sizes = np.unique(whole.groups, return_counts=True)
    fold = deal(sizes, FOLDS, seed=seed)
    for k in range(FOLDS):
        val = np.isin(whole.groups, names[chosen_for_val(sizes, fold, k, seed=seed)])
        test = np.isin(whole.groups, names[fold == k])
        yield whole.only(~val & ~test), whole.only(val), whole.only(test)


@dataclass(frozen=True)
class Job:
    """One method on one fold of one set."""

    data: Path
    name: str
    fold: int
    method: str
    seeds: int
    assignment: int
    cache: Path | None

    @property
    def kept(self) -> Path | None:
        """Where the result is kept."""
        numbers = f"{self.fold}_{self.seeds}_{self.assignment}"
        name = f"{self.name}_{self.method}_{numbers}.pickle".replace(":", "_").replace(" ", "_")
        return None if self.cache is None else self.cache / name


def run(job: Job) -> dict[str, Any]:
    """Reciprocal ranks of the fold's queries, means over seeds; from the cache where they are there."""
    if job.kept is not None and job.kept.exists():
        found = pickle.loads(job.kept.read_bytes())
    else:
        found = judge(job)
        if job.kept is not None:
            job.kept.write_bytes(pickle.dumps(found))
    return {"job": job, **found}


def judge(job: Job) -> dict[str, Any]:
    """What :func:`run` gives, computed."""
    train, val, test = list(folds(load(job.data, job.name), seed=job.assignment))[job.fold]
    make, random = named(job.method)
    found = []
    for seed in range(job.seeds if random else 1):
        text, audio = make(train, val, test, seed)
        ranked = rank_both(text, audio, test.track_of_caption, test.text_id)
        found.append([1.0 / ranked["t2a"], 1.0 / ranked["a2t"]])
    t2a, a2t = (np.mean([one[way] for one in found], axis=0) for way in (0, 1))
    groups = (test.groups[test.track_of_caption], test.groups)
    return {"t2a": t2a, "a2t": a2t, "groups": groups, "date": str(date.today())}


def pooled(results: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Reciprocal ranks of all queries, weighed so that their mean is the mean of directions; and their groups."""
    t2a, a2t = (np.concatenate([r[way] for r in results]) for way in ("t2a", "a2t"))
    half = (len(t2a) + len(a2t)) / 2
    groups = [np.concatenate([r["groups"][side] for r in results]) for side in (0, 1)]
    return np.concatenate([t2a * half / len(t2a), a2t * half / len(a2t)]), np.concatenate(groups)


def summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Set → method → figures."""
    table: dict[str, Any] = {}
    for name in dict.fromkeys(r["job"].name for r in results):
        of_set = [r for r in results if r["job"].name == name]
        methods = list(dict.fromkeys(r["job"].method for r in of_set))
        mine = {m: [r for r in of_set if r["job"].method == m] for m in methods}
        values = {m: pooled(of_method) for m, of_method in mine.items()}
        table[name] = {m: {**_figures(m, values), **_extent(mine[m])} for m in methods}
    return table


def _figures(method: str, values: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
    mine, groups = values[method]
    row: dict[str, Any] = {"MRR": float(mine.mean())}
    for reference in (REFERENCE, "cca-cv"):
        if reference in values and reference != method and len(values[reference][0]) == len(mine):
            gain = significance.paired_means(mine - values[reference][0], (groups,))
            row[f"over {reference}"] = {"ratio": row["MRR"] / float(values[reference][0].mean()), **gain}
    return row


def _extent(results: list[dict[str, Any]]) -> dict[str, Any]:
    """When and on how much a row was measured; the earliest day where folds were kept."""
    jobs = [r["job"] for r in results]
    assignments = len({job.assignment for job in jobs})
    seeds = jobs[0].seeds if named(jobs[0].method)[1] else 1
    return {"date": min(r["date"] for r in results), "assignments": assignments, "seeds": seeds}


def with_earlier(table: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """The table, and what other sets and other methods came to when they were asked."""
    return {name: {**earlier.get(name, {}), **table.get(name, {})} for name in {**earlier, **table}}


def markdown(table: dict[str, Any]) -> str:
    """The table for people: MRR and ratio to CCA, with the paired interval of the difference."""
    sets = list(table)
    methods = sorted({m for rows in table.values() for m in rows}, key=_place)
    lines = [
        "# Retrieval quality on held-out groups",
        "",
        f"`python -m benchmarks.quality`. Mean-of-directions MRR, {FOLDS} grouped folds; in brackets the 95 % interval",
        "of the paired difference to CCA (settings chosen on val) on the same folds, over groups; then mean ratios",
        "over sets, and when each row was measured, with how many assignments of groups to folds × seeds of chance.",
        "",
        "| method | " + " | ".join(sets) + " | ÷ CCA | ÷ CCA, inner cross-validation | measured |",
        "| --- |" + " --- |" * (len(sets) + 3),
    ]
    for method in methods:
        rows = [table[name].get(method, {}) for name in sets]
        means = [_ratio(rows, f"over {reference}") for reference in (REFERENCE, "cca-cv")]
        lines.append(f"| {method} | " + " | ".join([*map(_cell, rows), *means, _measured(rows)]) + " |")
    return "\n".join(lines) + "\n"


def _place(method: str) -> tuple[int, str]:
    return (list(METHODS).index(method) if method in METHODS else len(METHODS), method)


def _cell(row: dict[str, Any]) -> str:
    if not row:
        return ""
    over = row.get(f"over {REFERENCE}")
    return f"{row['MRR']:.4f}" + ("" if over is None else " ({:+.3f} … {:+.3f})".format(*over["ci95"]))


def _ratio(rows: list[dict[str, Any]], key: str) -> str:
    found = [row[key]["ratio"] for row in rows if key in row]
    return f"{np.mean(found):.3f}" if found else ""


def _measured(rows: list[dict[str, Any]]) -> str:
    found = sorted({f"{row['date']}, {row['assignments']} × {row['seeds']}" for row in rows if row})
    return "; ".join(found)


def available(method: str) -> bool:
    """Whether the peer that a method needs is there; says so if not."""
    needed = {"ClipLoss": "open_clip", "NT-Xent": "pytorch_metric_learning"}.get(method.split(",")[0])
    try:
        _ = needed and peer(needed)
    except ModuleNotFoundError as missing:
        print(f"{method} is left out: {missing}", file=sys.stderr)
        return False
    return True


def main() -> None:
    """Read the options, and render the demo's library if there is no other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--sets", nargs="+", default=["demo:timbre+harmony+rhythm"])
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--assignments", type=int, default=1, help="how many times groups are dealt to folds")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cache", type=Path, help="existing folder of finished jobs, to go on after a stop")
    parser.add_argument("--keep", type=Path, help="where the demo's library is made, or lies already")
    parser.add_argument("--out", type=Path, help="path without ending")
    options = parser.parse_args()
    options.out = options.out or RESULTS / ("quality" if options.data else "quality_demo")
    for name in options.methods:
        try:
            named(name)
        except KeyError:
            parser.error(f"no method called '{name}'; there are: {', '.join(METHODS)}")
    options.methods = [name for name in options.methods if available(name)]
    with TemporaryDirectory() as made:
        if options.data is None:
            options.data = options.keep or Path(made)
            command = [sys.executable, "-m", "antiphon", "demo", "--out", str(options.data / "demo")]
            if not (options.data / "demo" / "library.json").exists():
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        compare(options)


def compare(options: argparse.Namespace) -> None:
    """Every method on every fold of every set; writes after each of them."""
    jobs = [
        Job(options.data, name, fold, chosen, options.seeds, assignment, options.cache)
        for chosen in options.methods
        for name in options.sets
        for assignment in range(options.assignments)
        for fold in range(FOLDS)
    ]
    kept = options.out.with_suffix(".json")
    earlier = json.loads(kept.read_text(encoding="utf-8"))["sets"] if kept.exists() else {}
    results: list[dict[str, Any]] = []
    last = (options.assignments - 1, FOLDS - 1)
    with ProcessPoolExecutor(options.processes) as pool:
        for result in pool.map(run, jobs):
            results.append(result)
            job = result["job"]
            if (job.assignment, job.fold) == last:  # so that a run that is stopped leaves what it has found
                table = with_earlier(summary(results), earlier)
                kept.write_text(json.dumps({"sets": table}, indent=1), encoding="utf-8")
                options.out.with_suffix(".md").write_text(markdown(table), encoding="utf-8")
                print(job.method, job.name, round(table[job.name][job.method]["MRR"], 4), flush=True)


if __name__ == "__main__":
    main()
