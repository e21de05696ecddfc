"""What an input box completes: tracks by their artist and title."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.library.tracks import Track, save_library
from antiphon.search.server.opened.cards import Cards

NAMES = {
    "a": ("Sigur Rós", "Svefn-g-englar"),
    "b": ("AC/DC", "Hells Bells"),
    "c": ("Motörhead", "Ace of Spades"),
    "d": ("!!!", "Yadnus"),
    "e": ("", ""),
    "f": ("Björk", "Jóga"),
}


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Cards:
    tracks = [Track(track_id=key, artist=artist, title=title) for key, (artist, title) in NAMES.items()]
    return Cards(save_library(tmp_path_factory.mktemp("cards") / "lib", tracks, [], {}))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sigur ros", "a"),
        ("Rós svefn", "a"),
        ("jog", "f"),
        ("ac/dc", "b"),
        ("acdc", "b"),
        ("moterhead", "c"),
        ("!!!", "d"),
        ("s", "abcd"),
        ("b", "fb"),
        ("", "abcdef"),
        ("  ", "abcdef"),
        ("zither", ""),
        ("no drums", ""),
        ('"', ""),
    ],
)
def test_tracks_are_found_by_what_a_keyboard_has(cards: Cards, typed: str, found: str) -> None:
    assert "".join(card.track_id for card in cards.find(typed, start=0, count=10)) == found


def test_pages_follow_one_another(cards: Cards) -> None:
    assert [card.track_id for card in cards.find("s", start=1, count=2)] == ["b", "c"]


def test_a_library_of_no_tracks_finds_none(tmp_path: Path) -> None:
    empty = Cards(save_library(tmp_path / "lib", [], [], {}))
    assert empty.find("piano", start=0, count=5) == empty.find("", start=0, count=5) == []
