"""A minute of the load benchmark: many clients at once, no failure, and memory that does not grow."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from benchmarks.cold_search import prepare
from benchmarks.serve.__main__ import measure

TRACKS, CLIENTS, SECONDS = 2_000, 32, 60
GROWTH_MB = 60
"""What a process may take on while it warms up; a leak of 20 kB an answer would be above it."""


@pytest.mark.slow
def test_a_minute_of_many_clients_fails_nobody_and_does_not_grow(tmp_path: Path) -> None:
    prepare(tmp_path / "library", TRACKS, "minilm")
    seen, memory = measure(tmp_path / "library", TRACKS, clients=CLIENTS, seconds=SECONDS, think_s=0.2)
    assert seen.failures == []
    assert all(seen.seconds.values()), "every kind was asked"
    own = [held for held, _ in memory]
    assert statistics.median(own[-10:]) - statistics.median(own[5:15]) < GROWTH_MB
