"""Systems side by side: MRR of both directions with its 95 % interval, trainings and baselines, best first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from antiphon.evaluate.report.pictures.canvas import Canvas, Size
from antiphon.evaluate.report.pictures.colours import INK, MUTED, SERIES
from antiphon.evaluate.report.pictures.picture import Table
from antiphon.metrics.figures import DIRECTIONS, METRICS, label, written

WAYS = {"t2a": "text to audio", "a2t": "audio to text"}
ROW_HEIGHT, REST, LINE = 2.6, 5.5, 1.2
"""Letters: of a row, of title, legend and axis together, and of a line of a name."""
APART = 0.45
"""Letters: of each direction's figure from the middle of its row."""
ABOVE, BESIDE, LETTER = 0.88, 0.36, 0.6
"""Shares of the width that a name above its row, and beside it, may have; a letter's width, of its height."""


class System(NamedTuple):
    """One row: its name, whether it was trained, and the figures of both directions."""

    name: str
    trained: bool
    figures: Mapping[str, Mapping[str, Any]]

    def mrr(self, way: str) -> tuple[float, float | None, float | None]:
        """MRR and its interval; without one where none was computed."""
        low, high = self.figures[way].get("ci95", {}).get("MRR", (None, None))
        return float(self.figures[way]["MRR"]), low, high


@dataclass(frozen=True, kw_only=True)
class Systems:
    """What retrieves how well on one split.

    Parameters
    ----------
    split : which.
    systems : best first, one at least.
    """

    split: str
    systems: tuple[System, ...]

    name = "encoders"

    @property
    def title(self) -> str:
        """What is drawn."""
        return f"MRR {'in' if self.split.endswith('folds') else 'on'} {self.split}, with 95 % intervals"

    @property
    def chance(self) -> Mapping[str, float]:
        """MRR by chance, by direction; of the first system's queries."""
        return {way: float(self.systems[0].figures[way]["chance"]["MRR"]) for way in DIRECTIONS}

    def says(self) -> str:
        """Which is best, and what shapes mean."""
        best = self.systems[0]
        figures = " and ".join(f"{_mrr(best, way)} {WAYS[way]}" for way in DIRECTIONS)
        return (
            f"Best mean of both directions: {best.name}, MRR {figures}. A shape is a figure, the line its 95 % "
            "interval: where intervals overlap, the tests below decide. Hollow: baselines, solved and not trained."
        )

    def table(self) -> Table:
        """One row a system and a direction, every metric."""
        rows = [
            (s.name, "trained" if s.trained else "baseline", WAYS[way], *_cells(s.figures[way]))
            for s in self.systems
            for way in DIRECTIONS
        ]
        rows += [
            ("chance", "–", WAYS[way], *(written(key, self.systems[0].figures[way]["chance"][key]) for key in METRICS))
            for way in DIRECTIONS
        ]
        return Table(headings=("system", "kind", "direction", *map(label, METRICS)), rows=tuple(rows))

    def height(self, size: Size) -> float:
        """Points high."""
        return (len(self.systems) * _row_height(self._names(size), size) + REST) * size.em

    def _names(self, size: Size) -> list[str]:
        """The systems' names as they stand beside their row, or above it where it is narrow, in lines that fit."""
        share = ABOVE if size.columns < 2 else BESIDE
        return [in_lines(system.name, int(share * size.width / (LETTER * size.em))) for system in self.systems]

    def draw(self, canvas: Canvas) -> None:
        """A dot and an interval for each direction; baselines hollow, chance a dotted line."""
        (axes,) = canvas.panels(1, columns=1)
        names, narrow = self._names(canvas.size), canvas.size.columns < 2
        letter = 1 / _row_height(names, canvas.size)  # in rows
        for row, system in enumerate(self.systems):
            for i, way in enumerate(DIRECTIONS):
                value, low, high = system.mrr(way)
                y = row + (2 * i - 1) * APART * letter
                if low is not None and high is not None:
                    axes.plot(
                        [low, high],
                        [y, y],
                        color=SERIES[i],
                        linewidth=0.18 * canvas.size.em,
                        solid_capstyle="round",
                        alpha=0.55,
                    )
                face = SERIES[i] if system.trained else "none"
                axes.plot(
                    [value],
                    [y],
                    marker="os"[i],
                    color=SERIES[i],
                    markerfacecolor=face,
                    markersize=0.55 * canvas.size.em,
                    linestyle="",
                )
                canvas.say(axes, value, y, f"{system.name}, {WAYS[way]}: MRR {_mrr(system, way)}")
        for i, way in enumerate(DIRECTIONS):
            axes.axvline(self.chance[way], color=SERIES[i], linestyle=(0, (1, 2)), linewidth=1)
        axes.set_yticks(range(len(names)), [""] * len(names) if narrow else names)
        above = (APART + 0.55) * letter
        for row, name in enumerate(names if narrow else ()):
            axes.annotate(
                name, (0, row - above), xycoords=("axes fraction", "data"), color=INK, va="bottom",
                fontsize=canvas.size.em * 0.9,
            )  # fmt: skip
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.grid(axis="y", visible=False)
        axes.set_ylim(
            len(names) - 0.45, -max(0.75, above + letter * (0.3 + LINE * _most_lines(names[:1])) if narrow else 0)
        )
        axes.set_xlim(left=0, right=min(1.0, axes.get_xlim()[1]))
        axes.set_xlabel("MRR")
        _legend(canvas)


