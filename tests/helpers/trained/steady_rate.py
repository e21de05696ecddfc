"""A learning rate that does not depend on the number of epochs, so that a longer training begins as a shorter one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def steady_rate() -> Iterator[None]:
    """No warm-up and no cosine within."""
    loop = "antiphon.align.training.loop"
    with patch(f"{loop}.WARMUP", 0.0), patch(f"{loop}.FINAL_LR", 1.0):
        yield
