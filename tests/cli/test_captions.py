"""The command that makes captions, as it is typed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.library.ingest import ingest
from antiphon.library.tracks import Library


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "music.csv").write_text("id,genre,artist,title\na,Jazz,Anna,One\nb,Rock,Ben,Two\n", encoding="utf-8")
    ingest(tmp_path / "music.csv", tmp_path / "library")
    return tmp_path / "library"


def run(*arguments: str | Path) -> None:
    app(["caption", *map(str, arguments)], result_action="return_value")


def test_it_shows_examples_and_counts_and_what_to_do_next(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--library", root)
    said = capsys.readouterr()
    assert "tags: 2 captions of 2 of 2 tracks" in said.out
    assert "Anna – One" in said.out
    assert "Jazz." in said.out
    assert "Next: antiphon" in said.err
    assert set(Library(root).caption_column("kind")) == {"tags"}


def test_json_has_counts_examples_and_what_is_missing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--library", root, "--json", "--kinds", "tags", "machine")
    told = json.loads(capsys.readouterr().out)
    assert told["kinds"]["tags"] == {"captions": 2, "tracks": 2}
    assert told["examples"][0] == {"track": "Anna – One", "kind": "tags", "caption": "Jazz."}
    assert "antiphon import-embeddings" in told["missing"][0]["fix"]  # there is no sound to listen to
    assert told["table"] is None


def test_a_table_is_written_on_request_and_made_captions_are_removed_on_request(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--library", root, "--out", tmp_path / "edit.csv")
    files = shlex.join(map(str, (tmp_path / "music.csv", tmp_path / "edit.csv")))
    back = f"antiphon ingest {files} --library {shlex.quote(str(root))}. Then: antiphon embed "
    assert back in capsys.readouterr().err
    assert len((tmp_path / "edit.csv").read_text(encoding="utf-8-sig").splitlines()) == 3
    run("--library", root, "--remove")
    assert Library(root).caption_table.num_rows == 0
