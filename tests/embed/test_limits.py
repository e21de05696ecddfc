"""No file may take the machine along: limits of memory and of time without news, and what little was lost is noted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.embed import embed_audio
from antiphon.embed.workers import pool
from antiphon.library.tracks import Library
from antiphon.library.vectors.rows import read_rows
from tests.helpers.encoders.fake_plugin import fakes  # noqa: F401 - a fixture
from tests.helpers.libraries.sounds import sweep, write
from tests.helpers.libraries.tone_library import library, make

pytestmark = pytest.mark.usefixtures("fakes")


def test_a_worker_gets_no_more_memory_than_its_share() -> None:
    program = (
        "from antiphon.embed.workers import child\nchild.MEMORY = 256 << 20\nchild.limit_memory()\n"
        "try:\n    bytearray(512 << 20)\nexcept MemoryError:\n    print('refused')\nprint(len(bytearray(64 << 20)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused", str(64 << 20)]


def test_a_file_of_which_nothing_is_heard_for_long_fails_and_the_others_go_on(tmp_path, monkeypatch) -> None:
    make(tmp_path, a=0.5, b=0.5, c=0.5)
    root = library(tmp_path, {name: f"{name}.wav" for name in "abc"})
    monkeypatch.setenv("FAKE_SLEEP", "60")
    monkeypatch.setattr(pool, "PATIENCE_S", 0.5)
    (report,) = embed_audio(root, ["fake-signal"], jobs=3)
    assert set(report.failed) == {"a", "b", "c"}
    assert "nothing came of it in 0 s" in report.failed["a"] or "nothing came of it in 1 s" in report.failed["a"]


def test_what_could_not_be_read_stands_in_the_table_beside_the_vector(tmp_path: Path) -> None:
    for name in ("whole", "short"):
        write(tmp_path / f"{name}.wav", sweep(4.0, 8_000), 8_000)
    data = (tmp_path / "short.wav").read_bytes()
    (tmp_path / "short.wav").write_bytes(data[: int(len(data) * 0.92)])
    root = library(tmp_path, {"whole": "whole.wav", "short": "short.wav"})
    for report in embed_audio(root, ["fake-signal", "fake-model"], jobs=1):
        assert report.failed == {}
        assert set(report.notes) == {"short"}
        assert "s of 4.0 s could not be read" in report.notes["short"]
        assert "short: about 0.3" in "\n".join(report.lines())
        (row,) = [r for r in read_rows(Library(root).embedding_folder("audio", report.encoder)) if r.id == "short"]
        assert (row.status, row.error) == ("ok", report.notes["short"])
