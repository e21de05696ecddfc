"""A result never takes the place of a file that a library is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon import cli
from antiphon.cli.output.results import OWN, keep_library
from antiphon.errors import ConfigError
from tests.helpers.libraries.plain import plain_library


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plain_library(tmp_path / "lib", {"a": "train"}, captions={"a": ["calm"]}).root


def test_what_a_library_writes_is_known_as_its_own(root: Path) -> None:
    assert {path.name for path in root.iterdir() if not path.name.startswith(".")} <= OWN


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "-o"],
        ["evaluate", "enc", "--format", "csv", "-o"],
        ["evaluate", "enc", "--per-query"],
        ["report", "-o"],
        ["plot", "ranks", "-o"],
        ["export", "-o"],
        ["embed-text", "texts.txt", "-o"],
        ["review", "--qrels"],
    ],
)
def test_no_command_writes_its_result_over_a_part_of_a_library(
    root: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = (root / "tracks.parquet").read_bytes()
    with pytest.raises(SystemExit) as stopped:
        cli.main([*words, str(root / "tracks.parquet"), "--library", str(root)])
    assert stopped.value.code == 1
    assert "is a part of the library" in capsys.readouterr().err
    assert (root / "tracks.parquet").read_bytes() == before


def test_other_files_are_free(root: Path, tmp_path: Path) -> None:
    (root / "report.html").write_text("<html>")
    for free in (None, root / "report.html", root / "runs" / "new.csv", tmp_path / "library.json", Path("/dev/null")):
        keep_library(None, free)
    (root / "link.csv").symlink_to(root / "library.json")
    with pytest.raises(ConfigError):
        keep_library(None, root / "link.csv")
