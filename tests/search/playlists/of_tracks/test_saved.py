"""Playlists that a person put together lie in the library as files that players open."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.search.hits import Hit
from antiphon.search.playlists.kept import Form, Kept, keep
from antiphon.search.playlists.of_tracks.saved import save_playlist, saved_file, saved_playlists
from antiphon.search.playlists.question import Question
from tests.helpers.web.server import songs


def hit(path: str) -> Hit:
    return Hit(rank=1, track_id=path, score=0, title="Rain", artist="Lo Tide", path=path, by="")


def test_what_is_saved_is_listed_and_read_again(tmp_path: Path) -> None:
    root = songs(tmp_path)
    assert saved_playlists(root) == []
    assert save_playlist(root, "Für später", [hit("/m/a.flac"), hit("")], [61.4, None]) != []
    assert [(each.name, each.tracks) for each in saved_playlists(root)] == [("Für später", 1)]
    assert "#EXTINF:61,Lo Tide - Rain\n/m/a.flac" in saved_file(root, "Für später").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", " ", "x\ny", "C:\\x"])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    root = songs(tmp_path)
    with pytest.raises(ConfigError, match=r"(?s)cannot be a file's name.*such as: rainy evening$"):
        save_playlist(root, name, [hit("/m/a.flac")], [None])
    with pytest.raises(ConfigError, match="cannot be a file's name"):
        saved_file(root, name)


def test_the_playlist_of_a_kept_question_is_not_overwritten(tmp_path: Path) -> None:
    root = songs(tmp_path)
    keep(root, Kept(name="rain", question=Question(stops=("rain",)), form=Form(out="playlists/rain.m3u8")))
    with pytest.raises(ConfigError, match="answers a question that is kept"):
        save_playlist(root, "rain", [hit("/m/a.flac")], [None])
    with pytest.raises(LibraryError, match="no playlist 'other'"):
        saved_file(root, "other")


def test_a_disk_that_is_full_is_told_and_the_older_playlist_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = songs(tmp_path)
    save_playlist(root, "Rain", [hit("/m/a.flac")], [61.4])
    before = saved_file(root, "Rain").read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LibraryError, match=r"Rain\.m3u8 cannot be written: No space left on device"):
        save_playlist(root, "Rain", [hit("/m/b.flac")], [61.4])
    assert saved_file(root, "Rain").read_bytes() == before
