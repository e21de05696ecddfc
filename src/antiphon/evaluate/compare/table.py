"""The encoder table: what a comparison found, and the files it is written to."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.evaluate.compare.power import what_would_decide
from antiphon.evaluate.compare.text_side import better_than, text_lines
from antiphon.frames import frame_of_rows
from antiphon.library.files import write_text
from antiphon.metrics.figures import METRICS
from antiphon.metrics.pairing import caution, decided, interval_text
from antiphon.metrics.retrieval import PROTOCOL

if TYPE_CHECKING:
    import pandas as pd

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
    "embed/min",
    "train s",
    "search ms",
    "best for",
)
TEXT_HEADINGS = ("text", "query ms", "cold s", "text MB")
"""Further columns where trainings differ in their text encoders; the first stands behind the name."""

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
    shared_bytes_per_track : of the vector that search needs.
    parameters : trained numbers; None for a baseline.
    embedded_per_minute : tracks a minute that the encoder was measured to describe here; None where it was not.
    training_seconds : wall time of all epochs; None where it is not known.
    search_ms_100k : one exact query over 100,000 tracks on the machine that compared, milliseconds.
    best_for : derived from the figures by :func:`antiphon.evaluate.compare.award.award`.
    text : the text encoders that read its queries, joined by +.
    text_dim : numbers in a caption's vector of theirs; None for a baseline.
    query_ms, query_cold_s, text_mb : what they cost (:class:`antiphon.evaluate.compare.query_cost.QueryCost`); None
        where it was not measured, as where all trainings have the same text encoder.
    """

    name: str
    encoder: str
    kind: str
    audio_dim: int
    figures: dict[str, dict[str, Any]]
    bytes_per_track: int
    shared_bytes_per_track: int
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

    def mean(self, key: str) -> float:
        """A figure's mean over both directions."""
        return float(self.figures["t2a"][key] + self.figures["a2t"][key]) / 2

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
            "–" if self.embedded_per_minute is None else f"{self.embedded_per_minute:,.0f}",
            _or_dash(self.training_seconds),
            _or_dash(self.search_ms_100k),
            "; ".join(self.best_for) or "–",
        )


