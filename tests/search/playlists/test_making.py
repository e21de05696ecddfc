"""A question to a playlist: lengths, songs that come once, artists, titles, and a library without a training."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from antiphon.errors import ConfigError
from antiphon.search.hits import Hit, Hits
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.lengths import ASSUMED_S
from antiphon.search.playlists.making import PlaylistMaker
from antiphon.search.playlists.question import Question
from antiphon.search.playlists.sources.opening import open_source
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.libraries.plain import plain_library

N = 40


class Tracks:
    """Tracks on an arc between two queries, two of an artist beside one another, track 7 a version of track 6."""

    angle = np.linspace(0, np.pi / 2, N)
    columns: ClassVar[dict[str, list[str]]] = {
        "track_id": [f"t{i}" for i in range(N)],
        "title": ["Song 6 (Live)" if i == 7 else f"Song {i}" for i in range(N)],
        "artist": [f"Artist {i // 2}" for i in range(N)],
        "path": [f"/music/{i}.flac" for i in range(N)],
    }

    def vectors(self, places):
        return np.stack([np.cos(self.angle), np.sin(self.angle)], axis=1).astype(np.float32)[list(places)]

    def scores(self, queries, where=None):
        return np.where(self.allowed(where), np.stack([self._scores(query) for query in queries]), -np.inf)

    def _scores(self, query):
        like = [self.scores_like(int(track[1:])) for track in query.like]
        words = self.vectors(range(N))[:, int(query.words == "end")] if query.wanted else 0
        unlike = [2 * self.vectors(range(N))[:, int(text == "end")] for text in query.excluded]
        return words + sum(like) - sum(unlike)

    def scores_like(self, place, where=None):
        return np.where(self.allowed(where), self.vectors(range(N)) @ self.vectors([place])[0], -np.inf)

    def angles(self, queries):
        return np.full(len(queries) - 1, np.pi / 2)

    def allowed(self, where):
        return np.arange(N) % 2 == 0 if where == "even" else np.full(N, where != "none")

    def column(self, name):
        return self.columns[name]

    def remarks(self, text=""):
        return ["said"]

    def hits(self, places, scores):
        rows = zip(places, scores, strict=True)
        return [
            Hit(rank=rank, score=float(score), by="made", **{name: cells[i] for name, cells in self.columns.items()})
            for rank, (i, score) in enumerate(rows, start=1)
        ]


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlaylistMaker:
    """Tracks of even numbers are two minutes long, those of odd numbers say nothing, like number 38."""
    plain_library(tmp_path / "lib", dict.fromkeys(Tracks.columns["track_id"], "train"))
    seconds = {f"/music/{i}.flac": 120.0 for i in range(0, 38, 2)}
    monkeypatch.setattr("antiphon.search.playlists.lengths.stated_seconds", seconds.get)
    return PlaylistMaker(tmp_path / "lib", Tracks())


def places(made: Playlist) -> list[int]:
    return [int(hit.track_id[1:]) for hit in made]


def test_a_path_is_as_long_as_asked_goes_forward_and_has_each_song_once(maker: PlaylistMaker) -> None:
    made = maker.make(Question(stops=("start", "end"), minutes=30))
    assert len(made) == 15
    assert made.seconds == 1800
    assert places(made) == sorted(set(places(made)))
    assert (places(made)[0] < 3, places(made)[-1] > 36) == (True, True)
    artists = [hit.artist for hit in made]
    assert all(one != other for one, other in pairwise(artists))
    assert not {"t6", "t7"} <= {hit.track_id for hit in made}


def test_what_says_no_length_counts_as_the_median_and_that_is_said(maker: PlaylistMaker) -> None:
    made = maker.make(Question(stops=("start",), minutes=10))
    unknown = made.lengths.count(None)
    assert (len(made), made.seconds) == (5, 600)
    assert made.remarks == (
        "said",
        f"{unknown} of 5 tracks say no length: each counts as 120 s, the median of the others.",
    )


def test_words_play_the_best_first_but_no_artist_twice_in_a_row(maker: PlaylistMaker) -> None:
    assert places(maker.make(Question(stops=("start",), k=4))) == [0, 2, 1, 3]
    assert places(maker.make(Question(stops=("start",), k=4, per_artist=1))) == [0, 2, 4, 6]


def test_a_radio_is_called_by_its_track_and_a_filter_holds(maker: PlaylistMaker) -> None:
    made = maker.make(Question(radio="artist 10 - song 20", k=4, where="even"))
    assert made.name == "Radio: Artist 10 – Song 20"
    assert places(made)[0] == 20
    assert all(place % 2 == 0 for place in places(made))
    with pytest.raises(ConfigError, match="No track is allowed by 'none'"):
        maker.make(Question(radio="t20", where="none"))


def test_too_few_tracks_are_said(maker: PlaylistMaker) -> None:
    for stops in (("start",), ("start", "end")):
        made = maker.make(Question(stops=stops, k=100))
        assert len(made) == N - 1
        assert made.remarks[-1] == "There are no more tracks that may be in it."


def test_json_names_every_track_m3u_those_that_have_a_file(maker: PlaylistMaker, tmp_path: Path) -> None:
    made = maker.make(Question(stops=("start",), k=2))
    there, gone = made.hits
    both = replace(made, hits=Hits([there, replace(gone, path="subsonic+https://music.example/rest/7")]))
    assert len(both.write(tmp_path / "a.m3u8", path_map={"/mnt": "/music"})) == 1
    assert (tmp_path / "a.m3u8").read_text().splitlines()[2:4] == ["#EXTINF:120,Artist 0 - Song 0", "/mnt/0.flac"]
    assert both.write(tmp_path / "a.json") == []
    tracks = json.loads((tmp_path / "a.json").read_text())["tracks"]
    assert [(t["path"], t["seconds"]) for t in tracks] == [
        ("/music/0.flac", 120.0), ("subsonic+https://music.example/rest/7", 120.0),
    ]  # fmt: skip
    (tmp_path / "b.json").write_text('{"format": 1}')
    with pytest.raises(ConfigError, match="is no playlist"):
        both.write(tmp_path / "b.json")


def test_a_library_without_a_training_makes_playlists_and_says_what_they_lack(tmp_path: Path) -> None:
    root = tmp_path / "lib"
    make_library(root)
    maker = PlaylistMaker(root, open_source(root))
    text = str(maker.source.column("track_id")[0])
    made = maker.make(Question(radio=text, k=5))
    assert made.hits[0].track_id == text
    assert made.seconds == 5 * ASSUMED_S
    assert (
        "How like two neighbours sound is not looked at: that takes a training on captions that people wrote."
        in made.remarks
    )


@pytest.mark.parametrize("question", [{"stops": ("start",)}, {"stops": ("start", "end")}, {"radio": "t0"}])
def test_a_list_of_tracks_is_left_out_of_all_of_them(maker: PlaylistMaker, tmp_path: Path, question: dict) -> None:
    (tmp_path / "heard.txt").write_text("# heard often\nt2\nt20\nt38\n")
    made = maker.make(Question(**question, k=12, exclude=(str(tmp_path / "heard.txt"),)))
    assert not {2, 20, 38} & set(places(made))
    assert len(made) == 12


def test_a_radio_turns_away_from_what_it_is_not_to_be_like(maker: PlaylistMaker) -> None:
    plain = maker.make(Question(radio="t20", k=7, variety=0))
    turned = maker.make(Question(radio="t20", k=7, variety=0, excluded=("end",)))
    assert places(turned)[0] == places(plain)[0] == 20
    assert max(places(turned)) < max(places(plain))
    assert "Left out: what is most like end." in turned.remarks


def test_tracks_say_what_it_is_like_beside_words_beside_a_radio_and_alone(maker: PlaylistMaker) -> None:
    alone = maker.make(Question(like=("t10", "t12"), k=4))
    assert set(places(alone)) <= set(range(7, 16)) - {10, 12}
    assert alone.name == "like t10, t12"
    beside = maker.make(Question(stops=("start",), like=("t39",), k=4))
    assert all(14 <= place <= 26 for place in places(beside)), "between the two"
    radio = maker.make(Question(radio="t0", like=("t20",), k=6, variety=0))
    assert places(radio)[0] == 0
    assert all(4 <= place <= 16 for place in places(radio)[1:])


def test_a_path_is_like_no_track(maker: PlaylistMaker) -> None:
    with pytest.raises(ConfigError, match="A path goes from words to words"):
        Question(stops=("start", "end"), like=("t3",))
    question = Question(stops=("start",), like=("t3",), excluded=("drums",), exclude=("/tmp/a",), k=3)
    assert Question.from_dict(json.loads(json.dumps(question.to_dict()))) == question
    with pytest.raises(ConfigError, match="like are 'abc'"):
        Question.from_dict({"stops": ["x"], "like": "abc"})
