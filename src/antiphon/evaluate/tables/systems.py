"""One training beside its baselines and chance, as a table: both directions, intervals, and what it gains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from antiphon.evaluate.components import COMPONENT_NAMES
from antiphon.evaluate.tables.grid import Grid, Paper, best_in_column
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.retrieval import mean_of_directions

NAMES = {"t2a": "text to audio (t2a)", "a2t": "audio to text (a2t)"}
IN_PAPER = {"system": "system", **{f"{way} {key}": f"{way} {key}" for way in DIRECTIONS for key in ("R@1", "MRR")}}
"""Columns that a paper has room for → what they are called there."""
CAPTION = "R@1 in percent, MRR 0 to 1, in parentheses its 95 % interval. Bold: best of its column, where above chance."


@dataclass(frozen=True, kw_only=True)
class SystemsTable:
    """An evaluation that can be written in every form.

    Parameters
    ----------
    title : of the table.
    found : as :func:`systems_grid` takes it.
    """

    title: str
    found: Mapping[str, Any]

    def grid(self) -> Grid:
        """The table."""
        return systems_grid(self.title, self.found)

    def to_dict(self) -> dict[str, Any]:
        """All of it, as plain values."""
        return dict(self.found)


def systems_grid(title: str, found: Mapping[str, Any]) -> Grid:
    """The table of an evaluation.

    Parameters
    ----------
    found : figures of both directions, ``baselines``, ``verdict``, ``notes``, ``warnings``, as
        :func:`antiphon.evaluate.benchmark.evaluate` gives them.
    """
    systems, keys = list(_systems(found)), _shown(found)
    *numbers, chance = [[None, *_numbers(figures, keys), None] for _, figures in systems]
    each = [f"{way} {key}" for way in DIRECTIONS for key in keys]
    return Grid(
        title=title,
        headings=("system", *each, "mean MRR", "trained − it (95 %)"),
        rows=tuple((name, *_texts(figures, keys), _gain(figures)) for name, figures in systems),
        words=frozenset({"system"}),
        best=best_in_column(numbers, chance=chance),
        notes=(found["verdict"], *found.get("notes", ()), *found.get("warnings", ())),
        plain=tuple({"system": name, **_plain(figures, keys)} for name, figures in systems),
        paper=Paper(columns=IN_PAPER, caption=_caption(title, found)),
    )


def _caption(title: str, found: Mapping[str, Any]) -> str:
    """The table's title, who was asked, and what the figures are."""
    asked = " and ".join(f"{found[way]['n_queries']:,} queries {NAMES[way]}" for way in DIRECTIONS)
    return f"{title}: {asked}. {CAPTION}"


def _shown(found: Mapping[str, Any]) -> list[str]:
    """Figures that have a column for each direction: R@K of every K that was asked for, and MRR."""
    return [*(key for key in found["t2a"] if key.startswith("R@")), "MRR"]


def _systems(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "trained", found
    if "uncorrected" in found:
        yield "no hubness correction", found["uncorrected"]
    for key, part in found.get("parts", {}).items():
        yield f"{COMPONENT_NAMES[key]} ({100 * part['share']:.0f} %)", part
    yield from found.get("baselines", {}).items()
    yield "chance", {way: found[way]["chance"] for way in DIRECTIONS}


def _numbers(figures: Mapping[str, Any], keys: Sequence[str]) -> list[float | None]:
    return [*(figures[way].get(key) for way in DIRECTIONS for key in keys), mean_of_directions(figures)]


def _texts(figures: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    return [*(_text(key, figures[way]) for way in DIRECTIONS for key in keys), f"{mean_of_directions(figures):.3f}"]


def _text(key: str, figures: Mapping[str, Any]) -> str:
    if key not in figures:  # baselines are asked for R@1, R@5 and R@10 alone
        return "–"
    if key != "MRR":
        return f"{figures[key]:.1f}%"
    low, high = figures.get("ci95", {}).get(key, (None, None))
    return f"{figures[key]:.3f}" + ("" if low is None else f" ({low:.3f}–{high:.3f})")


GAINS = ("training_minus_baseline", "training_minus_uncorrected", "training_minus_part")


def _gain_over(figures: Mapping[str, Any]) -> Mapping[str, Any]:
    """The test of MRR between the training and one of the others; empty where there is none."""
    tests: Iterator[Mapping[str, Any]] = (figures[name]["mean"]["MRR"] for name in GAINS if name in figures)
    return next(tests, {})


def _gain(figures: Mapping[str, Any]) -> str:
    mrr = _gain_over(figures)
    if not mrr:
        return "–"
    low, high = mrr["ci95"]
    return f"{mrr['difference']:+.3f}" + ("" if low is None else f" ({low:+.3f} to {high:+.3f})")


def _plain(figures: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    each = {f"{way}_{key}": figures[way].get(key) for way in DIRECTIONS for key in (*keys, "median_rank")}
    ends = {way: figures[way].get("ci95", {}).get("MRR", (None, None)) for way in DIRECTIONS}
    bounds = {f"{way}_MRR_{end}": ends[way][i] for way in DIRECTIONS for i, end in enumerate(("low", "high"))}
    gain = _gain_over(figures)
    return {
        **each,
        **bounds,
        "MRR": mean_of_directions(figures),
        "trained_minus_it": gain.get("difference"),
        "trained_minus_it_low": gain.get("ci95", (None, None))[0],
        "trained_minus_it_high": gain.get("ci95", (None, None))[1],
        "p": gain.get("p"),
    }