def _with_interval(figures: dict[str, Any]) -> str:
    low, high = figures.get("ci95", {}).get("MRR", (None, None))
    return f"{figures['MRR']:.3f}" if low is None else f"{figures['MRR']:.3f} ({low:.3f}–{high:.3f})"


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Encoders side by side.

    Parameters
    ----------
    split : which one.
    n_tracks, n_captions : in common to all encoders.
    rows : best mean-of-directions MRR first, baselines among them.
    tests : every pair of trained encoders: ``better``, ``worse``, ``MRR``/``R@1``/``R@10`` each with ``difference``,
        ``ci95``, ``p`` (mean of directions), and ``p_holm``, MRR's p value corrected for the number of pairs.
    baseline_tests : every training against each of its baselines: ``trained``, ``baseline``, and ``MRR``/``R@1``/
        ``R@10`` as in ``tests`` (how much better the trained one is).
    notes : why a native text tower is not among the rows.
    warnings : what makes the figures less than they seem.
    """

    split: str
    n_tracks: int
    n_captions: int
    rows: tuple[Row, ...]
    tests: tuple[dict[str, Any], ...] = ()
    baseline_tests: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def trained(self) -> list[Row]:
        """Rows of trained encoders, best first."""
        return [row for row in self.rows if row.kind == "trained"]

    @property
    def texts(self) -> list[str]:
        """The different text sides of trained encoders, the best one's first."""
        return list(dict.fromkeys(row.text for row in self.trained))

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Headings and rows of texts; the last row is chance."""
        rows = [row.cells() for row in self.rows] + [self._chance_cells()]
        if len(self.texts) < 2:
            return HEADINGS, rows
        further = [row.text_cells() for row in self.rows] + [("–",) * len(TEXT_HEADINGS)]
        return _beside(HEADINGS, TEXT_HEADINGS), [_beside(*both) for both in zip(rows, further, strict=True)]

    def _chance_cells(self) -> tuple[str, ...]:
        chance = {way: self.rows[0].figures[way]["chance"] for way in ("t2a", "a2t")}
        mean = {key: (chance["t2a"][key] + chance["a2t"][key]) / 2 for key in METRICS}
        return (
            "chance",
            "–",
            *(f"{mean[key]:.1f}%" for key in ("R@1", "R@5", "R@10")),
            f"{mean['MRR']:.3f}",
            *(f"{chance[way]['MRR']:.3f}" for way in ("t2a", "a2t")),
            " / ".join(f"{chance[way]['median_rank']:g}" for way in ("t2a", "a2t")),
            *("–",) * 5,
        )

    def test(self, a: str, b: str) -> dict[str, Any]:
        """The paired test between two encoders, whichever is better."""
        return next(t for t in self.tests if {t["better"], t["worse"]} == {a, b})

    def lines(self) -> list[str]:
        """What stands under the table."""
        said = [
            f"{self.split}: {self.n_captions} captions of {self.n_tracks} tracks, the same for all; R@K, MRR: mean of "
            "text-to-audio and audio-to-text; median rank: t2a / a2t; kB a track: the encoder's stored vector; "
            "embed/min: tracks a minute that the encoder described here; search ms: one exact query over 100,000 "
            "tracks here."
        ]
        holm = " after Holm's correction"
        said += [f"{better_than(t['better'], t['worse'], t, corrected=holm)}.{self._more(t)}" for t in self.tests]
        said += text_lines(self.trained, self.test)
        said += [
            f"{_not_beaten(test)}{_spaced(what_would_decide(test['MRR'], self.n_tracks, where=self.split))}"
            for test in self.baseline_tests
            if decided(test["MRR"]) != "better"
        ]
        cautions = [caution(test["MRR"], p=test.get("p_holm")) for test in (*self.tests, *self.baseline_tests)]
        said += list(dict.fromkeys(filter(None, cautions)))
        if len(self.trained) > 1:
            said.append("The best of several looks a little better than it is; its figure is an optimistic one.")
        return [*said, *self.notes, *(f"Warning: {warning}" for warning in self.warnings)]

    def _more(self, test: dict[str, Any]) -> str:
        """How many more tracks would decide between two trainings, where that is open."""
        still_open = sum(decided(each["MRR"], p=each["p_holm"]) == "open" for each in self.tests)
        found = what_would_decide(test["MRR"], self.n_tracks, p=test["p_holm"], tests=still_open, where=self.split)
        return _spaced(found)

    def to_markdown(self) -> str:
        """The table with its notes, as a page."""
        headings, rows = self.table()
        marks = ["---", *["---:"] * (len(headings) - 2), "---"]
        grid = [_markdown_row(headings), _markdown_row(marks), *(_markdown_row(row) for row in rows)]
        notes = [f"- {line}" for line in [*self.lines(), f"Protocol: {PROTOCOL}"]]
        return "\n".join(["# Encoders compared", "", *grid, "", *notes]) + "\n"

    def to_csv(self) -> str:
        """One row a system and plain numbers, for spreadsheets."""
        stream = io.StringIO()
        rows = [row.to_flat() for row in self.rows]
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return stream.getvalue()

    def to_frame(self) -> pd.DataFrame:
        """The rows and columns of :meth:`to_csv`, indexed by name; needs pandas."""
        return frame_of_rows([row.to_flat() for row in self.rows], index=["name"])

    def __str__(self) -> str:
        return self.to_markdown()

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {**asdict(self), "protocol": PROTOCOL}

    def to_json(self) -> str:
        """:meth:`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def write(self, root: Path) -> None:
        """``comparison.md``, ``comparison.csv`` and ``comparison.json`` in the library."""
        write_text(Path(root) / "comparison.md", self.to_markdown())
        write_text(Path(root) / "comparison.csv", self.to_csv())
        write_text(Path(root) / "comparison.json", self.to_json() + "\n")


def _beside(cells: tuple[str, ...], text: tuple[str, ...]) -> tuple[str, ...]:
    """A row with what it says of the text side: which behind its name, what that costs before what it is best for."""
    return (cells[0], text[0], *cells[1:-1], *text[1:], cells[-1])


def _spaced(sentence: str) -> str:
    return f" {sentence}" if sentence else ""


def _not_beaten(test: dict[str, Any]) -> str:
    gain = test["MRR"]
    said = "training is worse than" if decided(gain) == "worse" else "training does not measurably beat"
    return f"{test['trained']}: {said} {test['baseline']}: MRR {gain['difference']:+.3f} ({interval_text(gain)})."


def _markdown_row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '∣') for cell in cells)} |"
