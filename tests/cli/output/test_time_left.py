"""The time that a progress bar promises."""

from __future__ import annotations

import pytest

from antiphon.cli.output.time_left import time_left


@pytest.mark.parametrize(
    ("seconds", "done", "remaining", "shown"),
    [
        (60.0, 10, 990, "1:39:00"),  # ten files in a minute, in one burst a moment ago
        (60.0, 0, 1000, "-:--:--"),
        (0.01, 3, 997, "-:--:--"),  # the first burst says nothing about the pace
        (100.0, 1000, 0, "0:00:00"),
    ],
)
def test_the_mean_pace_counts_not_that_of_the_last_burst(seconds: float, done: int, remaining: int, shown: str) -> None:
    assert time_left(seconds, done, remaining) == shown
