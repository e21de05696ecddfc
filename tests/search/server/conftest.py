"""One server with a page for all tests that run in a process, and a small library with a client for each module."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.helpers.libraries.strange_songs import strange_songs
from tests.helpers.web.server import asking, serving, songs


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return songs(tmp_path_factory.mktemp("songs"))


@pytest.fixture(scope="module")
def client(library: Path) -> Iterator[TestClient]:
    with asking(library) as found:
        yield found


@pytest.fixture(scope="session")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return strange_songs(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="session")
def address(strange: Path) -> Iterator[str]:
    with serving(strange) as found:
        # What answers is loaded before a browser waits for it.
        with urllib.request.urlopen(f"{found}v1/status") as warm:
            assert warm.status == 200
        yield found
