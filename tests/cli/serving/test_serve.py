"""What the command says before anything is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.cli.serving import serve as module
from antiphon.cli.serving.place import ServedSource
from antiphon.cli.serving.serve import serve
from antiphon.errors import ConfigError
from antiphon.library.tracks import Track, save_library
from tests.helpers.web.server import songs


def test_without_its_packages_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEEDED", ("fastapi", "no_such_package"))
    with pytest.raises(ConfigError, match="needs no_such_package") as found:
        serve()
    assert found.value.fix == "pip install 'antiphon[serve]'"


def test_a_port_that_is_none_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    music = str(songs(tmp_path))
    with pytest.raises(ConfigError, match="70000 is no port"):
        serve(music, port=70_000)
    with pytest.raises(ConfigError, match="-1 requests a minute"):
        serve(music, rate=-1)


def test_where_other_devices_may_ask_their_address_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module.socket, "gethostname", lambda: "nas.example.com")
    said = module._greeting("http://127.0.0.1:8337/music/", ServedSource(tmp_path, None), "0.0.0.0")
    assert "Other devices: http://nas:8337/music/, or this machine's address in place of its name" in said
    alone = module._greeting("http://127.0.0.1:8337/", ServedSource(tmp_path, "songs"), "127.0.0.1")
    assert not any("Other devices" in line for line in alone)
    assert alone[-1] == "Made of songs: how far it is read and heard stands on the page."
    assert f"Library: {tmp_path.resolve()}" in alone
    new = module._greeting("http://127.0.0.1:8337/", ServedSource(tmp_path, "songs"), begins=True)
    assert f"A new library begins: {tmp_path.resolve()}" in new


def test_the_music_of_one_server_and_playlists_on_another_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTIPHON_SUBSONIC_PASSWORD", "p")
    source = {"manifest": "https://anna@music.example.com"}
    root = save_library(tmp_path / "lib", [Track(track_id="a")], [], source).root
    with pytest.raises(ConfigError, match="Two servers would get one another's password"):
        serve(str(root), watch=True, push="https://anna@elsewhere.example.com")
    with pytest.raises(ConfigError, match="is no server's address"):
        serve(str(root), push="nas:4533")
