"""All that a report is made of, read and computed once: figures, vectors, diagnoses, the comparison, the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths, find_checkpoint, run_folder
from antiphon.errors import AntiphonError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.diagnose import Diagnosis, diagnose, examine
from antiphon.evaluate.doctor.gather import gather
from antiphon.evaluate.doctor.kept_result import is_result_of
from antiphon.evaluate.doctor.rules.fusions import is_fusion
from antiphon.evaluate.per_query.results import QueryResults, query_results
from antiphon.evaluate.report.kept import tables_changed
from antiphon.evaluate.split_vectors import Splits, SplitVectors
from antiphon.library.files import read_object
from antiphon.library.tracks import Library


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """One training or fusion, as the doctor sees it; a fusion has no case."""

    name: str
    diagnosis: Diagnosis
    case: Case | None


class ReportMaterial:
    """What a report about some trainings of a library is made of. Each thing is computed when it is first asked for.

    Parameters
    ----------
    root : library folder.
    names : of trainings or fusions, one at least; the first is the one that is looked at closely.
    split : on which figures, ranks, map and queries are.
    seed : of whatever is drawn.

    Raises
    ------
    CheckpointError : there is no such training, or its checkpoint is damaged.
    LibraryError : there is no library.
    """

    def __init__(self, root: Path, names: Sequence[str], *, split: str = "test", seed: int = 0) -> None:
        self.root, self.split, self.seed = Path(root), split, seed
        self._splits = Splits(self.root)
        self.checkpoint = find_checkpoint(self.root, names[0])
        self.bundle = Bundle.load(self.checkpoint)
        self.names = (self.bundle.run, *(name for name in names[1:] if name != self.bundle.run))

    @property
    def library(self) -> Library:
        """The library, opened."""
        return self._splits.library

    @property
    def name(self) -> str:
        """Of the training that is looked at closely."""
        return self.names[0]

    @cached_property
    def vectors(self) -> SplitVectors:
        """The split in the shared space; errors as :meth:`antiphon.evaluate.split_vectors.Splits.vectors`."""
        return self._splits.vectors(self.bundle, self.split)

    @cached_property
    def results(self) -> QueryResults:
        """Every caption of the split as a query."""
        return query_results(self.library, self.vectors).t2a

    @cached_property
    def figures(self) -> dict[str, Any]:
        """As :func:`antiphon.evaluate.benchmark.evaluate` gives them; those that it kept, if they are of now."""
        kept = run_folder(self.root, self.name) / "test_metrics.json"
        best = checkpoint_paths(self.root, self.name)["best_r1"]
        if self.split == "test" and self.checkpoint == best and kept.is_file():
            found = read_object(kept)
            whole = found is not None and "verdict" in found and found.get("baselines")
            later = kept.stat().st_mtime_ns >= tables_changed(self.root)
            if whole and found is not None and later and is_result_of(kept, found, self.name, best):
                return found
        return evaluate(self.root, self.checkpoint, self.split, typed=True)

    @cached_property
    def trainings(self) -> tuple[Training, ...]:
        """Those that were asked for; errors as :func:`antiphon.evaluate.doctor.diagnose.diagnose`."""
        _ = self.figures  # so that the doctor knows of them
        return tuple(self._training(name) for name in self.names)

    def _training(self, name: str) -> Training:
        if is_fusion(self.root, name):
            return Training(name=name, diagnosis=diagnose(self.root, name), case=None)
        case = gather(self.root, name)
        return Training(name=name, diagnosis=examine(case), case=case)

    @cached_property
    def comparison(self) -> Comparison | str:
        """All trainings side by side, or why they cannot be."""
        try:
            return compare(self.root, split=self.split)
        except AntiphonError as error:
            return error.problem

    @cached_property
    def audit(self) -> dict[str, Any] | None:
        """What ingest found; None where its file is gone or damaged."""
        return read_object(self.root / "audit.json")
