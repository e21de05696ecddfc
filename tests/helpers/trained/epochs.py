"""Epochs with made figures, and what TensorBoard reads of a folder."""

from __future__ import annotations

from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from antiphon.align.training.results.history import EpochRecord
from antiphon.metrics.figures import METRICS


def epoch_record(epoch: int = 10, *, val: bool = True, steps: int = 5) -> EpochRecord:
    """An epoch with the figures of the training guide's example."""
    rest = dict.fromkeys(METRICS, 0.5)
    t2a = rest | {"R@1": 12.45, "R@5": 31.22, "R@10": 42.18, "MRR": 0.2156, "median_rank": 14.5}
    a2t = rest | {"R@1": 10.0, "R@5": 30.0, "R@10": 40.0, "MRR": 0.2, "median_rank": 16.0}
    return EpochRecord(
        epoch=epoch,
        train_loss=1.8234,
        val_loss=1.9012 if val else None,
        loss_chance=6.2,
        step_loss=3.1 if steps else None,
        val={"t2a": t2a, "a2t": a2t} if val else None,
        lr=1e-3,
        temperature=0.07,
        grad_norm=0.5,
        steps=steps,
        seconds=1.5,
        pairs_per_second=1e4,
    )


def curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Tag → (step, value) of every point that TensorBoard shows of a run."""
    events = EventAccumulator(str(folder))
    events.Reload()
    tags = events.Tags()["scalars"]
    return {tag: [(event.step, event.value) for event in events.Scalars(tag)] for tag in tags}
