"""How a training went: loss, retrieval on val, learning rate and temperature, with what the doctor says of epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from antiphon.align.training.results.history import EpochRecord
from antiphon.evaluate.doctor.findings import Finding, Severity
from antiphon.evaluate.report.pictures.canvas import Canvas, Size
from antiphon.evaluate.report.pictures.colours import BY_SEVERITY, DASHES, MUTED, PAPER, SERIES
from antiphon.evaluate.report.pictures.picture import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL_HEIGHT = 15
"""Letters."""


class Mark(NamedTuple):
    """Something about an epoch: its number below the curves, what it is, and how grave."""

    number: int
    epoch: int
    text: str
    severity: Severity


class Line(NamedTuple):
    """One curve: epochs, values, and a chance level where there is one."""

    name: str
    epochs: tuple[int, ...]
    values: tuple[float, ...]
    chance: float | None = None


class Panel(NamedTuple):
    """Curves that share an axis."""

    title: str
    unit: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Curves:
    """The curves of one training.

    Parameters
    ----------
    training : its name.
    history : its epochs, two at least.
    chance : val's figures by chance, by direction.
    marks : what is to be said of epochs.
    """

    training: str
    history: tuple[EpochRecord, ...]
    chance: Mapping[str, Mapping[str, float]]
    marks: tuple[Mark, ...] = ()

    name = "curves"

    @property
    def title(self) -> str:
        """What is drawn."""
        return f"Curves of {self.training}"

    def panels(self) -> tuple[Panel, ...]:
        """What is drawn, panel by panel; those of val are left out where nothing was judged."""
        recall = [self._val("t2a", key) for key in ("R@1", "R@5", "R@10")]
        mrr = [self._val(way, "MRR", name) for way, name in (("t2a", "text to audio"), ("a2t", "audio to text"))]
        loss = [
            self._line("train", "train_loss"),
            self._line("val", "val_loss"),
            self._line("chance", "loss_chance"),
        ]
        found = (
            Panel("Loss", "", tuple(loss)),
            Panel("Val t2a R@K", "%", tuple(recall)),
            Panel("Val MRR", "", tuple(mrr)),
            Panel("Learning rate", "", (self._line("learning rate", "lr"),)),
            Panel("Temperature", "", (self._line("temperature", "temperature"),)),
            Panel("Gradient norm", "", (self._line("gradient norm", "grad_norm"),)),
        )
        return tuple(
            panel._replace(lines=tuple(line for line in panel.lines if line.values))
            for panel in found
            if any(line.values for line in panel.lines)
        )

    def _line(self, name: str, field: str) -> Line:
        known = [(r.epoch, getattr(r, field)) for r in self.history if getattr(r, field) is not None]
        return Line(name, tuple(e for e, _ in known), tuple(float(v) for _, v in known))

    def _val(self, way: str, key: str, name: str = "") -> Line:
        known = [(r.epoch, r.val[way][key]) for r in self.history if r.val is not None]
        return Line(
            name or key,
            tuple(e for e, _ in known),
            tuple(float(v) for _, v in known),
            self.chance.get(way, {}).get(key),
        )

    def says(self) -> str:
        """How long, from where to where MRR went, and what lines and numbers mean."""
        mrr = [line for panel in self.panels() if panel.title == "Val MRR" for line in panel.lines]
        went = "".join(f", {line.name} MRR {line.values[0]:.3f} → {line.values[-1]:.3f}" for line in mrr)
        marks = " Numbers are the marks below." if self.marks else ""
        return f"{len(self.history)} epochs{went}. Dotted: what a model that knows nothing would show.{marks}"

    def table(self) -> Table:
        """One row an epoch."""
        named = [(panel, line) for panel in self.panels() for line in panel.lines]
        lines = [line for _, line in named]
        values = [dict(zip(line.epochs, line.values, strict=True)) for line in lines]
        rows = [
            (str(r.epoch), *("–" if r.epoch not in known else f"{known[r.epoch]:.4g}" for known in values))
            for r in self.history
        ]
        return Table(headings=("epoch", *(_column(panel, line) for panel, line in named)), rows=tuple(rows))

    def height(self, size: Size) -> float:
        """Points high."""
        return -(-len(self.panels()) // size.columns) * PANEL_HEIGHT * size.em

    def draw(self, canvas: Canvas) -> None:
        """A panel for each thing that is measured, with the marks in each."""
        panels = self.panels()
        for axes, panel in zip(canvas.panels(len(panels)), panels, strict=True):
            _draw_panel(canvas, axes, panel)
            _draw_marks(axes, self.marks, canvas.size.em)
            axes.set_xlabel("epoch")


def _column(panel: Panel, line: Line) -> str:
    """What a line is called where no panel stands around it: "Loss: train", "Val MRR: text to audio"."""
    unit = f", {panel.unit}" if panel.unit else ""
    return panel.title if line.name.casefold() == panel.title.casefold() else f"{panel.title}{unit}: {line.name}"


def _draw_panel(canvas: Canvas, axes: Axes, panel: Panel) -> None:
    em = canvas.size.em
    axes.set_title(f"{panel.title}{f', {panel.unit}' if panel.unit else ''}", pad=2.3 * em)
    axes.margins(y=0.15)
    for i, line in enumerate(panel.lines):
        is_chance = line.name == "chance"
        colour, dash = (MUTED, "dotted") if is_chance else (SERIES[i], DASHES[i])
        width = em * (0.08 if is_chance else 0.15)
        axes.plot(line.epochs, line.values, color=colour, linestyle=dash, linewidth=width, label=line.name)
        if line.chance is not None:
            axes.axhline(line.chance, color=colour, linewidth=0.06 * em, linestyle=(0, (1, 3)))
        for epoch, value in zip(line.epochs, line.values, strict=True):
            by_chance = "" if line.chance is None else f" (chance {line.chance:.3g})"
            canvas.say(axes, epoch, value, f"epoch {epoch}, {line.name}: {value:.4g}{panel.unit}{by_chance}")
    if len(panel.lines) > 1:
        canvas.legend_above(axes)
    axes.locator_params(axis="x", integer=True, nbins=6)
    axes.locator_params(axis="y", nbins=5)


def _draw_marks(axes: Axes, marks: Sequence[Mark], em: float) -> None:
    numbers: dict[int, list[Mark]] = {}
    for mark in marks:
        numbers.setdefault(mark.epoch, []).append(mark)
    for epoch, here in numbers.items():
        colour = BY_SEVERITY[here[0].severity]
        axes.axvline(epoch, color=colour, linewidth=0.08 * em, linestyle=(0, (4, 2)))
        axes.annotate(
            ",".join(str(number) for number in dict.fromkeys(mark.number for mark in here)),
            (epoch, 1.0),
            xycoords=("data", "axes fraction"),
            color=colour,
            fontsize=em * 0.85,
            fontweight="bold",
            ha="center",
            va="center",
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
        )


def marks_of(findings: Sequence[Finding], best: EpochRecord | None, name: str) -> tuple[Mark, ...]:
    """The best epoch, then the findings that are about epochs; one number for each."""
    found: list[Mark] = []
    if best is not None and best.epoch:
        found.append(Mark(1, best.epoch, f"Best on val, kept as {name}_best_r1.pt", "good"))
    for finding in findings:
        number = len({mark.number for mark in found}) + 1
        found += [Mark(number, epoch, finding.title, finding.severity) for epoch in finding.epochs]
    return tuple(found)
