"""The encoder table: what a comparison found, and the files it is written to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.evaluate.compare.differences import Differences
from antiphon.evaluate.compare.judged import other_verdicts
from antiphon.evaluate.compare.row import COMPETING, HEADINGS, IN_PAPER, TEXT_HEADINGS, Row
from antiphon.evaluate.compare.slices.shown import slice_grid, slice_lines
from antiphon.evaluate.compare.text_side import text_lines
from antiphon.evaluate.review.counted import pairs_said
from antiphon.evaluate.tables.grid import Grid, Paper, best_in_column
from antiphon.evaluate.tables.markdown import to_markdown
from antiphon.evaluate.tables.written import to_csv
from antiphon.frames import frame_of_rows
from antiphon.library.files import write_text
from antiphon.metrics.figures import METRICS
from antiphon.metrics.retrieval import OWN_FOLD, PROTOCOL, mean_of_directions
from antiphon.printed import counted

if TYPE_CHECKING:
    import pandas as pd

NAME, FOLDS_NAME = "comparison", "comparison_folds"
"""Of the files that a comparison is kept in, on a split and in folds."""
CAPTION = (
    "R@1 and R@10: mean of both directions. MRR (0 to 1): text to audio (t2a) and audio to text (a2t), with 95 % "
    "intervals. kB: of a track's stored vector. Bold: best of its column, where better than chance."
)
"""Of the table in a paper, behind what was asked."""
REFITTED = "each was asked once, by trainings that never saw its group, among the candidates of its fold; "


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Encoders side by side.

    Parameters
    ----------
    split : which one; "5 folds" where every captioned track was asked for.
    n_tracks, n_captions : in common to all encoders.
    folds : how many; 0 for a split.
    rows : best mean-of-directions MRR first, baselines among them.
    tests : every pair of trained encoders: ``better``, ``worse``, ``MRR``/``R@1``/``R@10`` each with ``difference``,
        ``ci95``, ``p`` (mean of directions), ``t2a_MRR`` and ``a2t_MRR`` likewise, and ``p_holm``, MRR's p value
        corrected for the number of pairs.
    baseline_tests : every training against each of its baselines: ``trained``, ``baseline``, and ``MRR``/``R@1``/
        ``R@10`` as in ``tests`` (how much better the trained one is).
    slices : what slices of the queries show: ``by``, ``systems`` (trainings, the best of all first, then its
        baselines), ``slices`` as
        :func:`antiphon.evaluate.compare.slices.findings.slice_findings` gives them, ``too_small``, how many were
        not tested, and ``in_several``, how many tracks are in more than one; None where none were asked for.
    judgements : ``pairs``, ``same``, ``different``, ``unsure``: how many pairs of these queries and tracks were judged;
        ``systems``: each training's figures of both directions with them; ``tests`` and ``baseline_tests``: the paired
        tests with them, counted for every system alike. None where none were. Rows and slices are without.
    notes : why a native text tower is not among the rows.
    warnings : what makes the figures less than they seem.
    """

    split: str
    n_tracks: int = 0
    n_captions: int = 0
    folds: int = 0
    rows: tuple[Row, ...] = ()
    tests: tuple[dict[str, Any], ...] = ()
    baseline_tests: tuple[dict[str, Any], ...] = ()
    slices: dict[str, Any] | None = None
    judgements: dict[str, Any] | None = None
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
            *("–",) * 6,
        )

    @property
    def differences(self) -> Differences:
        """What the paired tests say of the differences, as a table and in sentences."""
        where = "" if self.folds else self.split
        return Differences(tests=self.tests, baseline_tests=self.baseline_tests, n_tracks=self.n_tracks, where=where)

    def test(self, a: str, b: str) -> dict[str, Any]:
        """The paired test between two encoders, whichever is better."""
        return next(t for t in self.tests if {t["better"], t["worse"]} == {a, b})

    def lines(self) -> list[str]:
        """What stands under the table."""
        said = [
            f"{self.split}: {self.n_captions:,} captions of {self.n_tracks:,} tracks{self._groups}, the same for all; "
            f"{REFITTED if self.folds else ''}R@K, MRR: mean of "
            "text-to-audio (t2a) and audio-to-text (a2t); median rank: t2a / a2t; audio dim: numbers of a track's "
            "vector; kB a track: what it takes on disk; params: trained numbers; embed/min: tracks a minute that the "
            "encoder described here; train s: seconds of training; search ms: one exact query over 100,000 tracks "
            "here. Names that end in cca, ridge or native are baselines: solved, or a tower of the encoder's own."
        ]
        differences = self.differences
        said += differences.lines()
        said += text_lines(self.trained, self.test)
        if not self.folds and differences.is_open:
            said.append("To ask every captioned track in place of this split: antiphon compare --folds 5.")
        if self.slices is not None:
            said += slice_lines(self.slices)
        if len(self.trained) > 1:
            said.append("The best of several looks a little better than it is; its figure is an optimistic one.")
        return [*said, *self._judgement_lines(), *self.notes, *(f"Warning: {warning}" for warning in self.warnings)]

    def _judgement_lines(self) -> list[str]:
        """Each training's MRR with what people judged; and whether another one is first by it."""
        if self.judgements is None:
            return []
        judged = {name: mean_of_directions(both) for name, both in self.judgements["systems"].items()}
        each = ", ".join(f"{row.name} {judged[row.name]:.3f} ({row.mean('MRR'):.3f})" for row in self.trained)
        said = [f"MRR with {pairs_said(self.judgements)}, in brackets without, as in table and tests: {each}."]
        first = max(judged, key=lambda name: judged[name])
        if first != self.trained[0].name:
            said.append(f"With them {first} is first: the order hangs on pairs that captions do not name.")
        return [*said, *other_verdicts(self.tests, self.baseline_tests, self.judgements)]

    @property
    def _groups(self) -> str:
        """How many of them are independent: what every test and interval here counts."""
        known = [figures["n_groups"] for figures in self.rows[0].figures.values() if "n_groups" in figures]
        if not known:
            return ""
        texts = ": captions of one text count as one" if known[0] < known[-1] else ""  # t2a first
        return f" ({counted(min(known), 'independent group')}{texts})"

    def grid(self) -> Grid:
        """The table; bold is the best of each figure."""
        headings, rows = self.table()
        by_luck = {way: self.rows[0].figures[way]["chance"] for way in ("t2a", "a2t")}
        chance = replace(self.rows[0], figures=by_luck).competing()
        best = best_in_column([row.competing() for row in self.rows], chance=chance)
        place = {i: headings.index(heading) for i, heading in enumerate(COMPETING.values())}
        return Grid(
            title=f"Encoders compared in {self.folds} folds" if self.folds else "Encoders compared",
            headings=headings,
            rows=tuple(rows),
            words=frozenset({"encoder", "text", "best for"}),
            best=frozenset((row, place[column]) for row, column in best),
            notes=(*self.lines(), f"Protocol: {self.protocol}"),
            plain=tuple(row.to_flat() for row in self.rows),
            paper=Paper(columns=IN_PAPER, caption=f"{self._asked} {CAPTION}"),
        )

    @property
    def _asked(self) -> str:
        where = f"in {self.folds} grouped folds" if self.folds else f"on {self.split}"
        return f"Systems compared {where}, {self.n_captions:,} captions of {self.n_tracks:,} tracks, the same for all."

    def to_markdown(self) -> str:
        """The table with its notes, as a page."""
        sliced = "" if self.slices is None or not self.slices["slices"] else f"\n{to_markdown(slice_grid(self.slices))}"
        differences = self.differences.grid()
        tested = "" if differences is None else f"\n{to_markdown(differences)}"
        return to_markdown(self.grid()) + tested + sliced

    def to_csv(self) -> str:
        """One row a system and plain numbers, for spreadsheets."""
        return to_csv(self.grid())

    def to_frame(self) -> pd.DataFrame:
        """The rows and columns of :meth:`to_csv`, indexed by name; needs pandas."""
        return frame_of_rows([row.to_flat() for row in self.rows], index=["name"])

    def __str__(self) -> str:
        return self.to_markdown()

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {**asdict(self), "protocol": self.protocol}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Comparison:
        """Inverse of :meth:`to_dict`.

        Raises
        ------
        KeyError, TypeError : it is of another version.
        """
        known: dict[str, Any] = {key: value for key, value in data.items() if key != "protocol"}
        known |= {key: tuple(known[key]) for key in ("tests", "baseline_tests", "notes", "warnings")}
        rows = tuple(Row(**{**row, "best_for": tuple(row["best_for"])}) for row in known["rows"])
        return cls(**{**known, "rows": rows})

    @property
    def protocol(self) -> str:
        """Who asks, and what is right."""
        return f"{PROTOCOL} {OWN_FOLD}" if self.folds else PROTOCOL

    def to_json(self) -> str:
        """:meth:`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def write(self, root: Path) -> None:
        """``comparison.md``, ``.csv`` and ``.json`` in the library; of folds ``comparison_folds.md`` and so on."""
        name = FOLDS_NAME if self.folds else NAME
        for ending, text in (("md", self.to_markdown()), ("csv", self.to_csv()), ("json", self.to_json() + "\n")):
            write_text(Path(root) / f"{name}.{ending}", text)


def _beside(cells: tuple[str, ...], text: tuple[str, ...]) -> tuple[str, ...]:
    """A row with what it says of the text side: which behind its name, what that costs before what it is best for."""
    return (cells[0], text[0], *cells[1:-1], *text[1:], cells[-1])
