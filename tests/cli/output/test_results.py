"""A result never takes the place of a file that a library is made of."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from antiphon import cli
from antiphon.cli.output.results import OWN, in_a_folder, keep_library
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


FOLDERS = [["bundle", "-o"], ["export", "-o"], ["demo", "--out"]]
"""Commands whose result is a folder, which is made; the one that it is made in is there."""


@pytest.mark.parametrize(
    "words",
    [
        *FOLDERS,
        ["compare", "-o"],
        ["evaluate", "enc", "--format", "csv", "-o"],
        ["evaluate", "enc", "--per-query"],
        ["evaluate", "enc", "--run"],
        ["evaluate", "enc", "--qrels"],
        ["report", "-o"],
        ["plot", "ranks", "-o"],
        ["embed-text", "texts.txt", "-o"],
        ["review", "--qrels"],
        ["caption", "-o"],
        ["search", "calm", "--m3u"],
        ["playlist", "calm", "-o"],
    ],
)
def test_a_folder_that_is_not_there_is_a_slip_and_no_command_makes_it(
    root: Path, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    beside = [] if words[0] == "demo" else ["--library", str(root)]
    for parent, said in ((tmp_path / "no such", "is not there"), (root / "library.json", "is no folder")):
        with pytest.raises(SystemExit) as stopped:
            cli.main([*words, str(parent / "result"), *beside])
        assert stopped.value.code == 1
        told = capsys.readouterr().err
        assert said in told
        assert ("mkdir -p '" in told) == (said == "is not there")
    assert not (tmp_path / "no such").exists()


def test_every_option_that_names_a_result_is_checked() -> None:
    """No command has an option of its own for a result's file."""
    found = {}
    for command in cli.COMMANDS:
        for argument in cli.app[command].assemble_argument_collection():
            if {"--out", "--m3u", "--per-query", "--run", "--qrels"} & set(argument.names):
                found[command, argument.name] = in_a_folder in argument.parameter.validator
    assert len(found) >= 13
    assert [named for named, checked in found.items() if not checked] == []


def test_playlists_of_a_library_are_written_again(root: Path) -> None:
    (root / "playlists").mkdir()
    for name, free in (("evening.m3u8", True), ("evening.question.json", False)):
        (root / "playlists" / name).write_text("x")
        with nullcontext() if free else pytest.raises(ConfigError):
            keep_library(None, root / "playlists" / name)


def test_other_files_are_free(root: Path, tmp_path: Path) -> None:
    (root / "report.html").write_text("<html>")
    for free in (None, root / "report.html", root / "runs" / "new.csv", tmp_path / "library.json", Path("/dev/null")):
        keep_library(None, free)
    (root / "link.csv").symlink_to(root / "library.json")
    with pytest.raises(ConfigError):
        keep_library(None, root / "link.csv")
