"""Tests depend neither on which weights the machine has fetched nor on how busy it is."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code: neither that an example takes long, nor that making examples does. Every run
# tries the same examples, so that a change fails where it was made; new ones: pytest --hypothesis-profile=default
settings.register_profile(
    "antiphon", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("antiphon")

OWN_CACHE = os.environ.get("ANTIPHON_CACHE")
"""The machine's own, for slow tests that need real weights."""


@pytest.fixture(scope="session", autouse=True)
def empty_cache() -> Iterator[None]:
    """An empty folder in place of the cache of fetched weights, for child processes too."""
    with tempfile.TemporaryDirectory(prefix="antiphon-cache-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTIPHON_CACHE", folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def width_of_no_terminal() -> Iterator[None]:
    """Messages are wrapped as where there is no terminal, whatever the one is like in which tests are started."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COLUMNS", "LINES"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """No test cuts the power, and a killed process loses nothing that it wrote: fsync checks its file, no more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: os.fstat(file if isinstance(file, int) else file.fileno()) and None)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """What draws without a seed, fixtures too, draws alike in every run, whatever ran before it in this process."""
    random.seed(0)
    np.random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(autouse=True)
def own_event_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """None that runs already: Playwright leaves its own running in the thread of all tests that follow."""
    left = None if "browser" in request.fixturenames else asyncio._get_running_loop()
    if left is None:
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(left)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once for all tests of pages that run in a process."""
    from tests.helpers.web.browser import started

    with started() as found:
        yield found


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Torch on one thread: small products gain nothing from several, which on a busy machine wait for one another."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
