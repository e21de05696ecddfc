"""Where right answers came: the share of queries at each rank, both directions, beside what chance would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.report.pictures.canvas import Canvas, Size
from antiphon.evaluate.report.pictures.colours import INK, SERIES
from antiphon.evaluate.report.pictures.picture import Table
from antiphon.evaluate.report.pictures.systems import WAYS
from antiphon.metrics.correct import Index

EDGES = (1, 2, 3, 4, 6, 11, 21, 51, 101, 201, 501, 1001, 2001, 5001, 10001, 100_001, 1_000_001, 10_000_001)
"""First rank of each bin: single ranks where they matter, then wider ones."""
PANEL_HEIGHT = 19
"""Letters."""


class Bin(NamedTuple):
    """Ranks ``first`` … ``last``: percent of queries, and percent by chance."""

    first: int
    last: int
    share: float
    by_chance: float

    @property
    def label(self) -> str:
        """``"4–5"``."""
        return f"{self.first:,}" if self.first == self.last else f"{self.first:,}–{self.last:,}"


@dataclass(frozen=True, kw_only=True)
class RankHistogram:
    """Ranks of one training on one split.

    Parameters
    ----------
    training, split : which.
    bins : of each direction.
    n_queries, n_items : of each direction.
    """

    training: str
    split: str
    bins: dict[str, tuple[Bin, ...]]
    n_queries: dict[str, int]
    n_items: dict[str, int]

    name = "ranks"

    @property
    def title(self) -> str:
        """What is drawn."""
        return f"Ranks of right answers, {self.training} on {self.split}"

    def says(self) -> str:
        """Shares of the first, and of the first ten, by direction."""
        return " ".join(
            f"{WAYS[way][0].upper()}{WAYS[way][1:]}: of {self.n_queries[way]:,} queries "
            f"{bins[0].share:.0f} % have the right answer first (by chance {bins[0].by_chance:.0f} %), "
            f"{self._up_to_ten(way, 'share'):.0f} % among the first ten (by chance "
            f"{self._up_to_ten(way, 'by_chance'):.0f} %) of {self.n_items[way]:,}."
            for way, bins in self.bins.items()
        )

    def _up_to_ten(self, way: str, which: str) -> float:
        return float(sum(getattr(each, which) for each in self.bins[way] if each.last <= max(10, each.first)
                         and each.first <= 10))  # fmt: skip

    def table(self) -> Table:
        """One row a bin and a direction."""
        rows = [
            (each.label, WAYS[way], f"{each.share:.1f}%", f"{each.by_chance:.1f}%")
            for way, bins in self.bins.items()
            for each in bins
        ]
        return Table(headings=("ranks", "direction", "queries", "by chance"), rows=tuple(rows))

    def height(self, size: Size) -> float:
        """Points high."""
        return (PANEL_HEIGHT if size.columns > 1 else 2 * PANEL_HEIGHT) * size.em

    def draw(self, canvas: Canvas) -> None:
        """A panel for each direction: bars, and a step for chance."""
        across = min(2, canvas.size.columns)
        for i, (way, axes) in enumerate(zip(self.bins, canvas.panels(2, columns=across), strict=True)):
            bins = self.bins[way]
            places = np.arange(len(bins))
            axes.bar(places, [each.share for each in bins], width=0.82, color=SERIES[i], label="queries")
            axes.hlines(
                [each.by_chance for each in bins],
                places - 0.41,
                places + 0.41,
                color=INK,
                linewidth=0.15 * canvas.size.em,
                label="chance",
            )
            for x, each in zip(places, bins, strict=True):
                said = f"rank {each.label}: {each.share:.1f} % of queries, by chance {each.by_chance:.1f} %"
                canvas.say(axes, float(x), max(each.share, 0.0), said)
            axes.set_title(f"{WAYS[way][0].upper()}{WAYS[way][1:]}, %", pad=2.3 * canvas.size.em)
            axes.set_xticks(
                places, [each.label for each in bins], rotation=45 if len(bins) > 7 or canvas.size.columns < 3 else 0
            )
            axes.set_xlabel(f"rank among {self.n_items[way]:,}")
            axes.grid(axis="x", visible=False)
            canvas.legend_above(axes)


def rank_histogram(
    training: str, split: str, ranks: dict[str, Index], correct: dict[str, Index], n_items: dict[str, int]
) -> RankHistogram:
    """Count ranks.

    Parameters
    ----------
    ranks : (q,) of each direction, 1-based.
    correct : (q,) correct items of each query.
    n_items : of each direction.
    """
    return RankHistogram(
        training=training,
        split=split,
        bins={way: bins_of(ranks[way], correct[way], n_items[way]) for way in ranks},
        n_queries={way: len(found) for way, found in ranks.items()},
        n_items=n_items,
    )


def bins_of(ranks: NDArray[Any], correct: NDArray[Any], n_items: int) -> tuple[Bin, ...]:
    """Shares of (q,) ranks among ``n_items``, where queries have so many (q,) ``correct`` ones among them."""
    starts = [edge for edge in EDGES if edge <= n_items]
    lasts = [*(start - 1 for start in starts[1:]), n_items]
    found = []
    for first, last in zip(starts, lasts, strict=True):
        share = 100 * float(np.mean((ranks >= first) & (ranks <= last)))
        by_chance = _within(last, correct, n_items) - _within(first - 1, correct, n_items)
        found.append(Bin(first, last, share, by_chance))
    return tuple(found)


def _within(k: int, correct: NDArray[Any], n_items: int) -> float:
    """Percent of queries with a correct item among the first k of a random order: 1 − C(n−c, k) / C(n, k)."""
    values, counts = np.unique(correct, return_counts=True)
    missed = [np.prod(np.maximum(n_items - c - np.arange(k), 0) / (n_items - np.arange(k))) for c in values]
    return 100 * float(1 - np.average(missed, weights=counts))
