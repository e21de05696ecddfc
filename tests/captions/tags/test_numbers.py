"""Years, tempi and keys in words."""

from __future__ import annotations

import pytest

from antiphon.captions.tags.numbers import decade_of, key_name, pace_of


@pytest.mark.parametrize(
    ("bpm", "words", "pace"),
    [
        (60, (), "slow"),
        (79.9, (), "slow"),
        (80, (), "mid-tempo"),
        (120, (), "up-tempo"),
        (140, (), "fast"),
        (87, ("drum and bass",), "fast"),
        (174, ("drum and bass",), "fast"),
        (172, ("hip-hop",), "mid-tempo"),
        (140, ("ballad",), "slow"),
        (172, (), ""),
        (172, ("techno", "calm"), ""),
        (0, (), ""),
        (1000, (), ""),
    ],
)
def test_a_pace_is_what_people_feel_and_none_where_that_cannot_be_told(
    bpm: float, words: tuple[str, ...], pace: str
) -> None:
    assert pace_of(bpm, words) == pace


@pytest.mark.parametrize(
    ("text", "mode", "name"),
    [
        ("A", "", "A major"),
        ("Am", "", "A minor"),
        ("am", "", "A minor"),
        ("F#m", "", "F# minor"),
        ("f♯ minor", "", "F# minor"),
        ("Db maj", "", "Db major"),
        ("Bb", "", "Bb major"),
        ("c-moll", "", "C minor"),
        ("E flat minor", "", "Eb minor"),
        ("8A", "", "A minor"),
        ("8B", "", "C major"),
        ("01a", "", "Ab minor"),
        ("1m", "", "A minor"),
        ("1d", "", "C major"),
        ("12d", "", "F major"),
        ("0", "1", "C major"),
        ("10", "minor", "Bb minor"),
        ("7", "", ""),
        ("13A", "", ""),
        ("H", "", ""),
        ("o", "", ""),
        ("", "", ""),
    ],
)
def test_keys_are_read_however_programs_write_them(text: str, mode: str, name: str) -> None:
    assert key_name(text, mode) == name


@pytest.mark.parametrize(
    ("text", "decade"),
    [("1974", "1970s"), ("2010-01-05", "2010s"), ("0000", ""), ("74", ""), ("1700", ""), ("19745", "")],
)
def test_a_decade_is_one_of_recorded_music(text: str, decade: str) -> None:
    assert decade_of(text) == decade
