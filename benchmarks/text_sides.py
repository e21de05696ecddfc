"""Text encoders side by side: what each is worth for retrieval on held-out groups, alone and joined to others.

OMP_NUM_THREADS=1 python -m benchmarks.text_sides DATA --sets moods:musicnn prompts:timbre+harmony+rhythm
                                                  [--texts minilm mpnet minilm+mpnet …] [--methods …] [--seeds 1]
                                                  [--assignment 0] [--cache DIR] [--out FILE]

DATA is a folder of libraries whose captions have been read by all of these (``antiphon embed --text minilm mpnet``).
Sets, folds and methods are those of ``benchmarks.quality``. Every text side sees the same captions by people, the same
tracks and the same folds; gains are over the first text side, paired by query, intervals drawn over groups.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.metrics import significance
from benchmarks.quality.__main__ import FOLDS, REFERENCE, RESULTS, Job, pooled, run

TEXTS = ("minilm", "mpnet", "use-multilingual", "minilm+mpnet", "minilm+use-multilingual")
WHOLE = "antiphon"


def summary(found: dict[tuple[str, str, str], list[dict[str, Any]]]) -> dict[str, Any]:
    """Set → text side → method → figures, of (set, text side, method) → the folds' results."""
    values = {key: pooled(folds) for key, folds in found.items() if len(folds) == FOLDS}
    table: dict[str, Any] = {}
    for (name, text, method), (mine, groups) in values.items():
        row: dict[str, Any] = {"MRR": float(mine.mean())}
        first = next((values[key] for key in values if key[::2] == (name, method)), None)
        if first is not None and first[0] is not mine:
            row["gain"] = significance.paired_means(mine - first[0], (groups,))
        cca = next((values[key] for key in values if key[::2] == (name, REFERENCE)), None)
        if cca is not None:
            row["over first CCA"] = row["MRR"] / float(cca[0].mean())
        table.setdefault(name, {}).setdefault(text, {})[method] = row
    return table


def together(found: dict[tuple[str, str, str], list[dict[str, Any]]], method: str) -> dict[str, Any]:
    """Text side → mean gain over the first one, each set counting the same, with its paired interval over all sets."""
    values = {key: pooled(folds) for key, folds in found.items() if key[2] == method and len(folds) == FOLDS}
    sets = list(dict.fromkeys(name for name, _, _ in values))
    texts = list(dict.fromkeys(text for _, text, _ in values))
    gains = {}
    for text in texts[1:]:
        if any((name, text, method) not in values or (name, texts[0], method) not in values for name in sets):
            continue
        pairs = [(values[name, text, method], values[name, texts[0], method]) for name in sets]
        total = sum(len(mine[0]) for mine, _ in pairs)
        weighed = [(mine[0] - first[0]) * total / (len(sets) * len(mine[0])) for mine, first in pairs]
        groups = [[f"{name} {group}" for group in mine[1]] for name, (mine, _) in zip(sets, pairs, strict=True)]
        gains[text] = significance.paired_means(np.concatenate(weighed), (np.concatenate(groups),))
    return gains


def markdown(table: dict[str, Any], gains: dict[str, Any]) -> str:
    """Tables for people: MRR by set and text side, with the interval of the gain over the first text side."""
    lines = ["# Text encoders side by side", "", f"{date.today()}. Mean-of-directions MRR, {FOLDS} grouped folds.", ""]
    methods = list(dict.fromkeys(m for sides in table.values() for rows in sides.values() for m in rows))
    for method in methods:
        texts = list(dict.fromkeys(text for sides in table.values() for text in sides))
        lines += [f"**{method}**", "", "| set | " + " | ".join(texts) + " |", "| --- |" + " --- |" * len(texts)]
        for name, sides in table.items():
            cells = [_cell(sides.get(text, {}).get(method)) for text in texts]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        lines.append("")
    if gains:
        said = [f"{text} {g['difference']:+.4f} ({_interval(g)})" for text, g in gains.items()]
        lines += [f"Mean gain over all sets, {WHOLE}: {'; '.join(said)}.", ""]
    return "\n".join(lines)


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    return f"{row['MRR']:.4f}" + (f" ({_interval(row['gain'])})" if "gain" in row else "")


def _interval(gain: dict[str, Any]) -> str:
    low, high = gain["ci95"]
    return f"{low:+.3f} … {high:+.3f}"


def jobs(options: argparse.Namespace) -> Iterator[tuple[tuple[str, str, str], Job]]:
    """Everything to be done, cheap methods first."""
    for method in options.methods:
        for name in options.sets:
            for text in options.texts:
                for fold in range(FOLDS):
                    spec = f"{name}@{text}"
                    job = Job(options.data, spec, fold, method, options.seeds, options.assignment, options.cache)
                    yield (name, text, method), job


def main() -> None:
    """Read the options, do every job, write after each text side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", required=True)
    parser.add_argument("--texts", nargs="+", default=list(TEXTS))
    parser.add_argument("--methods", nargs="+", default=[REFERENCE, "antiphon, closed forms alone", WHOLE])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--assignment", type=int, default=0, help="seed of how groups are dealt to folds")
    parser.add_argument("--cache", type=Path, help="existing folder of finished jobs, to go on after a stop")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "text_sides", help="path without ending")
    options = parser.parse_args()
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    keys, work = zip(*jobs(options), strict=True)
    with ProcessPoolExecutor(options.processes) as pool:
        for key, result in zip(keys, pool.map(run, work), strict=True):
            found.setdefault(key, []).append(result)
            if len(found[key]) == FOLDS:
                table, gains = summary(found), together(found, WHOLE)
                content = {"seeds": options.seeds, "sets": table, "together": gains}
                options.out.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")
                options.out.with_suffix(".md").write_text(markdown(table, gains))
                print(*key, round(float(pooled(found[key])[0].mean()), 4), flush=True)


if __name__ == "__main__":
    main()
