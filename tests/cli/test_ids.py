"""The command ids, as it is typed: from a table, from a server, and what is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.errors import ConfigError
from antiphon.library.tracks import Track, save_library
from tests.helpers.players.subsonic import Player, serving
from tests.helpers.players.web import answering


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tracks = [Track(track_id=f"{name}.mp3", path=f"{name}.mp3", title=name, artist="Ben") for name in ("Hill", "Dale")]
    return save_library(tmp_path / "library", tracks, [], {"audio_root": "/nas/music"}).root


def run(*arguments: str | Path) -> None:
    app(["ids", *map(str, arguments)], result_action="return_value")


def test_a_table_becomes_a_players_ids_and_is_listed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--library", root)
    assert "No player's ids are known" in capsys.readouterr().err
    table = root / "lms.csv"
    table.write_text("id,path\n17,/music/Hill.mp3\n99,/music/Gone.mp3\n")
    run(table, "--player", "LMS", "--path-map", "/music=/nas/music", "--library", root)
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "lms: 1 of 2 tracks known (1 by path)."
    assert "Kept in" in said.err
    run("--library", root, "--json")
    assert json.loads(capsys.readouterr().out) == [{"player": "lms", "tracks": 1, "artists": 0, "unmatched": 1}]
    run("--library", root)
    assert capsys.readouterr().out.split()[-4:] == ["lms", "1", "0", "1"]


def test_a_server_is_asked_as_ingest_asks_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTIPHON_SUBSONIC_PASSWORD", "sesame ☂")
    with serving(Player(songs=[{"id": "3xKq", "title": "Hill", "artist": "Ben", "artistId": "ar1"}])) as address:
        run(address.replace("//", "//anna@"), "--library", root, "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["player"], told["matched_by"], told["without"]) == ("navidrome", {"tags": 1}, ["Dale.mp3"])


def test_jellyfin_and_lms_are_asked_in_their_own_ways(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    jellyfin = {"Items": [{"Id": "a" * 32, "Name": "Hill", "Artists": ["Ben"]}]}
    titles = {"count": 1, "titles_loop": [{"id": 7, "title": "Dale", "artist": "Ben", "url": "file:///m/Dale.mp3"}]}
    with pytest.raises(ConfigError, match=r"nobody is at the keyboard.*\n.*ANTIPHON_JELLYFIN_API_KEY"):
        run("http://127.0.0.1:1", "--player", "jellyfin", "--library", root)
    monkeypatch.setenv("ANTIPHON_JELLYFIN_API_KEY", "5ecret")
    pages = iter([jellyfin, {"Items": []}])
    with answering(lambda *_: (200, next(pages))) as address:
        run(address, "--player", "Jellyfin", "--library", root)
    with answering(lambda *_: (200, {"result": titles})) as address:
        run(address, "--player", "lms", "--library", root)
    said = capsys.readouterr().out
    assert "jellyfin: 1 of 2 tracks known (1 by tags)." in said
    assert "lms: 1 of 2 tracks known (1 by" in said
