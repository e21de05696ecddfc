"""Whether a search can tell that the music it is asked for is missing: all tracks of a term are taken out.

    python -m benchmarks.answers.missing LIBRARY LIBRARY LIBRARY [--terms 10] [--out FILE]

Libraries need captions by people, and vectors. A term is taken out with all tracks that carry it and their relatives.
Of the groups that are left 60 % teach two closed forms (linear and kernel CCA) and have captions that are known, 20 %
are val and 20 % test, whose captions nobody knows. *Missing*: captions of the tracks that were taken out, and the term
in three forms. *There*: captions of test, and terms of its tracks in the same forms. A sign's threshold is set on val
queries of the same making: at most 5 % lie below. *Best of the others* is the sign that finds most on the other
libraries; *joined* is a logistic regression on all signs, fitted on the other libraries. Intervals: bootstrap over
terms, 95 %.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from antiphon.arrays import Float32
from benchmarks.answers.left import FEWEST, rows
from benchmarks.answers.removed import FORMS, Described, Trial
from benchmarks.answers.signs import Signs

RESULT = Path(__file__).parents[1] / "results" / "missing.md"
ALARMS = 0.05
DRAWS = 2000
BEST, JOINED = "best of the others", "joined"
Values = Mapping[str, Float32]


class Tried(NamedTuple):
    """The signs of one trial's queries; the last three of ``missing`` are forms of the term."""

    val: Values
    there: Values
    missing: Values


class Outcome(NamedTuple):
    """Shares 0 … 1: of missing queries that are found, of forms of the term alone, of test queries; area under ROC."""

    found: float
    term: float
    alarms: float
    auc: float


def tried(of: Described, term: str, *, had: bool) -> Tried | None:
    """All signs of one trial; None where val or test are too few to say anything."""
    trial = Trial(of, term)
    if min(len(trial.asked("val")), len(trial.asked("test"))) < FEWEST:
        return None
    signs = Signs(trial, had=had)
    return Tried(*(signs.of(queries) for queries in (trial.asked("val"), trial.asked("test"), trial.missing)))


def outcome(val: Float32, there: Float32, missing: Float32) -> Outcome:
    """What a threshold of val finds; ties of a sign count half in the area, and for no alarm at the threshold."""
    threshold = np.sort(val)[max(int(ALARMS * (len(val) + 1)) - 1, 0)]
    less = (missing[:, None] < there).mean() + (missing[:, None] == there).mean() / 2
    low = missing < threshold
    return Outcome(float(low.mean()), float(low[-len(FORMS) :].mean()), float((there < threshold).mean()), float(less))


def of_sign(trials: Sequence[Tried], sign: str) -> list[Outcome]:
    return [outcome(each.val[sign], each.there[sign], each.missing[sign]) for each in trials]


def joined(learned: Sequence[Tried], asked: Sequence[Tried]) -> list[Outcome]:
    """A logistic regression on all signs, standardised by val, fitted on some trials and asked of others."""

    def rows(values: Values, val: Values) -> Float32:
        standard = [(values[name] - val[name].mean()) / (val[name].std() + 1e-6) for name in val]
        return np.stack(standard, axis=1).clip(-5, 5)

    x = np.concatenate([rows(values, each.val) for each in learned for values in (each.there, each.missing)])
    y = np.concatenate([np.full(len(next(iter(v.values()))), v is each.there) for each in learned for v in each[1:]])
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    slope = _logistic(np.c_[x, np.ones(len(x))], y.astype(np.float64), weight)[:-1]
    return [outcome(*(rows(values, each.val) @ slope for values in each)) for each in asked]


def _logistic(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Newton's steps, with a small ridge."""
    slope = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ slope))
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(slope))
        slope += np.linalg.solve(curve, x.T @ (weight * (y - p)) - 1e-3 * slope)
    return slope


def shown(outcomes: Sequence[Outcome]) -> str:
    """Means over terms: found (interval), of the bare term, alarms (interval), AUC (interval)."""
    values = np.array(outcomes)
    draws = np.random.default_rng(0).integers(0, len(values), (DRAWS, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5], axis=0)
    found, term, alarms, auc = values.mean(axis=0)
    return (
        f"{100 * found:.0f} % ({100 * low[0]:.0f}–{100 * high[0]:.0f}) | {100 * term:.0f} % | "
        f"{100 * alarms:.0f} % ({100 * low[2]:.0f}–{100 * high[2]:.0f}) | {auc:.2f} ({low[3]:.2f}–{high[3]:.2f})"
    )


def _worth(outcomes: Sequence[Outcome]) -> float:
    """Share found, where alarms stay near what the threshold allows."""
    found, _, alarms, _ = np.mean(outcomes, axis=0)
    return float(found if alarms <= 1.5 * ALARMS else 0)


def tables(results: Mapping[str, Sequence[Tried]]) -> list[str]:
    """A table a library; what is chosen, is chosen on the others."""
    lines = []
    for name, trials in results.items():
        others = [each for other, found in results.items() if other != name for each in found]
        signs = list(trials[0].val)
        lines += [
            f"**{name}**, {len(trials)} terms",
            "",
            "| sign | found | of the term | alarms | AUC |",
            "| --- | --- | --- | --- | --- |",
        ]
        lines += [f"| {sign} | {shown(of_sign(trials, sign))} |" for sign in signs]
        if others:
            best = max(signs, key=lambda sign: _worth(of_sign(others, sign)))
            lines.append(f"| {BEST}: {best} | {shown(of_sign(trials, best))} |")
            lines.append(f"| {JOINED} | {shown(joined(others, trials))} |")
        lines.append("")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="+", type=Path)
    parser.add_argument("--terms", type=int, default=10, help="that are taken out of each library, one at a time")
    parser.add_argument("--out", type=Path, default=RESULT)
    chosen = parser.parse_args()
    lines = ["# Music that is missing: is it told?", ""]
    described = {root.resolve().name: Described(root) for root in chosen.libraries}
    lines += [
        "## What search says, where the captions that left were noted",
        "",
        *rows(described, 3 * chosen.terms),
        "",
    ]
    print("\n".join(lines), flush=True)
    for had in (False, True):
        results = {}
        for name, of in described.items():
            found = {term: tried(of, term, had=had) for term in of.removable(chosen.terms)}
            results[name] = [each for each in found.values() if each is not None]
            print(json.dumps({name: [term for term, each in found.items() if each is not None]}), flush=True)
        lines += [f"## The checkpoint {'learned from them' if had else 'never heard them'}", "", *tables(results)]
        print("\n".join(lines), flush=True)
    chosen.out.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
