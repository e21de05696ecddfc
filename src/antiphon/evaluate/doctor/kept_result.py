"""What is known of a training on the test split: figures that ``evaluate`` or ``compare`` left, of this checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from antiphon.align.checkpoint.file import stored_checksum
from antiphon.align.checkpoint.paths import checkpoint_paths, run_folder
from antiphon.library.files import read_object


class OnTest(NamedTuple):
    """Figures on test of the checkpoint that is kept, or None; and whether there are some of an earlier one."""

    figures: dict[str, Any] | None
    earlier: bool


def result_on_test(root: Path, name: str) -> OnTest:
    """What ``evaluate`` found last, else what ``compare`` did; only of the checkpoint that is there now."""
    best = checkpoint_paths(root, name)["best_r1"]
    paths = (run_folder(root, name) / "test_metrics.json", root / "comparison.json")
    found = {path: read_object(path) for path in paths}
    fresh = [path for path, data in found.items() if data and is_result_of(path, data, name, best)]
    results = [_own(found[path], name) for path in fresh]
    figures = next((result for result in results if result), None)
    return OnTest(figures, figures is None and any(_own(data, name) for data in found.values()))


def is_result_of(path: Path, data: Mapping[str, Any], name: str, checkpoint: Path) -> bool:
    """Whether a result is of the checkpoint that is there now.

    Its checksum says so. Where one of them has none, as before 26 November 2026, the result has to be the later file.

    Parameters
    ----------
    path, data : the file of ``evaluate`` or ``compare``, and its content.
    name : of the training.
    """
    rows = [row for row in data.get("rows", ()) if row.get("name") == name]
    said = str((rows[0] if rows else data).get("checkpoint_checksum", ""))
    there = stored_checksum(checkpoint) if said else ""
    if said and there:
        return said == there
    return not checkpoint.exists() or path.stat().st_mtime_ns >= checkpoint.stat().st_mtime_ns


def _own(data: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    """A training's own figures out of a result of ``evaluate`` or of ``compare``."""
    if data is None or data.get("split") != "test":
        return None
    if "rows" not in data:
        return data if "ci95" in data.get("t2a", {}) else None
    rows = {row["name"]: row["figures"] for row in data["rows"]}
    if name not in rows or "ci95" not in rows[name]["t2a"]:
        return None
    against = [test for test in data.get("baseline_tests", ()) if test["trained"] == name]
    baselines = {
        test["baseline"]: {**rows[test["baseline"]], "training_minus_baseline": {"mean": {"MRR": test["MRR"]}}}
        for test in against
        if test["baseline"] in rows
    }
    return {**rows[name], "baselines": baselines, "warnings": []}
