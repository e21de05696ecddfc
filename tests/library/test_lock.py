"""Who writes into a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from antiphon.library.lock import NAME, only_writer, writer_of


def test_the_writer_of_a_folder_is_known_while_it_writes(tmp_path: Path) -> None:
    assert writer_of(tmp_path) is None
    with only_writer(tmp_path, "writing into"):
        assert writer_of(tmp_path) == os.getpid()
    assert writer_of(tmp_path) is None


@pytest.mark.parametrize("left", ["", "unknown", "99999999"])
def test_what_a_process_that_ended_left_is_no_writer(tmp_path: Path, left: str) -> None:
    (tmp_path / NAME).write_text(left)
    assert writer_of(tmp_path) is None
