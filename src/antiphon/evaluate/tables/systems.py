"""One training beside its baselines and chance, as a table: both directions, intervals, and what it gains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from antiphon.evaluate.tables.grid import Grid, best_in_column
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.retrieval import mean_of_directions

SHOWN = ("R@1", "R@5", "R@10", "MRR")


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
    systems = list(_systems(found))
    numbers = [[None, *_numbers(figures), None] for _, figures in systems]
    each = [f"{way} {key}" for way in DIRECTIONS for key in SHOWN]
    numbers[-1] = [None] * len(numbers[-1])  # chance competes with nobody
    return Grid(
        title=title,
        headings=("system", *each, "mean MRR", "trained − it (95 %)"),
        rows=tuple((name, *_texts(figures), _gain(figures)) for name, figures in systems),
        words=frozenset({"system"}),
        best=best_in_column(numbers),
        notes=(found["verdict"], *found.get("notes", ()), *found.get("warnings", ())),
        plain=tuple({"system": name, **_plain(figures)} for name, figures in systems),
    )


def _systems(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "trained", found
    yield from found.get("baselines", {}).items()
    yield "chance", {way: found[way]["chance"] for way in DIRECTIONS}


def _numbers(figures: Mapping[str, Any]) -> list[float]:
    return [*(figures[way][key] for way in DIRECTIONS for key in SHOWN), mean_of_directions(figures)]


def _texts(figures: Mapping[str, Any]) -> list[str]:
    return [*(_text(key, figures[way]) for way in DIRECTIONS for key in SHOWN), f"{mean_of_directions(figures):.3f}"]


def _text(key: str, figures: Mapping[str, Any]) -> str:
    if key != "MRR":
        return f"{figures[key]:.1f}%"
    low, high = figures.get("ci95", {}).get(key, (None, None))
    return f"{figures[key]:.3f}" + ("" if low is None else f" ({low:.3f}–{high:.3f})")


def _gain(figures: Mapping[str, Any]) -> str:
    if "training_minus_baseline" not in figures:
        return "–"
    mrr = figures["training_minus_baseline"]["mean"]["MRR"]
    low, high = mrr["ci95"]
    return f"{mrr['difference']:+.3f}" + ("" if low is None else f" ({low:+.3f} to {high:+.3f})")


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    each = {f"{way}_{key}": figures[way][key] for way in DIRECTIONS for key in (*SHOWN, "median_rank")}
    ends = {way: figures[way].get("ci95", {}).get("MRR", (None, None)) for way in DIRECTIONS}
    bounds = {f"{way}_MRR_{end}": ends[way][i] for way in DIRECTIONS for i, end in enumerate(("low", "high"))}
    gain = figures.get("training_minus_baseline", {}).get("mean", {}).get("MRR", {})
    return {
        **each,
        **bounds,
        "MRR": mean_of_directions(figures),
        "trained_minus_it": gain.get("difference"),
        "trained_minus_it_low": gain.get("ci95", (None, None))[0],
        "trained_minus_it_high": gain.get("ci95", (None, None))[1],
        "p": gain.get("p"),
    }
