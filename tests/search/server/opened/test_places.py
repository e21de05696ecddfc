"""Places of tracks: those of the map, none where there is no map, and nobody waits for a slow one."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import EmbeddingError
from antiphon.search.server.opened import places
from antiphon.search.server.opened.maps import Map
from antiphon.search.server.opened.places import Places
from tests.helpers.libraries.plain import plain_library

POINTS = np.array([[0.5, -1], [0, 0.25]], np.float32)
DRAWN = Map(track_ids=["c", "a"], points=POINTS, titles=["", ""], artists=["", ""])


def test_each_track_has_its_place_and_an_unheard_one_none(tmp_path: Path) -> None:
    found = Places(plain_library(tmp_path, dict.fromkeys("abc", "train")), lambda: DRAWN)
    assert found.of([0, 1, 2]) == [(0.0, 0.25), None, (0.5, -1.0)]


def test_without_a_map_tracks_have_no_places(tmp_path: Path) -> None:
    def none() -> Map:
        raise EmbeddingError("No track has been heard yet.")

    assert Places(plain_library(tmp_path, {"a": "train"}), none).of([0]) == [None]


def test_nobody_waits_for_a_map_that_takes_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "WAIT_S", 0.01)
    made, begun, runs = threading.Event(), threading.Event(), []

    def slow() -> Map:
        runs.append(threading.current_thread())
        begun.set()
        made.wait()
        return DRAWN

    found = Places(plain_library(tmp_path, dict.fromkeys("abc", "train")), slow)
    assert found.of([0]) == [None]
    assert found.of([0]) == [None]
    assert begun.wait(60)
    made.set()
    runs[0].join()
    assert found.of([0]) == [(0.0, 0.25)]
    assert len(runs) == 1
