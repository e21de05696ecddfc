"""Writing that survives being killed: one file, several that belong together, and what dead writers leave behind."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from antiphon.errors import LibraryError
from antiphon.library.files import (
    PENDING,
    finish_together,
    open_in_library,
    read_json,
    utf8,
    write_atomically,
    write_json,
    write_text,
    write_together,
)
from antiphon.library.lock import only_writer
from antiphon.library.tracks import Caption, Library, Track, save_library

STEPS = 9
"""Renames of three staged files, of the note that names them, into place; then the note's removal."""


class KilledError(BaseException):
    """Stands for kill -9: nothing catches it, and what would clean up after it is undone by the tests."""


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stops before the n-th rename or removal, and whatever an ``except`` would still remove stays."""
    state = {"left": 10**9, "dead": False}
    replace, unlink = Path.replace, Path.unlink

    def step() -> None:
        if state["dead"]:
            return
        state["left"] -= 1
        if state["left"] < 0:
            state["dead"] = True
            raise KilledError

    def counted_replace(self: Path, target: Path) -> Path:
        step()
        return replace(self, target)

    def counted_unlink(self: Path, missing_ok: bool = False) -> None:
        step()
        if not state["dead"]:
            unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "replace", counted_replace)
    monkeypatch.setattr(Path, "unlink", counted_unlink)

    def after(steps: int, work: Any) -> bool:
        """Whether it was killed on the way."""
        state.update(left=steps, dead=False)
        try:
            work()
        except KilledError:
            return True
        finally:
            state.update(left=10**9, dead=False)
        return False

    return after


def tracks_of(n: int) -> tuple[list[Track], list[Caption]]:
    tracks = [Track(track_id=f"t{i}", split="train") for i in range(n)]
    return tracks, [Caption(caption_id=f"{t.track_id}#0", track_id=t.track_id, text=f"of {n}") for t in tracks]


def state_of(root: Path) -> tuple[int, int, Any]:
    library = Library(root)
    return library.track_table.num_rows, library.caption_table.num_rows, library.meta["n"]


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_library_is_all_old_or_all_new_wherever_its_writer_is_killed(tmp_path: Path, kill: Any, steps: int) -> None:
    save_library(tmp_path, *tracks_of(2), {"n": 2})
    killed = kill(steps, lambda: save_library(tmp_path, *tracks_of(5), {"n": 5}))
    assert killed == (steps < STEPS - 1)
    assert state_of(tmp_path) in [(2, 2, 2), (5, 5, 5)]
    assert not (tmp_path / PENDING).exists()
    save_library(tmp_path, *tracks_of(3), {"n": 3})
    assert state_of(tmp_path) == (3, 3, 3)


def test_new_content_counts_from_the_note_on(tmp_path: Path, kill: Any) -> None:
    """Three staged files alone are nothing yet; with the note they are everything."""
    save_library(tmp_path, *tracks_of(2), {"n": 2})
    kill(3, lambda: save_library(tmp_path, *tracks_of(5), {"n": 5}))
    assert state_of(tmp_path) == (2, 2, 2)
    kill(4, lambda: save_library(tmp_path, *tracks_of(5), {"n": 5}))
    assert state_of(tmp_path) == (5, 5, 5)


def test_a_first_library_is_finished_too(tmp_path: Path, kill: Any) -> None:
    kill(4, lambda: save_library(tmp_path, *tracks_of(5), {"n": 5}))
    assert not (tmp_path / "library.json").exists()
    assert state_of(tmp_path) == (5, 5, 5)


def test_what_cannot_be_finished_says_so(tmp_path: Path) -> None:
    save_library(tmp_path, *tracks_of(2), {"n": 2})
    (tmp_path / PENDING).write_text("[")
    with pytest.raises(LibraryError, match=r"left half written(.|\n)*delete .*staged.json and ingest again"):
        Library(tmp_path)


def test_finishing_twice_is_harmless(tmp_path: Path) -> None:
    write_together(tmp_path, {"a": utf8("1"), "b": utf8("2")})
    finish_together(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def left_over(folder: Path, name: str, age_s: float) -> Path:
    path = folder / name
    path.write_text("half")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_leftovers_of_dead_writers_are_removed_by_the_next_write(tmp_path: Path) -> None:
    dead = left_over(tmp_path, ".muq_last.pt.ab12_xyz.antiphon.tmp", 120)
    young = left_over(tmp_path, ".other.json.ab12_xyz.antiphon.tmp", 1)
    foreign = [left_over(tmp_path, name, 9999) for name in ("mine.tmp", ".hidden", ".a.ab12_xyz.tmp")]
    write_text(tmp_path / "any.json", "x")
    assert not dead.exists()
    assert young.exists()
    assert all(path.exists() for path in foreign)


WRITER = """
import os, sys, time
from pathlib import Path
from antiphon.library.files import write_atomically

