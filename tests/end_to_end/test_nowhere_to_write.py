"""Every command on a full disk and in a library that may only be read: a sentence with the file, or the answer."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from antiphon import cli
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from tests.helpers.libraries.made_vectors import make_library

WRITING: dict[str, list[str]] = {
    "ingest": ["ingest", "tracks.csv"],
    "import-embeddings": ["import-embeddings", "mine", "mine.npz"],
    "train": ["train", "--encoder", "one", "--text", "words", "--name", "again", "--epochs", "1"],
    "fuse": ["fuse", "one", "two"],
    "index": ["index", "one"],
}
JUDGING: dict[str, list[str]] = {
    "evaluate": ["evaluate", "one", "--no-baselines"],
    "compare": ["compare"],
    "diagnose": ["diagnose"],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a library of two trainings, a manifest, and vectors to import."""
    folder = tmp_path_factory.mktemp("nowhere")
    library = make_library(folder / "lib", names=("one", "two"), test=12)
    for name in ("one", "two"):
        train(folder / "lib", name, text="words", config=TrainConfig(epochs=1, dim=8))
    ids = library.column("track_id").tolist()
    lines = ["id,caption,artist", *(f"{t},song number {i},band {i}" for i, t in enumerate(ids))]
    (folder / "tracks.csv").write_text("\n".join(lines))
    np.savez(folder / "mine.npz", ids=np.array(ids), vectors=np.random.default_rng(0).normal(size=(len(ids), 32)))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path / "made")
    monkeypatch.chdir(tmp_path / "made")
    return tmp_path / "made"


def state(root: Path) -> dict[str, bytes]:
    passing = {".lock"}
    files = (path for path in root.rglob("*") if path.is_file() and path.name not in passing)
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def run(words: list[str]) -> int:
    try:
        cli.main([*words, "--library", "lib"])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.mark.parametrize("command", WRITING)
def test_a_full_disk_is_named_with_the_file_and_the_same_command_carries_on(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    before = state(folder / "lib")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        code = run(WRITING[command])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    said = capsys.readouterr().err
    assert code == 1
    assert "Error: " in said
    assert "lib/" in said
    assert "the same command carries on" in said
    after = state(folder / "lib")
    assert {name: after.get(name) for name in before} == before
    assert run(WRITING[command]) == 0


def read_only(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """As on a file system that is mounted to be read; permissions would not stop a test that root runs."""

    def guarded(function: Any, writes: Any) -> Any:
        def call(path: Any, *given: Any, **named: Any) -> Any:
            inside = isinstance(path, str | os.PathLike) and Path(os.path.abspath(path)).is_relative_to(root)  # noqa: PTH100
            if inside and writes(*given, **named):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
            return function(path, *given, **named)

        return call

    monkeypatch.setattr(os, "open", guarded(os.open, lambda flags, *_, **__: flags & (os.O_WRONLY | os.O_RDWR)))
    for name in ("mkdir", "unlink", "replace", "rename"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name), lambda *_, **__: True))
    plain = tempfile.mkstemp

    def mkstemp(*given: Any, **named: Any) -> Any:
        guarded(lambda _path: None, lambda: True)(named.get("dir") or "/")
        return plain(*given, **named)

    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)


@pytest.mark.parametrize("command", WRITING)
def test_a_library_that_may_only_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    read_only(monkeypatch, folder / "lib")
    assert run(WRITING[command]) == 1
    said = capsys.readouterr().err
    assert "Read-only file system" in said
    assert "lib" in said


@pytest.mark.parametrize("command", JUDGING)
def test_what_was_measured_is_shown_where_it_cannot_be_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    read_only(monkeypatch, folder / "lib")
    assert run(JUDGING[command]) == 0
    shown = capsys.readouterr()
    assert "MRR" in shown.out or "R@1" in shown.out
    assert ("Read-only file system" in shown.out + shown.err) == (command != "diagnose")