def in_lines(name: str, letters: int) -> str:
    r"""A name in lines of so many letters at most, broken behind its marks where it has any.

    >>> in_lines("timbre+harmony+rhythm@minilm", 16)
    'timbre+harmony+\nrhythm@minilm'
    """
    lines = [""]
    for part in re.findall(r"[^+,@/ _-]*[+,@/ _-]?", name):
        while len(lines[-1]) + len(part.rstrip()) > letters:
            kept = letters if not lines[-1] else 0  # a part that is longer than a line is broken where the line ends
            lines[-1:] = [lines[-1] + part[:kept], ""]
            part = part[kept:]
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _most_lines(names: Sequence[str]) -> int:
    return max(1 + name.count("\n") for name in names)


def _row_height(names: Sequence[str], size: Size) -> float:
    """Letters: of each row, with its name above it or beside it."""
    lines = _most_lines(names)
    return ROW_HEIGHT - 0.2 + LINE * lines if size.columns < 2 else max(ROW_HEIGHT, LINE * lines + 0.4)


def _legend(canvas: Canvas) -> None:
    from matplotlib.lines import Line2D

    shapes = [Line2D([], [], marker="os"[i], color=SERIES[i], linestyle="") for i in range(2)]
    hollow = Line2D([], [], marker="o", color=MUTED, markerfacecolor="none", linestyle="")
    dotted = Line2D([], [], color=MUTED, linestyle=(0, (1, 2)), linewidth=1)
    names = [*WAYS.values(), "baseline", "chance"]
    across = 4 if canvas.size.columns > 1 else 2
    canvas.figure.legend([*shapes, hollow, dotted], names, loc="outside upper left", ncols=across, handlelength=1.2)


def _mrr(system: System, way: str) -> str:
    value, low, high = system.mrr(way)
    return f"{value:.3f}" if low is None else f"{value:.3f} ({low:.3f}–{high:.3f})"


def _cells(figures: Mapping[str, Any]) -> list[str]:
    intervals = figures.get("ci95", {})
    return [_with_interval(key, figures[key], intervals.get(key, (None, None))) for key in METRICS]


def _with_interval(key: str, value: float, interval: Sequence[float | None]) -> str:
    low, high = interval
    if low is None or high is None:
        return written(key, value)
    return f"{written(key, value)} ({written(key, low)}–{written(key, high)})"
