"""Many files, read by processes that a bad one cannot take along."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from antiphon.library.tags import child, pool
from antiphon.library.tags.pool import parse_line, read_tags
from antiphon.library.tags.reader import FileTags
from tests.helpers.libraries.tagged_files import plain_mp3


def read(paths: list[Path], *, jobs: int = 2) -> list[FileTags]:
    sizes = [path.stat().st_size for path in paths]
    return [parse_line(line) for chunk in read_tags([str(p) for p in paths], sizes, jobs=jobs) for line in chunk]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    odd = os.fsdecode(b"caf\xe9 \n.mp3")
    return [plain_mp3(tmp_path / (f"{n:03}.mp3" if n else odd), title=f"Song {n}") for n in range(70)]


def test_processes_say_what_a_reading_right_here_says_in_order(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "CHUNK", 16)
    found = read(files)
    assert [one.tags["title"] for one in found] == [[f"Song {n}"] for n in range(70)]
    monkeypatch.setattr(pool, "HERE_FILES", 100)
    assert read(files) == found


def test_a_process_that_ends_costs_one_file(files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "sitecustomize.py").write_text(
        "import antiphon.library.tags.reader as r, os\n"
        "read = r.read_file\n"
        "r.read_file = lambda path, **o: os._exit(9) if path.endswith('033.mp3') else read(path, **o)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'bad'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    found = read(files, jobs=1)
    assert [(n, one.error) for n, one in enumerate(found) if one.error] == [(33, pool.ENDED)]


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_path: str, *, tags: bool) -> FileTags:
        raise child._TooLongError("reading its tags takes longer than 20 s")

    monkeypatch.setattr(child, "read_file", never)
    assert child._guarded("x", True).error == "reading its tags takes longer than 20 s"


def test_whoever_stops_asking_ends_the_processes(files: list[Path]) -> None:
    lines = read_tags([str(path) for path in files], [1 << 20] * len(files), jobs=2)
    assert len(next(lines)) == 70
    lines.close()  # type: ignore[attr-defined]
