"""Tracks by their ids and titles."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from antiphon.errors import LibraryError
from antiphon.library.tracks import Track, save_library
from antiphon.search.queries.named import track_named


@pytest.fixture
def library(tmp_path: Path) -> Path:
    named = [("a", "So What", "Miles Davis"), ("b", "Blue", "Joni"), ("c", "blue", "Eiffel"), ("So What", "", "")]
    save_library(tmp_path, [Track(track_id=i, title=t, artist=a) for i, t, a in named], [], {})
    return tmp_path


@pytest.mark.parametrize(
    ("name", "track_id"), [("a", "a"), ("So What", "So What"), ("SO  what", "a"), ("Joni – Blue", "b")]
)
def test_an_id_stands_before_a_title_and_titles_have_no_case(library: Path, name: str, track_id: str) -> None:
    assert track_named(library, name) == track_id


def test_a_name_of_several_or_of_none_is_refused_with_a_way_on(library: Path) -> None:
    with pytest.raises(LibraryError, match=r"2 tracks are called 'Blue': b \(Joni\), c \(Eiffel\)"):
        track_named(library, "Blue")
    with pytest.raises(LibraryError, match="no track 'So Wat'") as refused:
        track_named(library, "So Wat")
    assert refused.value.fix == "Did you mean 'So What'?"
    with pytest.raises(LibraryError) as refused:
        track_named(library, 'the "$5" mix')
    assert shlex.split(refused.value.fix.partition(": ")[2]) == ["antiphon", "search", 'the "$5" mix']


def test_an_id_is_found_however_its_accents_are_encoded(tmp_path: Path) -> None:
    save_library(tmp_path, [Track(track_id="cafe\u0301")], [], {})
    assert track_named(tmp_path, "caf\u00e9") == "cafe\u0301"
