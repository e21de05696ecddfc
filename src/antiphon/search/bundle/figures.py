"""How good a bundle is: measured on the library that it comes from, when it is sealed, beside its baselines."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.errors import LibraryError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.split_vectors import Splits
from antiphon.library.tracks import Library
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.retrieval import mean_of_directions

KEPT = ("split", "t2a", "a2t", "verdict", "warnings", "captions", "left_out", "typed")
"""Of an evaluation, what a bundle keeps."""


def measured(root: Path, bundle: Bundle) -> dict[str, Any]:
    """Figures of a checkpoint on its library's test split, else on val, with the baselines'; empty without captions."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / f"{bundle.name}.pt"
        bundle.save(checkpoint)
        return _measured(root, checkpoint)


def _measured(root: Path, checkpoint: Path) -> dict[str, Any]:
    library = Library(root)
    for split in ("test", "val"):
        if len(library.tracks_in(split)):
            try:
                found = evaluate(root, checkpoint, split, baselines="quick", keep=False)
            except LibraryError:  # no captions there, or no vectors of it
                continue
            baselines = {
                name: {key: own[key] for key in (*DIRECTIONS, "training_minus_baseline") if key in own}
                for name, own in found["baselines"].items()
            }
            return {key: found[key] for key in KEPT if key in found} | {"baselines": baselines}
    return {}


def loss_without(root: Path, whole: Bundle, less: Bundle) -> dict[str, float]:
    """MRR, mean of both directions, of a checkpoint and of what is left of it without its training examples.

    On test, else on val; empty where there are no captions there.
    """
    splits = Splits(root)
    for split in ("test", "val"):
        try:
            both = [splits.vectors(bundle, split) for bundle in (whole, less)]
        except LibraryError:
            continue
        whole_mrr, less_mrr = (mean_of_directions(each.figures(each.ranked, resamples=0, seed=0)) for each in both)
        return {"whole": whole_mrr, "without": less_mrr}
    return {}
