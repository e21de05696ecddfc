"""The command playlist: what it makes, writes, keeps and refuses, with what is prepared and with torch."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.errors import ConfigError, LibraryError
from antiphon.search.light.preparing import prepare
from antiphon.search.playlists.kept import kept_names, read_kept
from antiphon.search.playlists.making import PlaylistMaker
from antiphon.search.playlists.question import Question
from antiphon.search.playlists.sources.opening import of_searcher, open_source
from antiphon.search.searcher import Searcher
from tests.helpers.trained.light import make_trained_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_trained_library(tmp_path_factory.mktemp("playlist"))
    assert prepare(Searcher(root)) is not None
    return root


def typed(*arguments: str | Path) -> None:
    app(["playlist", *map(str, arguments)], result_action="return_value")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, object]:
    typed(*arguments, "--json")
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def ids(made: dict[str, object]) -> list[str]:
    return [track["track_id"] for track in made["tracks"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "question",
    [
        Question(stops=("slow piano",), k=6),
        Question(stops=("slow piano", "loud drums", "strings"), k=9),
        Question(radio="t003", k=6, seed=2),
    ],
)
def test_both_ways_make_the_same_playlist(library: Path, question: Question) -> None:
    torch_way = PlaylistMaker(library, of_searcher(Searcher(library))).make(question)
    light = PlaylistMaker(library, open_source(library)).make(question)
    assert [hit.track_id for hit in light] == [hit.track_id for hit in torch_way]
    assert len(set(light.hits)) == question.k
    assert light.remarks == torch_way.remarks


def test_minutes_count_lengths_and_a_guess_is_said(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed("slow piano", "loud drums", "--minutes", "30", "--library", library)
    said = capsys.readouterr()
    assert "8 tracks, 32:00" in said.out or "7 tracks, 28:00" in said.out
    assert "a guess: no length is known" in said.err


def test_a_radio_begins_with_its_track_and_another_seed_plays_another(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = [
        ids(asked(capsys, "--radio", "t003", "-k", "8", "--seed", seed, "--library", library)) for seed in "112345"
    ]
    assert lists[0] == lists[1]
    assert {each[0] for each in lists} == {"t003"}
    assert len(set(map(tuple, lists))) > 1


def test_a_filter_holds_in_all_of_them(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tracks = Searcher(library).library
    train = {i for i, split in zip(tracks.column("track_id"), tracks.column("split"), strict=True) if split == "train"}
    seed = min(train)
    for what in (["piano"], ["piano", "drums"], ["--radio", seed]):
        assert set(ids(asked(capsys, *what, "--where", "split = train", "-k", "5", "--library", library))) <= train
    with pytest.raises(ConfigError, match="No track is allowed"):
        typed("piano", "--where", "title is missing and track_id = t003x", "--library", library)


def test_a_kept_question_is_answered_again_listed_and_removed(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "evening.json"
    typed("slow piano", "-k", "4", "--save", "evening", "-o", out, "--library", library)
    typed("slow piano", "drums", "-k", "4", "--save", "way", "--library", library)
    first = out.read_text()
    assert json.loads(first)["antiphon_playlist"] == 1
    out.unlink()
    typed("--refresh", "evening", "--library", library)
    assert out.read_text() == first
    (library / "playlists" / "way.m3u8").unlink()
    (library / "playlists" / "broken.question.json").write_text("{}")
    capsys.readouterr()
    with pytest.raises(SystemExit):
        typed("--refresh", "--library", library)
    said = capsys.readouterr().err
    assert "'broken' is left as it was" in said
    assert (library / "playlists" / "way.m3u8").read_text().startswith("#EXTM3U\n#PLAYLIST:slow piano → drums\n")
    typed("--remove", "evening", "--library", library)
    (library / "playlists" / "broken.question.json").unlink()
    assert kept_names(library) == ["way"]
    assert out.exists()
    typed("--remove", "way", "--library", library)
    with pytest.raises(LibraryError, match="No playlist is kept as 'way'"):
        typed("--refresh", "way", "--library", library)


def test_a_kept_playlist_on_a_disk_that_is_away_makes_no_folder_where_the_disk_was(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    typed("slow piano", "-k", "4", "--save", "away", "-o", disk / "away.m3u8", "--library", library)
    disk.rename(tmp_path / "elsewhere")
    with pytest.raises(SystemExit):
        typed("--refresh", "away", "--library", library)
    assert f"The folder {disk} is not there" in capsys.readouterr().err
    assert not disk.exists()
    typed("--remove", "away", "--library", library)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "needs either words or a track"),
        (["a", "--radio", "t003"], "needs either words or a track"),
        (["a", "--minutes", "5", "-k", "3"], "not as both"),
        (["a", "--minutes", "0"], "minutes is 0"),
        (["a", "--variety", "2"], "from 0 to 1"),
        (["a", "b", "--seed", "1"], "a path has no variety and no seed".capitalize()),
        (["a", "--path-map", "/a=/b"], "say how a file names tracks"),
        (["a", "--save", "../x"], "cannot be a file's name"),
        (["a", "--save", "x", "--list"], "four things"),
        (["a", "-o", "x.m3u", "--path-map", "/a=/b", "--relative"], "relative or mapped"),
    ],
)
def test_what_does_not_go_together_is_refused(library: Path, arguments: list[str], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        typed(*arguments, "--library", library)
    with pytest.raises(LibraryError, match="has no track 'nobody'"):
        typed("--radio", "nobody", "--library", library)


def test_a_question_of_the_format_before_keeps_its_folders_the_other_way_round(library: Path) -> None:
    """Format 1 wrote what is here first; a playlist that was kept then is written as it was."""
    typed("slow piano", "-k", "2", "--save", "old", "--path-map", "/in/player=/here", "--library", library)
    file = library / "playlists" / "old.question.json"
    kept = json.loads(file.read_text())
    assert (kept["format"], kept["form"].pop("path_map")) == (2, {"/in/player": "/here"})
    kept["format"], kept["form"]["maps"] = 1, {"/here": "/in/player"}
    file.write_text(json.dumps(kept))
    assert read_kept(library, "old").form.path_map == {"/in/player": "/here"}
    kept["form"]["maps"] = {"/here": "/in/player", "/there": "/in/player"}
    file.write_text(json.dumps(kept))
    with pytest.raises(ConfigError, match="two folders of this machine are one folder of the player"):
        read_kept(library, "old")
    file.write_text(json.dumps({**kept, "format": 3}))
    with pytest.raises(ConfigError, match="it has format 3, this Antiphon reads 2"):
        read_kept(library, "old")
    file.unlink()


def test_stops_are_read_as_queries_are(library: Path) -> None:
    """Weights and what is not wanted count: the best of one stop is what a search answers first."""
    maker, searcher = PlaylistMaker(library, open_source(library)), Searcher(library)
    for text in ("piano, no drums", "piano:3 drums", "slow piano -strings"):
        made = maker.make(Question(stops=(text,), k=5))
        best = searcher.search(text, k=1)[0]
        assert made.hits[0].track_id == best.track_id
        assert made.hits[0].score == pytest.approx(best.score, abs=1e-4)


@pytest.mark.parametrize("also", [["--not", "drums"], ["--like", "t004"], ["--like", "t004", "--not", "drums"]])
def test_not_and_like_mean_what_they_mean_for_search(
    library: Path, also: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    app(["search", "slow piano", *also, "-k", "6", "--json", "--library", str(library)], result_action="return_value")
    found = {hit["track_id"] for hit in json.loads(capsys.readouterr().out)}
    assert set(ids(asked(capsys, "slow piano", *also, "-k", "6", "--library", library))) == found


def test_what_is_excluded_is_kept_with_the_question_wherever_it_is_answered(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = ids(asked(capsys, "slow piano", "-k", "3", "--library", library))
    (tmp_path / "heard.txt").write_text("\n".join(first))
    monkeypatch.chdir(tmp_path)
    typed("slow piano", "-k", "3", "--exclude", "heard.txt", "--save", "unheard", "--library", library)
    monkeypatch.chdir("/")
    typed("--refresh", "unheard", "--library", library)
    kept = (library / "playlists" / "unheard.question.json").read_text()
    assert str(tmp_path / "heard.txt") in kept
    capsys.readouterr()
    made = ids(asked(capsys, "slow piano", "-k", "3", "--exclude", tmp_path / "heard.txt", "--library", library))
    assert not set(made) & set(first)
    typed("--remove", "unheard", "--library", library)


def test_a_list_that_cannot_be_read_again_is_not_kept(library: Path) -> None:
    reading, writing = os.pipe()  # what a shell gives for <(…)
    os.close(writing)
    with (
        os.fdopen(reading),
        pytest.raises(ConfigError, match=r"is no file that stays: 'piped' could not be asked again"),
    ):
        typed("slow piano", "-k", "3", "--exclude", f"/dev/fd/{reading}", "--save", "piped", "--library", library)
    assert "piped" not in kept_names(library)
    assert not (library / "playlists" / "piped.m3u8").exists()
