"""Which of the ranked tracks are answers."""

import json
import logging
from pathlib import Path

import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.tracks import Track, save_library
from antiphon.search.answers.duplicates import NAME, recordings
from antiphon.search.answers.exclusion import excluded
from antiphon.search.answers.selection import Selection
from antiphon.search.hits import Hit, Hits

TRACKS = [
    ("a", "Rain", "Band", "One"),
    ("b", "Rain (Live)", "Band feat. Guest", "Live!"),
    ("c", "Rain", "Other", "One"),
    ("d", "Sun", "Band", "One"),
    ("e", "", "", ""),
    ("f", "", "", ""),
    ("g", "Rain - Remastered 2011", "Band", "Best"),
    ("h", "Snow", "Band", "One"),
]


def ranked(n: int) -> Hits:
    return Hits(
        Hit(rank=r, track_id=t, score=1 / r, title=title, artist=artist, path=f"/{t}.mp3", by="x")
        for r, (t, title, artist, _) in enumerate(TRACKS[:n], start=1)
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tracks = [Track(track_id=t, path=f"{t}.mp3", title=n, artist=a, album=al) for t, n, a, al in TRACKS]
    save_library(tmp_path, tracks, [], {"audio_root": str(tmp_path / "music")})
    joins = [
        {"a": "e", "b": "f", "reason": "same audio, pitch or tempo changed", "evidence": "", "source": ""},
        {"a": "c", "b": "d", "reason": "paraphrased caption", "evidence": "", "source": ""},
    ]
    (tmp_path / "audit.json").write_text(json.dumps({"joins": joins[1:], "regrouped": {"joins": joins[:1]}}))
    return tmp_path


def test_versions_of_a_song_and_files_of_a_recording_are_one_answer(root: Path) -> None:
    hits = Selection(root=root).of(ranked, 10)
    assert [(hit.rank, hit.track_id) for hit in hits] == list(enumerate("acdeh", start=1))
    assert [v.track_id for v in hits[0].versions] == ["b", "g"]
    assert str(hits[0]).endswith("Band – Rain  (also: Rain (Live), Rain - Remastered 2011)")
    assert str(hits[3]).endswith("(also: f)")
    assert hits.to_dict()[3]["versions"] == [{"track_id": "f", "title": "", "path": "/f.mp3"}]


def test_every_version_is_an_answer_where_that_is_asked(root: Path) -> None:
    assert Selection(root=root, versions=True).of(ranked, 5) == ranked(5)


def test_more_tracks_are_looked_at_where_the_first_were_too_few(root: Path) -> None:
    asked: list[int] = []

    def ask(n: int) -> Hits:
        asked.append(n)
        return Hits(Hit(rank=i, track_id=str(i), score=-i, title=f"t{i}", artist="a" if i < 20 else f"b{i}", path="",
                        by="x") for i in range(1, min(n, 60) + 1))  # fmt: skip

    assert [hit.track_id for hit in Selection(root=root, per_artist=1).of(ask, 3)] == ["1", "20", "21"]
    assert asked == [16, 64]


def test_so_many_of_an_artist_and_of_an_album(root: Path) -> None:
    def ids(**limits: int) -> str:
        return "".join(hit.track_id for hit in Selection(root=root, **limits).of(ranked, 10))  # type: ignore[arg-type]

    assert ids(per_artist=1) == "ace"
    assert ids(per_artist=2) == "acde"
    assert ids(per_album=1) == "ace"
    assert ids(per_album=2) == "acde"
    with pytest.raises(ConfigError, match="0 answers of one artist are no answers"):
        ids(per_artist=0)


def test_lists_and_artists_are_left_out_and_what_matches_nothing_is_named(
    root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard = tmp_path / "heard.m3u8"
    heard.write_text(f"#EXTM3U\n\nc\n{tmp_path}/music/e.mp3\nmusic/h.mp3\nnowhere.mp3\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        out = excluded(root, [heard], ["BAND", "Nobody"])
    assert out == frozenset("cehabdg")
    assert "1 of 4 lines name no track of this library: nowhere.mp3" in caplog.text
    assert "No track has the artist 'Nobody'" in caplog.text
    assert [hit.track_id for hit in Selection(root=root, left_out=out).of(ranked, 3)] == ["f"]
    with pytest.raises(LibraryError, match="cannot be read as text"):
        excluded(root, [tmp_path / "none.txt"])


def test_recordings_are_kept_beside_the_index_as_long_as_the_audit_stays(root: Path) -> None:
    (root / "index").mkdir()
    assert recordings(root) == {"e": "e", "f": "e"}
    kept = json.loads((root / "index" / NAME).read_text())
    (root / "index" / NAME).write_text(json.dumps(kept | {"recording_of": {"x": "y"}}))
    assert recordings(root) == {"x": "y"}, "what is kept is what counts"
    (root / "audit.json").write_text(json.dumps({"regrouped": {}}))
    assert recordings(root) == {}
