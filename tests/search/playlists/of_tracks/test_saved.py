"""Playlists that a person put together lie in the library as files that players open."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.search.hits import Hit
from antiphon.search.playlists.kept import Form, KeptQuestion, keep
from antiphon.search.playlists.of_tracks.saved import (
    delete_playlist,
    rename_playlist,
    save_playlist,
    saved_file,
    saved_playlists,
)
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
    keep(root, KeptQuestion(name="rain", question=Question(stops=("rain",)), form=Form(out="playlists/rain.m3u8")))
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


def test_a_playlist_is_renamed_in_its_file_and_of_it(tmp_path: Path) -> None:
    root = songs(tmp_path)
    save_playlist(root, "Rain", [hit("/m/a.flac")], [61.4])
    file = saved_file(root, "Rain")
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n") + b"../x/caf\xe9.flac")
    rename_playlist(root, "Rain", "Rainy evening")
    assert [each.name for each in saved_playlists(root)] == ["Rainy evening"]
    assert saved_file(root, "Rainy evening").read_bytes() == (
        b"#EXTM3U\r\n#PLAYLIST:Rainy evening\r\n#EXTINF:61,Lo Tide - Rain\r\n/m/a.flac\r\n../x/caf\xe9.flac"
    )
    rename_playlist(root, "Rainy evening", "Rainy evening")
    assert [each.name for each in saved_playlists(root)] == ["Rainy evening"]


def test_no_playlist_takes_anothers_name(tmp_path: Path) -> None:
    root = songs(tmp_path)
    save_playlist(root, "Rain", [hit("/m/a.flac")], [None])
    save_playlist(root, "Sun", [hit("/m/b.flac")], [None])
    keep(root, KeptQuestion(name="asked", question=Question(stops=("rain",)), form=Form(out="playlists/asked.m3u8")))
    before = {path: path.read_bytes() for path in (root / "playlists").iterdir()}
    for name in ("Sun", "asked"):
        with pytest.raises(ConfigError, match=f"There is a playlist '{name}' already"):
            rename_playlist(root, "Rain", name)
    with pytest.raises(ConfigError, match="cannot be a file's name"):
        rename_playlist(root, "Rain", "../Rain")
    with pytest.raises(LibraryError, match="no playlist 'Snow'"):
        rename_playlist(root, "Snow", "Ice")
    save_playlist(root, "Other", [hit("/m/a.flac")], [None])
    (root / "playlists" / "Other.m3u8").rename(root / "playlists" / "asked.m3u8")
    with pytest.raises(ConfigError, match=r"(?s)'asked' answers a question that is kept.*--save NAME"):
        rename_playlist(root, "asked", "Free")
    assert {path: path.read_bytes() for path in before} == before


def test_a_deleted_playlist_is_gone_with_the_question_that_writes_it(tmp_path: Path) -> None:
    root = songs(tmp_path)
    for name in ("Rain", "asked", "away"):
        save_playlist(root, name, [hit("/m/a.flac")], [None])
    forms = {"asked": Form(out="playlists/asked.m3u8", push="https://anna@nas"), "away": Form(out="away.m3u")}
    (root / "away.m3u").write_text("#EXTM3U\n")
    for name, form in forms.items():
        keep(root, KeptQuestion(name=name, question=Question(stops=("rain",)), form=form))
    assert delete_playlist(root, "Rain") == []
    assert delete_playlist(root, "asked") == ["The question that 'asked' answered is forgotten."]
    assert delete_playlist(root, "away") == [
        f"The question that 'away' answered is forgotten. The file that it wrote stays: {root / 'away.m3u'}."
    ]
    assert list((root / "playlists").iterdir()) == []
    for name in ("Rain", "../library.json"):
        with pytest.raises((LibraryError, ConfigError)):
            delete_playlist(root, name)
    assert (root / "library.json").is_file()


@pytest.mark.parametrize("change", [lambda root: rename_playlist(root, "Rain", "Sun"),
                                    lambda root: delete_playlist(root, "Rain")])  # fmt: skip
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    root = songs(tmp_path)
    save_playlist(root, "Rain", [hit("/m/a.flac")], [None])

    def refused(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "unlink", refused)
    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(LibraryError, match=r"(?s)Rain\.m3u8 cannot be written: Read-only file system.*folder writable"):
        change(root)
    assert saved_file(root, "Rain").is_file()


def test_a_file_in_the_place_of_the_folder_of_playlists_is_named(tmp_path: Path) -> None:
    root = songs(tmp_path)
    (root / "playlists").write_text("notes")
    with pytest.raises(LibraryError, match=r"(?s)Rain\.m3u8 cannot be written.*Move .*playlists away"):
        save_playlist(root, "Rain", [hit("/m/a.flac")], [None])
