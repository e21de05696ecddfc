"""Which text side is better by more than chance, and what it costs when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from antiphon.metrics.pairing import decided, interval_text


class Costed(Protocol):
    """What is asked of a training's row: a :class:`antiphon.evaluate.compare.row.Row`."""

    @property
    def name(self) -> str:
        """Of the training."""

    @property
    def encoder(self) -> str:
        """Its audio encoders."""

    @property
    def text(self) -> str:
        """Its text encoders."""

    @property
    def query_ms(self) -> float | None:
        """Milliseconds that reading a query takes."""

    @property
    def query_cold_s(self) -> float | None:
        """Seconds to the first query."""

    @property
    def text_mb(self) -> float | None:
        """Megabytes of weights."""


def text_lines(trained: Sequence[Costed], test: Callable[[str, str], dict[str, Any]]) -> list[str]:
    """For each audio encoder that several text sides were trained with: its best one against every other.

    Parameters
    ----------
    trained : rows of trained encoders, best first.
    test : the paired test between two trainings, by their names.
    """
    lines = []
    for encoder in dict.fromkeys(row.encoder for row in trained):
        best, *others = [row for row in trained if row.encoder == encoder]
        told = {best.text}
        for other in others:
            if other.text not in told:
                told.add(other.text)
                lines.append(_line(best, other, test(best.name, other.name)))
    return lines


def _line(best: Costed, other: Costed, test: dict[str, Any]) -> str:
    return f"Text side of {best.encoder}: {better_than(best.text, other.text, test)}{_costs(best, other)}."


def better_than(better: str, worse: str, test: dict[str, Any], *, corrected: str = "") -> str:
    """Whether one is better by more than chance, and by how much; ``corrected`` stands behind the p value."""
    gain, p = test["MRR"], test["p_holm"]
    by = f"MRR {gain['difference']:+.3f} ({interval_text(gain)}, p = {p:.2g}{corrected})"
    if decided(gain, p=p) == "better":
        return f"{better} is significantly better than {worse}: {by}"
    return f"{better} and {worse} cannot be told apart here: {by}"


def _costs(best: Costed, other: Costed) -> str:
    """What the better one costs beside the other, as far as it was measured."""
    pairs = (
        ("a query takes {} ms, not {}", best.query_ms, other.query_ms),
        ("the first one {} s, not {}", best.query_cold_s, other.query_cold_s),
        ("its weights are {} MB, not {}", best.text_mb, other.text_mb),
    )
    said = [form.format(_short(mine), _short(theirs)) for form, mine, theirs in pairs if mine and theirs]
    return f"; {', '.join(said)}" if said else ""


def _short(value: float | None) -> str:
    return f"{value:.1f}" if value is not None and value < 10 else f"{value:.0f}"
