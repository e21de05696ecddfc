"""What was measured before and stands on the page where it is still true: slices, and grouped folds.

True it is while the checkpoints are those that were measured, and tracks, captions, splits and judgements are as they
were. Nothing is measured for it: folds train again, which is nothing that a report does unasked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.evaluate.compare.slices.shown import slice_grid
from antiphon.evaluate.compare.table import FOLDS_NAME, NAME, Comparison
from antiphon.evaluate.doctor.kept_result import is_result_of
from antiphon.evaluate.folds.cross_validation import CrossValidation
from antiphon.evaluate.folds.refit import RESULT, refits_folder
from antiphon.evaluate.report.pictures.picture import Table
from antiphon.evaluate.report.pictures.systems import System, Systems
from antiphon.evaluate.tables.grid import Grid
from antiphon.library.files import read_object
from antiphon.library.judgements.file import NAME as JUDGEMENTS_FILE
from antiphon.metrics.retrieval import mean_of_directions


@dataclass(frozen=True, kw_only=True)
class Slices:
    """Slices of the queries by one column.

    Parameters
    ----------
    title : what they are.
    table : one row a slice.
    lines : what is more than chance.
    """

    title: str
    table: Table
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Folds:
    """Grouped folds.

    Parameters
    ----------
    systems : drawn as those of the split are.
    lines : what can be said of them.
    differences : paired tests; None where there is one training alone.
    slices : of all captioned tracks; None where none were asked for.
    """

    systems: Systems
    lines: tuple[str, ...]
    differences: Grid | None
    slices: Slices | None


def kept_slices(root: Path, split: str) -> Slices | None:
    """Those of the last comparison of a split that was sliced; None where there is none that still holds."""
    found = _comparison(root, NAME)
    return None if found is None or found.split != split else _slices(found)


def kept_folds(root: Path, name: str) -> Folds | None:
    """Of all trainings where they were compared in folds, else of this one; None where nothing holds any more."""
    compared = _comparison(root, FOLDS_NAME)
    if compared is not None and any(row.name == name for row in compared.rows):
        rows = [System(row.name, row.kind == "trained", row.figures) for row in compared.rows]
        systems = Systems(split=compared.split, systems=tuple(rows))
        slices = _slices(compared)
        told = () if slices is None else slices.lines  # which stand beside their table
        lines = tuple(line for line in compared.lines() if line not in told)
        return Folds(systems=systems, lines=lines, differences=compared.differences.grid(), slices=slices)
    path = refits_folder(root, name) / RESULT
    own = read_object(path)
    if own is None or not _holds(root, path, own, [name]):
        return None
    try:
        return _of_one(CrossValidation(own))
    except (KeyError, TypeError, ValueError):  # of another version
        return None


def _of_one(found: CrossValidation) -> Folds:
    figures = found.figures
    beside = [System(name, False, each) for name, each in figures["baselines"].items()]
    rows = [System(figures["name"], True, figures), *beside]
    rows.sort(key=lambda row: -mean_of_directions(row.figures))
    systems = Systems(split=str(figures["split"]), systems=tuple(rows))
    return Folds(systems=systems, lines=tuple(found.lines()), differences=None, slices=None)


def _slices(found: Comparison) -> Slices | None:
    told = found.slices
    if told is None or not told["slices"] or not all("chance" in each for each in told["slices"]):
        return None
    grid = slice_grid(told)
    return Slices(title=grid.title, table=Table(headings=grid.headings, rows=grid.rows), lines=grid.notes)


def _comparison(root: Path, name: str) -> Comparison | None:
    path = root / f"{name}.json"
    data = read_object(path)
    if data is None:
        return None
    try:
        found = Comparison.from_dict(data)
    except (KeyError, TypeError, ValueError, AttributeError):  # of another version
        return None
    return found if _holds(root, path, data, [row.name for row in found.trained]) else None


def _holds(root: Path, path: Path, data: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether a result is later than what it was measured on, and its trainings are those that are there."""
    if path.stat().st_mtime_ns < tables_changed(root):
        return False
    there = {name: checkpoint_paths(root, name)["best_r1"] for name in names}
    return all(best.exists() and is_result_of(path, data, name, best) for name, best in there.items())


def tables_changed(root: Path) -> int:
    """When tracks, captions, splits or judgements changed last, nanoseconds."""
    tables = ("tracks.parquet", "captions.parquet", "splits.parquet", JUDGEMENTS_FILE)
    return max((root / name).stat().st_mtime_ns for name in tables if (root / name).exists())
