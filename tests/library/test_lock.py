"""Who writes into a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from antiphon.api.checking.check import check
from antiphon.errors import LibraryError
from antiphon.library.ingest import ingest
from antiphon.library.lock import NAME, only_writer, writer_of
from antiphon.library.tracks import Library


def test_the_writer_of_a_folder_is_known_while_it_writes(tmp_path: Path) -> None:
    assert writer_of(tmp_path) is None
    with only_writer(tmp_path, "writing into"):
        assert writer_of(tmp_path) == os.getpid()
    assert writer_of(tmp_path) is None


def test_who_asks_for_the_writer_just_then_keeps_no_other_from_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with only_writer(tmp_path, "writing into"):
        pass  # a process that goes on leaves its id, so that the lock is tried
    asking = (tmp_path / NAME).open("rb")
    fcntl.flock(asking, fcntl.LOCK_SH)
    monkeypatch.setattr("antiphon.library.lock.time.sleep", lambda _: asking.close())
    with only_writer(tmp_path, "writing into"):
        assert writer_of(tmp_path) == os.getpid()


@pytest.mark.parametrize("left", ["", "unknown", "99999999"])
def test_what_a_process_that_ended_left_is_no_writer(tmp_path: Path, left: str) -> None:
    (tmp_path / NAME).write_text(left)
    assert writer_of(tmp_path) is None


@pytest.mark.parametrize("opens", [Library, lambda root: ingest(root.parent / "t.csv", root), check])
def test_a_folder_whose_name_is_no_utf_8_is_refused_before_anything_is_written(
    tmp_path: Path, opens: Callable[[Path], object]
) -> None:
    (tmp_path / "t.csv").write_text("id,caption\na,calm\n")
    root = tmp_path / os.fsdecode(b"caf\xe9")
    with pytest.raises(LibraryError, match=r"caf\\udce9' is no UTF-8"):
        opens(root)
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
