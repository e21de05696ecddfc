"""Counting what was heard takes a small part of the time, however large a library is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from antiphon.library.tracks import Library
from antiphon.search.server.opened import heard as heard_module
from antiphon.search.server.opened.heard import Heard, TracksTried
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.web.server import songs


def test_it_counts_tracks_that_are_there_and_have_a_vector(tmp_path: Path) -> None:
    assert Heard().of(make_library(tmp_path / "made", train=7, val=2)) == 9
    assert Heard().of(Library(songs(tmp_path))) == 0


def test_it_is_counted_again_only_after_twenty_times_as_long_as_it_took(tmp_path: Path) -> None:
    now, counted = 0.0, 0

    def count(_library: Library) -> int:
        nonlocal now, counted
        now, counted = now + 1.0, counted + 1
        return counted

    library: Any = make_library(tmp_path, train=50, val=2)
    heard = Heard(count, clock=lambda: now)
    assert [heard.of(library), heard.of(library)] == [1, 1]
    now += 19
    assert heard.of(library) == 1
    now += 1
    assert heard.of(library) == 2


def test_rows_are_read_again_only_where_they_or_the_library_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, read = make_library(tmp_path, train=7, val=2), []
    tried = heard_module.tried
    monkeypatch.setattr(heard_module, "tried", lambda *of: read.append(of) or tried(*of))
    count = TracksTried()
    assert [count(library), count(library)] == [9, 9]
    assert len(read) == 1
    assert count(Library(tmp_path)) == 9
    assert len(read) == 2
    for rows in tmp_path.glob("embeddings/audio/*/rows.parquet"):
        rows.unlink()
    again = Library(tmp_path)
    assert [count(again), count(again)] == [0, 0]
    assert len(read) == 3
