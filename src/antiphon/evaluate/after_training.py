"""What a training came to, said at its end: the best epoch on val, beside what it has to beat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from antiphon.align.train import TrainResult
from antiphon.align.training.history import EpochRecord
from antiphon.evaluate.benchmark import evaluate, mean_mrr
from antiphon.evaluate.console import layers, remarks, side_by_side


def judge(root: Path, result: TrainResult, *, resamples: int = 200) -> dict[str, Any] | None:
    """``best_r1`` on val with its baselines, as :func:`antiphon.evaluate.benchmark.evaluate` gives it.

    Closed forms that take more than some seconds to fit are left out. None where val has no figures.
    """
    if best_epoch(result).val is None:
        return None
    found = evaluate(Path(root), result.checkpoints["best_r1"], "val", baselines="quick", resamples=resamples)
    found["warnings"] = []  # of these only that val is no split to report, and the lines say so
    return found


def best_epoch(result: TrainResult) -> EpochRecord:
    """The line of the history of the epoch in ``best_r1``."""
    return next(record for record in result.history if record.epoch == result.best_epoch)


def summary(result: TrainResult, judged: dict[str, Any] | None) -> dict[str, Any]:
    """Plain values for ``antiphon train --json``."""
    return {
        "encoder": result.encoder,
        "epochs": len(result.history),
        "best_epoch": result.best_epoch,
        "stopped_early": result.stopped_early,
        "seconds": result.seconds,
        "checkpoints": {kind: str(path) for kind, path in result.checkpoints.items()},
        "left_out": result.left_out,
        "closed_form_val_MRR": result.closed_form_mrr,
        "frozen_val_MRR": result.frozen_mrr,
        "best": best_epoch(result).to_dict(),
        "val": judged,
    }


def lines(result: TrainResult, judged: dict[str, Any] | None) -> list[str]:
    """The end of a training for people."""
    best = best_epoch(result)
    said = [f"{result.encoder}: {len(result.history)} epochs in {result.seconds:.1f} s; best is epoch {best.epoch}."]
    if result.frozen_mrr is not None and best.mean_mrr is not None:
        tuned = mean_mrr(judged["uncorrected"]) if judged and "uncorrected" in judged else best.mean_mrr
        gain = tuned - result.frozen_mrr  # both by cosine: what hubness correction adds has a row of its own
        verb = "adds" if gain > 0 else "did NOT beat them:"
        said.append(
            f"Frozen text vectors alone: mean val MRR {result.frozen_mrr:.4f}; fine-tuning the text encoder {verb} "
            f"{gain:+.4f} ({tuned:.4f})."
        )
    if result.stopped_early:
        said.append("Stopped early: val MRR had not risen for the patience of this run.")
    if result.left_out:
        said.append(f"{len(result.left_out)} tracks took no part: {next(iter(result.left_out.values()))}, …")
    if judged is None:
        return [*said, "There is no val split to judge by: antiphon evaluate shows the test split."]
    n_tracks = judged["t2a"]["n_items"]
    said.append(
        f"On val ({n_tracks} tracks), which chose the epoch, the parts' shares, and the settings of ridge and CCA:"
    )
    said += side_by_side(judged)
    return [*said, judged["verdict"], *layers(judged), *remarks(judged)]
