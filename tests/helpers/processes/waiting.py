"""Waiting for what another thread or process does, however busy the machine is.

The limit is no bound on time: it ends a test that would wait for ever, and says what never came.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

LONG_S = 120.0
"""What nothing takes that a test waits for."""
STEP_S = 0.01


def until(
    holds: Callable[[], object], what: str, *, seconds: float = LONG_S, pause: Callable[[float], object] = time.sleep
) -> None:
    """Wait until something holds.

    Parameters
    ----------
    what : is waited for, in words for whoever reads why the test failed.
    pause : how to wait so many seconds between two looks; what drives a browser has a way of its own.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited {seconds:g} s, and never: {what}"
        pause(STEP_S)


async def until_so(holds: Callable[[], object], what: str, *, seconds: float = LONG_S) -> None:
    """As :func:`until`, while everything else of the event loop goes on."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited {seconds:g} s, and never: {what}"
        await asyncio.sleep(STEP_S / 10)
