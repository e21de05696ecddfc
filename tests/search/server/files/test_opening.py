"""What is opened as a sound file: files that are called like sound, and nothing that was put in their place."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from antiphon.errors import AudioError
from antiphon.search.server.files.opening import open_sound


def written(path: Path, content: bytes = b"sound") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def refused(path: Path, word: str, music: Path | None = None) -> None:
    with pytest.raises(AudioError, match=word) as caught:
        open_sound(path, music)
    assert str(path.parent) not in str(caught.value)


def test_a_sound_file_is_read_from_anywhere_in_it(tmp_path: Path) -> None:
    sound = open_sound(written(tmp_path / "a.FLAC", b"0123456789"))
    assert (sound.size, sound.kind, sound.read(3, 4), sound.read(8, 100)) == (10, "audio/flac", b"3456", b"89")


def test_what_is_gone_or_is_not_called_like_sound_is_said(tmp_path: Path) -> None:
    refused(tmp_path / "gone.mp3", "not there any more")
    refused(tmp_path / "no" / "folder.mp3", "not there any more")
    refused(written(tmp_path / "tone.mp3") / "in.mp3", "not there any more")
    for name in ("id_rsa", "library.json", ".mp3", "a.mp3.txt"):
        refused(written(tmp_path / name), "not called like a sound file")


def test_a_folder_a_pipe_and_a_socket_are_no_files_and_block_nobody(tmp_path: Path) -> None:
    (tmp_path / "folder.mp3").mkdir()
    os.mkfifo(tmp_path / "pipe.mp3")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.mp3"))
        done: list[str] = []

        def all_of_them() -> None:
            for name in ("folder.mp3", "pipe.mp3", "s.mp3"):
                refused(tmp_path / name, "is no file")
                done.append(name)

        thread = threading.Thread(target=all_of_them, daemon=True)
        thread.start()
        thread.join(60)
    assert len(done) == 3


def test_devices_are_never_opened_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "zero.mp3").symlink_to("/dev/zero")
    refused(tmp_path / "zero.mp3", "leads out of the music")
    refused(tmp_path / "zero.mp3", "not called like a sound file", music=Path("/"))


def test_a_link_may_lead_to_another_sound_file_of_the_music_alone(tmp_path: Path) -> None:
    music, private = tmp_path / "music", tmp_path / "private"
    written(music / "store" / "x.flac", b"shared")
    written(private / "memo.flac")
    written(music / "store" / "passwords")
    (music / "album").mkdir()
    for name, target in (
        ("a", music / "store" / "x.flac"),
        ("b", private / "memo.flac"),
        ("c", music / "store" / "passwords"),
    ):
        (music / "album" / f"{name}.flac").symlink_to(target)
    assert open_sound(music / "album" / "a.flac", music).read(0, 6) == b"shared"
    refused(music / "album" / "a.flac", "leads out", music=music / "album")
    refused(music / "album" / "b.flac", "leads out", music)
    refused(music / "album" / "c.flac", "not called like", music)
    (music / "album" / "d.flac").symlink_to("d.flac")
    refused(music / "album" / "d.flac", "no file|not there", music)


def test_folders_may_be_links_as_owners_lay_them(tmp_path: Path) -> None:
    written(tmp_path / "disk" / "a.mp3")
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "nas").symlink_to(tmp_path / "disk")
    assert open_sound(tmp_path / "music" / "nas" / "a.mp3", tmp_path / "music").size == 5


def test_a_file_that_is_replaced_has_another_tag_and_the_open_one_stays(tmp_path: Path) -> None:
    first = open_sound(written(tmp_path / "a.mp3", b"first"))
    again = open_sound(tmp_path / "a.mp3")
    written(tmp_path / "b.mp3", b"other").replace(tmp_path / "a.mp3")
    assert first.tag == again.tag != open_sound(tmp_path / "a.mp3").tag
    assert first.read(0, 5) == b"first"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_said_to_be_that(tmp_path: Path) -> None:
    written(tmp_path / "a.mp3").chmod(0)
    refused(tmp_path / "a.mp3", "may not read")
