"""Whole trainings, on the processor and on the GPU in turns: seconds, and the val MRR that they reach."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.training.__main__ import make

DEVICES = ("cpu", "cuda")
CASES = (
    (576, 5_000, "none"),
    (576, 5_000, "auto"),
    (576, 50_000, "none"),
    (1536, 50_000, "none"),
    (76_800, 2_000, "none"),
)
"""Numbers of a vector, tracks, closed forms beside the heads."""
EPOCHS = 20


def train_once(folder: Path, device: str, form: str) -> dict[str, float]:
    """One training with the defaults for so many tracks, and 20 epochs."""
    from antiphon.align.config import TrainConfig
    from antiphon.align.train import train

    curve, begun = list[float](), time.perf_counter()
    settings = TrainConfig(device=device, closed_form=form, epochs=EPOCHS, patience=0)
    train(
        folder,
        "made",
        text="words",
        config=settings,
        on_epoch=lambda record: curve.append(record.mean_mrr),
        overwrite=True,
    )
    return {"seconds": round(time.perf_counter() - begun, 2), "mrr": round(max(curve), 3)}


def measure(work: Path, dims: int, tracks: int, form: str, *, rounds: int) -> list[dict[str, Any]]:
    """A row for each device."""
    folder = work / f"{dims}-{tracks}"
    if not folder.exists():
        folder.mkdir(parents=True)
        make(folder, dims, tracks)
    runs: dict[str, list[dict[str, float]]] = {device: [] for device in DEVICES}
    for _ in range(rounds):
        for device in DEVICES:
            runs[device].append(train_once(folder, device, form))
    return [
        {
            "numbers": dims,
            "tracks": tracks,
            "closed forms": form,
            "device": device,
            "seconds": statistics.median(run["seconds"] for run in found),
            "best val MRR": statistics.median(run["mrr"] for run in found),
        }
        for device, found in runs.items()
    ]
