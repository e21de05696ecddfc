"""Folders that may only be read: refused at once, by their own name."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from antiphon.errors import LibraryError, reason
from antiphon.library.files import write_text
from antiphon.library.lock import only_writer, require_writable


def test_a_folder_that_may_only_be_read_is_refused_by_the_name_of_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_writable(tmp_path / "checkpoints" / "deeper")
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != tmp_path)
    with pytest.raises(OSError, match="Permission denied") as told:
        require_writable(tmp_path / "checkpoints" / "deeper")
    assert told.value.filename == str(tmp_path)
    assert told.value.errno == errno.EACCES


def test_an_error_of_writing_names_the_file_and_not_its_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, prefix: str, suffix: str, dir: Path) -> tuple[int, str]:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), f"{dir}/{prefix}xyz{suffix}")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(OSError, match="Read-only") as told:
        write_text(tmp_path / "report.html", "page")
    assert told.value.filename == str(tmp_path / "report.html")


def test_what_ended_a_writer_is_told_though_its_folder_is_gone(tmp_path: Path) -> None:
    def write() -> None:
        with only_writer(tmp_path / "new", "writing into"):
            shutil.rmtree(tmp_path / "new")
            raise LibraryError("It was removed.")

    with pytest.raises(LibraryError, match="It was removed"):
        write()


def test_a_reason_stands_in_a_sentence() -> None:
    assert reason(OSError(errno.EROFS, "Read-only file system", "lib/index")) == "lib/index: Read-only file system"
    assert reason(OSError(errno.ENOSPC, "No space left on device")) == "No space left on device"
    assert reason(LibraryError("It is gone.", fix="Look.")) == "It is gone."
    assert reason(ValueError()) == "ValueError"
