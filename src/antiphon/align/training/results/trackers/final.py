"""The figures that a training is judged by, read from the files that it has left."""

from __future__ import annotations

from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths, run_folder
from antiphon.align.training.results.trackers.tracker import figures_on_test, final_figures
from antiphon.library.files import read_json


def read_final(root: Path, name: str) -> dict[str, float]:
    """Tag → value: val of ``best_r1``, with the weights that it ended with, and test where it was evaluated since."""
    figures = final_figures(Bundle.load(checkpoint_paths(root, name)["best_r1"]).val)
    kept = run_folder(root, name) / "test_metrics.json"
    if not kept.is_file():
        return figures
    try:
        return figures | figures_on_test(read_json(kept))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):  # made by another version, or damaged
        return figures
