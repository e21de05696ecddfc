"""What a system costs: to embed with, to train, to search with, to read a query with."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import run_folder
from antiphon.align.training.results.history import read_history
from antiphon.embed.report import read_timing
from antiphon.errors import AntiphonError
from antiphon.evaluate.compare.costs.query_cost import QueryCost, query_cost
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names

SEARCHED = 20_000
"""Vectors that the search speed is measured on."""


def query_costs(bundles: list[Bundle]) -> tuple[dict[str, QueryCost], list[str]]:
    """Fingerprint of text vectors → what reading a query for them costs, and why others have no cost.

    Only where trainings differ in their text encoders: it takes some seconds for each.
    """
    made = {bundle.text_provenance.fingerprint: bundle for bundle in bundles}
    if len(made) < 2:
        return {}, []
    found = {key: query_cost(bundle.text_provenance) for key, bundle in made.items()}
    notes = [f"No query cost of {made[key].text_encoder}: {why}." for key, why in found.items() if isinstance(why, str)]
    return {key: cost for key, cost in found.items() if isinstance(cost, QueryCost)}, notes


def embedding_speed(root: Path, encoder: str) -> float | None:
    """Tracks a minute that an encoder described here, of several the slowest's; None where it was not measured."""
    sources = source_names(encoder)
    timings = [read_timing(Library(root).embedding_folder("audio", source)) for source in sources]
    speeds = [timing.tracks_per_minute for timing in timings if timing is not None and timing.tracks]
    return min(speeds) if len(speeds) == len(sources) else None


def training_seconds(root: Path, name: str) -> float | None:
    """Wall time of all epochs of a training, seconds; None where it has no history."""
    try:
        return sum(record.seconds for record in read_history(run_folder(root, name) / "history.jsonl"))
    except AntiphonError:
        return None


def search_ms(dim: int) -> float:
    """Milliseconds to score one query against 100,000 tracks exactly, on this machine (median of 7)."""
    items = np.ones((SEARCHED, dim), np.float32)
    query = np.ones(dim, np.float32)
    times = []
    for _ in range(7):
        started = time.perf_counter()
        items @ query
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1e3 * 100_000 / SEARCHED
