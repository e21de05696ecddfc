"""Tags as texts: cut, dated, numbered; what does not fit is kept beside."""

from __future__ import annotations

import pytest

from antiphon.library.tags.names import tag_name
from antiphon.library.tags.tidy import SPARE, tidy


@pytest.mark.parametrize(
    ("raw", "tags"),
    [
        ({"year": ["1999"]}, {"year": ["1999"]}),
        ({"year": ["1999/5"]}, {"year": ["1999"], "date": ["1999-05"]}),
        ({"year": ["1999-05-06T10:00:00"]}, {"year": ["1999"], "date": ["1999-05-06"]}),
        ({"year": ["06.05.1999"]}, {"year": ["1999"], SPARE: ["date: 06.05.1999"]}),
        ({"year": ["1999-13"]}, {"year": ["1999"], SPARE: ["date: 1999-13"]}),
        ({"year": ["0000"]}, {SPARE: ["date: 0000"]}),
        ({"year": ["1999", "1999-05", "2001"]}, {"year": ["1999"], "date": ["1999-05"], SPARE: ["date: 2001"]}),
        ({"tdor": ["1967-06-01"]}, {"originalyear": ["1967"], "originaldate": ["1967-06-01"]}),
        ({"bpm": ["120 BPM"]}, {"bpm": ["120"]}),
        ({"bpm": ["98,5"]}, {"bpm": ["98.5"]}),
        ({"bpm": ["0"]}, {}),
        ({"bpm": ["fast", "120"]}, {SPARE: ["bpm: fast"], "bpm": ["120"]}),
        ({"genre": ["Drum/Bass; Rock / Pop"]}, {"genre": ["Drum/Bass", "Rock", "Pop"]}),
        ({"genres": ["a"], "genre": ["b"]}, {"genre": ["a", "b"]}),
        ({"comment": ["one", "two"]}, {"comment": ["one\ntwo"]}),
        ({"composer": ["A", "B"]}, {"composer": ["A", "B"]}),
        ({"tmoo": ["a\0\ufeffb"]}, {"mood": ["a", "b"]}),
        ({"ufid": ["http://example.org\0x"]}, {"ufid": ["http://example.org x"]}),
        ({"SonGong  Mood": [" x "]}, {"songong mood": ["x"]}),
        ({"title": ["", "  "]}, {}),
    ],
)
def test_tags_of_a_file(raw: dict[str, list[str]], tags: dict[str, list[str]]) -> None:
    assert tidy(raw)[0] == tags


def test_pictures_and_the_data_of_programs_are_counted_and_left() -> None:
    tags, _, left_out = tidy({"coverart": ["abc"], "serato_overview": ["A" * 4000], "lyrics": ["la " * 4000]})
    assert (list(tags), left_out) == (["lyrics"], 2)


def test_one_name_whatever_it_is_called() -> None:
    for name in ("MusicBrainz Album Id", "musicbrainz_albumid", "MusicBrainz/Album Id"):
        assert tag_name(name) == "musicbrainz_albumid"
    assert [tag_name(name) for name in ("initial_key", "TOTALTRACKS", "Publisher")] == ["key", "tracktotal", "label"]
    assert tag_name("Über Tag") == "über tag"
