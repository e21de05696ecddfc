"""One system of the encoder table: its figures, what it costs, and its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from antiphon.metrics.figures import METRICS

HEADINGS = (
    "encoder",
    "audio dim",
    "R@1",
    "R@5",
    "R@10",
    "MRR",
    "t2a MRR (95 %)",
    "a2t MRR (95 %)",
    "median rank",
    "kB a track",
    "params",
    "embed/min",
    "train s",
    "search ms",
    "best for",
)
TEXT_HEADINGS = ("text", "query ms", "cold s", "text MB")
"""Further columns where trainings differ in their text encoders; the first stands behind the name."""

IN_PAPER = {
    "encoder": "system",
    "R@1": "R@1",
    "R@10": "R@10",
    "t2a MRR (95 %)": "t2a MRR (95 %)",
    "a2t MRR (95 %)": "a2t MRR (95 %)",
    "kB a track": "kB",
}
"""Columns that a paper has room for → what they are called there."""
COMPETING = {
    "R@1": "R@1",
    "R@5": "R@5",
    "R@10": "R@10",
    "MRR": "MRR",
    "t2a_MRR": "t2a MRR (95 %)",
    "a2t_MRR": "a2t MRR (95 %)",
}
"""Figures of which the best is set in bold → their heading."""

SIZES = (
    "bytes_per_track",
    "shared_bytes_per_track",
    "parameters",
    "embedded_per_minute",
    "training_seconds",
    "search_ms_100k",
    "text_dim",
    "query_ms",
    "query_cold_s",
    "text_mb",
)
"""Fields of a row that say what a system costs."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One system.

    Parameters
    ----------
    name : as it stands in the table.
    encoder : the audio encoders it is built on.
    kind : ``"trained"`` or ``"baseline"``.
    audio_dim : numbers in the encoder's vector of a track.
    figures : both directions, as :func:`antiphon.metrics.retrieval.retrieval` gives them.
    bytes_per_track : of the encoder's stored vector.
    shared_bytes_per_track : of the vector that search needs; None where it differs between folds.
    parameters : trained numbers; None for a baseline.
    embedded_per_minute : tracks a minute that the encoder was measured to describe here; None where it was not.
    training_seconds : wall time of all epochs; None where it is not known.
    search_ms_100k : one exact query over 100,000 tracks on the machine that compared, milliseconds.
    best_for : derived from the figures by :func:`antiphon.evaluate.compare.award.award`.
    text : the text encoders that read its queries, joined by +.
    text_dim : numbers in a caption's vector of theirs; None for a baseline.
    query_ms, query_cold_s, text_mb : what they cost, as
        :class:`antiphon.evaluate.compare.costs.query_cost.QueryCost` has it; None where it was not measured, as where
        all trainings have the same text encoder.
    checkpoint_checksum : of a training's checkpoint, as its file has it; "" where there is none.
    """

    name: str
    encoder: str
    kind: str
    audio_dim: int
    figures: dict[str, dict[str, Any]]
    bytes_per_track: int
    shared_bytes_per_track: int | None
    parameters: int | None = None
    embedded_per_minute: float | None = None
    training_seconds: float | None = None
    search_ms_100k: float | None = None
    best_for: tuple[str, ...] = ()
    text: str = ""
    text_dim: int | None = None
    query_ms: float | None = None
    query_cold_s: float | None = None
    text_mb: float | None = None
    checkpoint_checksum: str = ""

    def mean(self, key: str) -> float:
        """A figure's mean over both directions."""
        return float(self.figures["t2a"][key] + self.figures["a2t"][key]) / 2

    def competing(self) -> list[float]:
        """The numbers behind the columns of ``COMPETING``."""
        means = [self.mean(key) for key in ("R@1", "R@5", "R@10", "MRR")]
        return [*means, *(float(self.figures[way]["MRR"]) for way in ("t2a", "a2t"))]

    def to_flat(self) -> dict[str, Any]:
        """Plain values: means of both directions by metric, each direction's own, sizes and speeds."""
        return {
            "name": self.name,
            "kind": self.kind,
            "text": self.text,
            "audio_dim": self.audio_dim,
            **{key: self.mean(key) for key in METRICS},
            **{f"{way}_{key}": self.figures[way][key] for way in ("t2a", "a2t") for key in METRICS},
            **{key: getattr(self, key) for key in SIZES},
            "best_for": "; ".join(self.best_for),
        }

    def text_cells(self) -> tuple[str, ...]:
        """One text for each of ``TEXT_HEADINGS``."""
        return (self.text or "–", *map(_or_dash, (self.query_ms, self.query_cold_s, self.text_mb)))

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed, one text for each of ``HEADINGS``."""
        ranks = [f"{self.figures[way]['median_rank']:g}" for way in ("t2a", "a2t")]
        return (
            self.name,
            f"{self.audio_dim:,}",
            *(f"{self.mean(key):.1f}%" for key in ("R@1", "R@5", "R@10")),
            f"{self.mean('MRR'):.3f}",
            *(_with_interval(self.figures[way]) for way in ("t2a", "a2t")),
            " / ".join(ranks),
            f"{self.bytes_per_track / 1000:.1f}",
            "–" if self.parameters is None else _short_count(self.parameters),
            "–" if self.embedded_per_minute is None else f"{self.embedded_per_minute:,.0f}",
            _or_dash(self.training_seconds),
            _or_dash(self.search_ms_100k),
            "; ".join(self.best_for) or "–",
        )


def _with_interval(figures: dict[str, Any]) -> str:
    low, high = figures.get("ci95", {}).get("MRR", (None, None))
    return f"{figures['MRR']:.3f}" if low is None else f"{figures['MRR']:.3f} ({low:.3f}–{high:.3f})"


def _short_count(number: int) -> str:
    """A count in three characters or so: ``"950"``, ``"12k"``, ``"3.4M"``."""
    if number < 1000:
        return str(number)
    return f"{number / 1e3:.0f}k" if number < 1e6 else f"{number / 1e6:.1f}M"


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
