"""Songs of a player and tracks of a library: which are the same, and when nothing is said rather than guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.library.players.matching import RULES, Match, match
from antiphon.library.players.songs import Song


def song(id: str, **more: Any) -> Song:
    return Song(id=id, **more)


def slow(ours: list[Song], theirs: list[Song]) -> list[Match]:
    """The same, pair by pair: for each rule, each pair that has no rival on either side."""
    found: list[Match] = []
    for rule in RULES:
        taken_ours = {each.track_id for each in found}
        taken_theirs = {each.player_id for each in found}
        ours_left = [each for each in ours if each.id not in taken_ours]
        theirs_left = [each for each in theirs if each.id not in taken_theirs]
        for our in ours_left:
            for their in theirs_left:
                key = rule.key(our)
                alone = (
                    key is not None
                    and sum(rule.key(other) == key for other in ours_left) == 1
                    and sum(rule.key(other) == key for other in theirs_left) == 1
                )
                if alone and rule.key(their) == key and rule.holds(our, their):
                    found.append(Match(our.id, their.id, rule.by))
    return found


FEW = st.sampled_from(["", "a", "b", "A!"])
SIDES = st.lists(
    st.builds(
        dict,
        path=st.sampled_from(
            ["", "/m/a/b/c.flac", "/M/A/b/c.flac", "a/b/c.flac", "/n/a/b/c.flac", "x/c.flac", "c.flac"]
        ),
        title=FEW,
        artist=FEW,
        album=FEW,
        recording=FEW,
        known_as=FEW,
    ),
    max_size=6,
)


@given(SIDES, SIDES)
@settings(max_examples=300, deadline=None)
def test_matching_is_what_comparing_every_pair_gives(ours: list[Any], theirs: list[Any]) -> None:
    left = [song(f"o{n}", **each) for n, each in enumerate(ours)]
    right = [song(f"t{n}", **each) for n, each in enumerate(theirs)]
    assert match(left, right) == slow(left, right)


@pytest.mark.parametrize(
    ("ours", "theirs", "by"),
    [
        ({"known_as": "7", "title": "A"}, {"known_as": "7", "title": "A"}, "own id"),
        ({"path": "/m/Ben/Hill.mp3"}, {"path": "/m/Ben/Hill.mp3", "title": "other"}, "path"),
        ({"path": "/m/Café/a.mp3"}, {"path": "/m/Cafe\u0301/A.mp3"}, "path"),
        ({"path": "C:\\Music\\Ben\\Hill.mp3"}, {"path": "c:/music/ben/hill.mp3"}, "path"),
        ({"path": "/nas/Ben/Sky/01 - Hill.mp3"}, {"path": "/music/Ben/Sky/01 Hill.mp3"}, "end of path"),
        ({"path": "/nas/Sky/Hill.mp3", "title": "Hill"}, {"path": "/m/Sky/Hill.mp3", "title": "HILL"}, "end of path"),
        ({"recording": "m-1", "album": "X"}, {"recording": "M-1", "album": "X"}, "MusicBrainz id"),
        ({"recording": "m-1", "album": "X"}, {"recording": "m-1"}, "MusicBrainz id"),
        ({"title": "Hill", "artist": "Ben", "album": "S"}, {"title": "hill", "artist": "BEN", "album": "S!"}, "tags"),
        ({"title": "Hill", "artist": "Ben"}, {"title": "hill", "artist": "Ben", "album": "Sky"}, "tags"),
    ],
)  # fmt: skip
def test_what_two_sides_have_in_common_makes_them_one_song(
    ours: dict[str, str], theirs: dict[str, str], by: str
) -> None:
    assert match([song("o", **ours)], [song("t", **theirs)]) == [Match("o", "t", by)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"known_as": "7", "title": "A"}, {"known_as": "7", "title": "B"}),  # a database made anew gave the id again
        ({"path": "/nas/CD1/01 Intro.mp3"}, {"path": "/music/CD1/01 Intro.mp3"}),  # half of all albums have one
        ({"path": "/nas/CD1/01.mp3", "title": "A"}, {"path": "/music/CD1/01.mp3", "title": "B"}),
        ({"path": "/a/b/c/01.mp3", "title": "A"}, {"path": "/x/b/c/01.mp3", "title": "B"}),
        ({"recording": "m-1", "album": "X"}, {"recording": "m-1", "album": "Y"}),
        ({"title": "Hill", "artist": "Ben", "album": "Sky"}, {"title": "Hill", "artist": "Ben", "album": "Best of"}),
        ({"title": "Hill"}, {"title": "Hill"}),
        ({}, {}),
    ],
)
def test_what_could_be_another_song_is_left_alone(ours: dict[str, str], theirs: dict[str, str]) -> None:
    assert match([song("o", **ours)], [song("t", **theirs)]) == []


def test_a_song_that_two_could_be_is_none_of_them() -> None:
    twice = [song("o1", title="Hill", artist="Ben"), song("o2", title="Hill", artist="Ben")]
    assert match(twice, [song("t", title="Hill", artist="Ben")]) == []
    assert match([song("o", title="Hill", artist="Ben")], [song("t1", title="Hill", artist="Ben"), *twice]) == []


def test_a_surer_rule_goes_first_and_takes_its_song_from_weaker_ones() -> None:
    ours = [song("o1", path="/m/1.mp3", title="Hill", artist="Ben"), song("o2", title="Hill", artist="Ben")]
    theirs = [song("t1", path="/m/1.mp3"), song("t2", title="Hill", artist="Ben")]
    assert match(ours, theirs) == [Match("o1", "t1", "path"), Match("o2", "t2", "tags")]