def slowly(stream):
    stream.write(b"begun")
    stream.flush()
    print("writing", flush=True)
    time.sleep(60)

write_atomically(Path(sys.argv[1]), slowly)
"""


def test_a_living_writer_keeps_its_file_and_a_killed_one_does_not(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "big")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    (temporary,) = tmp_path.iterdir()
    os.utime(temporary, (time.time() - 3600,) * 2)
    write_text(tmp_path / "one", "x")
    assert temporary.exists()
    process.kill()
    process.wait()
    write_text(tmp_path / "two", "x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "old")

    def fail(_stream: BinaryIO) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space") as refused:
        write_atomically(tmp_path / "a", fail)
    assert refused.value.filename == str(tmp_path / "a")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a", "old")]


@pytest.mark.parametrize(
    "names",
    [
        '["/etc/passwd"]',
        '["../outside"]',
        '[".bashrc"]',
        '["a/../../b"]',
        "3",
        "null",
        '{"a": 1}',
        "[1]",
        "[" * 100_000,
    ],
)
def test_a_strangers_list_of_staged_files_reaches_nothing_outside_the_library(tmp_path: Path, names: str) -> None:
    """Whoever sends a library could otherwise have any file of the reader replaced when it is opened."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / PENDING).write_text(names)
    (tmp_path / ".outside.staged").write_text("theirs")
    (tmp_path / "outside").write_text("mine")
    with pytest.raises(ValueError, match=r"names|list of file names"):
        finish_together(folder)
    assert (tmp_path / "outside").read_text() == "mine"
    with pytest.raises(LibraryError, match="half written"):
        Library(folder)


@pytest.mark.parametrize("mode", ["r+b", "ab"])
def test_nothing_is_written_through_a_link_in_a_library(tmp_path: Path, mode: str) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "vectors.npy").symlink_to(tmp_path / "notes.txt")
    with pytest.raises(LibraryError, match=r"vectors\.npy is a link"):
        open_in_library(tmp_path / "vectors.npy", mode)
    (tmp_path / ".lock").symlink_to(tmp_path / "notes.txt")
    with pytest.raises(LibraryError, match="is a link"), only_writer(tmp_path, "writing into"):
        pass
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_new_file_has_the_mode_that_the_umask_leaves_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_text(tmp_path / "new", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    (tmp_path / "new").chmod(0o640)
    write_text(tmp_path / "new", "y")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_pipe_is_written_into_and_stays_one_but_not_through_a_link(tmp_path: Path) -> None:
    """A device (/dev/null) goes the same way: another file in its place would break the machine."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    write_text(pipe, "said")
    reader.join(timeout=60)
    assert got == ["said"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    write_text(link, "kept")
    assert not link.is_symlink()
    assert link.read_text() == "kept"


def test_half_a_surrogate_pair_is_written_as_an_escape_that_json_reads_back(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"caf\udce9": "\ud800"})
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"caf\udce9": "\ud800"}


def test_a_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    with (
        only_writer(tmp_path, "training in"),
        pytest.raises(LibraryError, match=rf"process \(id {os.getpid()}\) is training in"),
        only_writer(tmp_path, "training in"),
    ):
        pass


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00"])
def test_json_that_is_none_is_a_value_error_however_deep(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match=r".+"):
        read_json(tmp_path / "a.json")
