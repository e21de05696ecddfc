"""The verdict in plain words: how often the right answer comes, beside chance and the best baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from antiphon.evaluate.baselines import title
from antiphon.evaluate.doctor.diagnose import Diagnosis
from antiphon.evaluate.report.pictures.picture import Table
from antiphon.evaluate.typed.lines import NAMES, far_from
from antiphon.evaluate.verdict import beats_chance
from antiphon.metrics.figures import DIRECTIONS, HITS, label, written
from antiphon.metrics.pairing import decided
from antiphon.metrics.retrieval import mean_of_directions

TILES = ("R@1", "R@10", "MRR", "median_rank")
Mood = Literal["good", "open", "bad"]


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure with what it is to be held against.

    Parameters
    ----------
    name, value : as people read them.
    low, high : its 95 % interval, "" where there is none.
    chance : what chance gives.
    baseline : of the best baseline, "" where there is none.
    places : value, low, high, chance and baseline on a scale of 0 … 100 for a bar; None of the median rank, and of
        what there is not.
    """

    name: str
    value: str
    low: str
    high: str
    chance: str
    baseline: str
    places: dict[str, float | None] | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the page says first.

    Parameters
    ----------
    mood : whether the training is surely better than its baselines, or surely no better than chance or worse.
    headline : one sentence that anybody understands.
    sentences : further ones.
    best_baseline : its title, "" without any.
    tiles : direction → figures.
    """

    mood: Mood
    headline: str
    sentences: tuple[str, ...]
    best_baseline: str
    tiles: dict[str, tuple[Tile, ...]]


def verdict_of(figures: Mapping[str, Any], diagnosis: Diagnosis) -> Verdict:
    """From figures of :func:`antiphon.evaluate.benchmark.evaluate` and the doctor's findings."""
    baselines: Mapping[str, Any] = figures.get("baselines") or {}
    best = max(baselines, key=lambda name: mean_of_directions(baselines[name])) if baselines else ""
    beside = baselines.get(best)
    return Verdict(
        mood=_mood(figures, beside, diagnosis),
        headline=_headline(figures["t2a"]),
        sentences=(figures["verdict"], f"The training doctor says: {diagnosis.summary}"),
        best_baseline=title(best) if best else "",
        tiles={way: tuple(_tile(key, figures[way], beside and beside[way]) for key in TILES) for way in DIRECTIONS},
    )


def _mood(figures: Mapping[str, Any], beside: Mapping[str, Any] | None, diagnosis: Diagnosis) -> Mood:
    if not any(beats_chance(figures[way]) for way in DIRECTIONS):
        return "bad"
    if any(finding.severity == "problem" for finding in diagnosis.findings):
        return "bad"
    if beside is None:
        return "open"
    moods: dict[str, Mood] = {"better": "good", "worse": "bad", "open": "open"}
    return moods[decided(beside["training_minus_baseline"]["mean"]["MRR"])]


def _headline(figures: Mapping[str, Any]) -> str:
    chance, few = figures["chance"], figures["n_items"] <= 10
    first, guessed = f"{figures['R@1']:.0f} % of captions find their track first", _guessed(chance["R@1"])
    if few:
        return f"{first} among {figures['n_items']:,}. Guessing: {guessed}."
    ten = f"{figures['R@10']:.0f} % within the first ten of {figures['n_items']:,}"
    return f"{first}, {ten}. Guessing: {guessed} and {_guessed(chance['R@10'])}."


def _guessed(percent: float) -> str:
    if percent < 0.1:
        return "less than 0.1\u00a0%"
    return f"{percent:.0f}\u00a0%" if percent >= 1 else f"{percent:.1f}\u00a0%"


def _tile(key: str, figures: Mapping[str, Any], beside: Mapping[str, Any] | None) -> Tile:
    low, high = figures.get("ci95", {}).get(key, (None, None))
    values = {"value": figures[key], "low": low, "high": high, "chance": figures["chance"][key]}
    values["baseline"] = None if beside is None else beside[key]
    scale = {"median_rank": None, "MRR": 100.0}.get(key, 1.0)
    return Tile(
        name=label(key),
        value=_short(key, figures[key]),
        low="" if low is None else _short(key, low),
        high="" if high is None else _short(key, high),
        chance=_short(key, values["chance"]),
        baseline="" if beside is None else _short(key, beside[key]),
        places=None if scale is None else {n: None if v is None else round(v * scale, 2) for n, v in values.items()},
    )


def _short(key: str, value: float) -> str:
    """With no more digits than a reader takes in."""
    if key in HITS:
        return f"{value:.1f}\u00a0%"
    return f"{value:.3f}" if key == "MRR" else written(key, value)


TYPED = (
    "what people type",
    "an example",
    "queries",
    "R@10",
    "MRR (95 %)",
    "chance",
    "whole captions of the same tracks",
)


def typed_table(typed: Mapping[str, Any] | None) -> Table | None:
    """What people type beside whole captions, as :mod:`antiphon.evaluate.typed` measured it; None where it was not."""
    kinds = (typed or {}).get("kinds", {})
    rows = [_typed_row(NAMES[kind], figures) for kind, figures in kinds.items() if figures["n_queries"]]
    return Table(headings=TYPED, rows=tuple(rows)) if len(rows) > 1 else None


def _typed_row(name: str, figures: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = figures.get("ci95", {}).get("MRR", (None, None))
    interval = "" if low is None else f" ({low:.3f}–{high:.3f})"
    beside = figures.get("as_caption")
    return (
        name,
        str(next(iter(figures.get("examples", ())), "–")),
        f"{figures['n_queries']:,}",
        _short("R@10", figures["R@10"]),
        f"{figures['MRR']:.3f}{interval}",
        f"{figures['chance']['MRR']:.3f}",
        "–" if beside is None else f"{beside['MRR']:.3f} ({far_from(beside)})",
    )
