"""The option --push of the command playlist: once, kept, and again with --refresh."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.players.table import IdTable, save_ids
from antiphon.library.tracks import Library
from tests.helpers.players.subsonic import Player, serving
from tests.helpers.trained.light import make_trained_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_trained_library(tmp_path_factory.mktemp("pushing"))


@pytest.fixture
def player(library: Path, monkeypatch: pytest.MonkeyPatch) -> Player:
    monkeypatch.setenv("ANTIPHON_SUBSONIC_PASSWORD", "sesame ☂")
    tracks = Library(library).column("track_id").tolist()
    save_ids(library, IdTable(player="navidrome", tracks={f"id-{track}": track for track in tracks}))
    return Player(songs=[{"id": f"id-{track}", "title": track} for track in tracks])


@pytest.fixture
def address(player: Player) -> Iterator[str]:
    with serving(player) as found:
        yield found.replace("//", "//anna@")


def typed(*arguments: str | Path) -> None:
    app(["playlist", *map(str, arguments)], result_action="return_value")


def test_a_playlist_is_made_on_the_server_under_its_name(
    library: Path, player: Player, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("slow piano", "-k", "4", "--push", address, "--name", "Evening", "--json", "--library", library)
    told = json.loads(capsys.readouterr().out)
    [made] = player.shelf.playlists
    assert made["name"] == told["name"] == "Evening"
    assert made["comment"] == "Made by Antiphon: slow piano"
    assert made["songs"] == [f"id-{track['track_id']}" for track in told["tracks"]]
    assert told["pushed"]["songs"] == 4
    assert (told["pushed"]["replaced"], told["pushed"]["missing"]) == (False, [])


def test_what_is_kept_is_pushed_again_when_it_is_refreshed(
    library: Path, player: Player, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("slow piano", "-k", "4", "--save", "evening", "--push", address, "--library", library)
    assert "'evening' made on http" in capsys.readouterr().err
    player.shelf.playlists[0]["songs"] = []
    typed("--refresh", "--library", library)
    assert "'evening' replaced on http" in capsys.readouterr().err
    assert [len(each["songs"]) for each in player.shelf.playlists] == [4]
    player.shelf.playlists[0]["owner"] = "ben"
    player.songs.clear()
    with pytest.raises(SystemExit):
        typed("--refresh", "--json", "--library", library)
    said = capsys.readouterr()
    assert "none of the 4 tracks" in json.loads(said.out)[0]["error"]
    assert "written to" in said.err
    assert "Error: it was not pushed." in said.err
    typed("--remove", "evening", "--library", library)


def test_what_is_no_server_and_what_cannot_be_is_refused(library: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="'nas' is no server's address"):
        typed("slow piano", "--push", "nas", "--library", library)
    with pytest.raises(ConfigError, match="called as --save says"):
        typed("slow piano", "--save", "evening", "--name", "Evening", "--library", library)
    with pytest.raises(LibraryError, match="does not know 'ben'"):
        typed("slow piano", "-k", "2", "--push", address.replace("anna", "ben"), "--library", library)
