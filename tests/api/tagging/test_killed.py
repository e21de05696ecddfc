"""A killed tag --write: nothing is lost, nothing is left beside the music, and --restore works."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from pathlib import Path

import pytest

from antiphon import cli
from antiphon.api.checking.check import check
from antiphon.api.tagging import tag as tagging
from antiphon.api.tagging import writing
from antiphon.api.tagging.copies import new_copy
from antiphon.api.tagging.fields import read_fields
from antiphon.api.tagging.tag import ALL, restore, tag
from antiphon.embed.workers.packets import packets_hash
from antiphon.errors import LibraryError
from antiphon.library.lock import only_writer

STEPS = {
    "before the backup": (tagging, "remember"),
    "before the copy": (writing, "new_copy"),
    "before the copy has content": (writing.shutil, "copyfile"),
    "before the copy is tagged": (writing, "write_fields"),
    "before the copy is compared": (writing, "_require_sound"),
    "before the copy is like the file": (writing, "_like"),
    "before the copy is on disk": (writing, "_sync"),
    "before the copy takes the place": (Path, "replace"),
    "after it": (writing, "sync_folder"),
    "before the note goes": (tagging, "forget"),
}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Killed(BaseException):
    """The process is gone: nothing that would tidy up behind it runs."""


def killed_at(step: str, root: Path) -> None:
    """Tag a library in a process that is killed at a step."""
    where, name = STEPS[step]

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(where, name, kill)
        for tidying in ("unlink", "rmdir"):
            patched.setattr(Path, tidying, lambda *_, **__: None)
        with pytest.raises(Killed):
            tag(root, write=True)


THEN = [
    *((step, "write") for step in STEPS),
    *((step, "restore") for step in list(STEPS)[4:9:2]),
    (list(STEPS)[5], "show"),
]


@pytest.mark.parametrize(("step", "then"), THEN)
def test_killed_at_any_step_nothing_is_lost_and_nothing_is_left(
    music: Path, tmp_path: Path, step: str, then: str
) -> None:
    root, before = tmp_path / "lib", {path.name: read_fields(path, ALL) for path in sorted(music.iterdir())}
    sounds = {path.name: packets_hash(str(path)) for path in music.iterdir()}
    killed_at(step, root)
    assert len(list(music.iterdir())) in (2, 3)
    assert [one for one in check(root).files if "was killed" in one.said] or len(list(music.iterdir())) == 2
    {"write": lambda: tag(root, write=True), "restore": lambda: give_back(root), "show": lambda: tag(root)}[then]()
    assert names(music) == ["one.mp3", "two.flac"]
    assert not (root / "tagging" / "copy.json").exists()
    assert {path.name: packets_hash(str(path)) for path in music.iterdir()} == sounds
    give_back(root)
    assert {path.name: read_fields(path, ALL) for path in sorted(music.iterdir())} == before


def give_back(root: Path) -> None:
    """Restore, where there is something to."""
    with contextlib.suppress(LibraryError):
        restore(root)


def test_a_note_of_a_stranger_removes_nothing_else(music: Path, tmp_path: Path) -> None:
    note = tmp_path / "lib" / "tagging" / "copy.json"
    note.parent.mkdir()
    for said in (json.dumps({"copy": str(music / "one.mp3")}), "[" * 100_000, "{}", "null"):
        note.write_text(said)
        tag(tmp_path / "lib")
        assert names(music) == ["one.mp3", "two.flac"]


def test_the_copy_of_a_living_run_is_left_alone(music: Path, tmp_path: Path) -> None:
    copy = new_copy(tmp_path / "lib", music / "one.mp3")
    copy.write_bytes(b"half")
    with only_writer(tmp_path / "lib" / "tagging", "writing tags from"):
        tag(tmp_path / "lib")
        assert copy.exists()
        assert not [one for one in check(tmp_path / "lib").files if "was killed" in one.said]
    cli.app(["ingest", str(music), "--library", str(tmp_path / "lib")], result_action="return_value")
    assert not copy.exists()


def test_a_full_disk_ends_it_at_the_first_file_with_everything_as_it_was(
    music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def full(_from: object, to: Path) -> None:
        tried.append(to)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(to))

    with monkeypatch.context() as patched:
        patched.setattr(writing.shutil, "copyfile", full)
        with pytest.raises(OSError, match=r"No space left on device.*one\.mp3"):
            tag(tmp_path / "lib", write=True)
    assert (len(tried), names(music)) == (1, ["one.mp3", "two.flac"])
    assert tag(tmp_path / "lib", write=True).written == 2
