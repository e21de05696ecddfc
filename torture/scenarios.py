"""What is killed: each prepares a folder and names a command to be run in it, on the library ``lib`` inside."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from antiphon.cli import app

Scenario = Callable[[Path], Sequence[str]]
LIBRARY = ("--library", "lib")
TRACKS = 24


def _antiphon(*words: str) -> None:
    app(list(words), result_action="return_value")


def _table(path: Path, rows: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "artist", "caption"])
        for i in range(rows):
            writer.writerow([f"t{i:02d}", f"artist {i // 2}", f"mood {i % 5} with instrument number {i}"])


def _vectors(path: Path, ids: Sequence[str], *, size: int, seed: int, alike: int = 0) -> None:
    vectors = np.random.default_rng(seed).normal(size=(len(ids), size)).astype(np.float32)
    for i in range(alike):
        vectors[2 * i + 3] = vectors[2 * i]
    np.savez(path, ids=np.array(ids), vectors=vectors)


def _library(folder: Path, *names: str) -> None:
    """A library of two encoders' vectors; ``names`` of audio."""
    folder.mkdir()
    _table(folder / "tracks.csv", TRACKS)
    root = str(folder / "lib")
    _antiphon("ingest", str(folder / "tracks.csv"), "--library", root)
    ids = [f"t{i:02d}" for i in range(TRACKS)]
    for seed, name in enumerate(names):
        _vectors(folder / f"{name}.npz", ids, size=12, seed=seed)
        _antiphon("import-embeddings", name, str(folder / f"{name}.npz"), "--library", root)
    _vectors(folder / "words.npz", [f"{i}#0" for i in ids], size=10, seed=9)
    _antiphon("import-embeddings", "words", str(folder / "words.npz"), "--kind", "text", "--library", root)


def ingest(folder: Path) -> Sequence[str]:
    """A larger table comes into a library that exists."""
    _library(folder, "sound")
    _table(folder / "tracks.csv", TRACKS + 10)
    return ["ingest", "tracks.csv", *LIBRARY]


def import_vectors(folder: Path) -> Sequence[str]:
    """Vectors are replaced by others."""
    _library(folder, "sound")
    _vectors(folder / "sound.npz", [f"t{i:02d}" for i in range(TRACKS)], size=12, seed=77)
    return ["import-embeddings", "sound", "sound.npz", *LIBRARY]


def regroup(folder: Path) -> Sequence[str]:
    """Vectors show duplicates, so that groups and splits change."""
    _library(folder, "sound")
    _vectors(folder / "twins.npz", [f"t{i:02d}" for i in range(TRACKS)], size=64, seed=5, alike=4)
    return ["import-embeddings", "twins", "twins.npz", *LIBRARY]


def train(folder: Path) -> Sequence[str]:
    """Two epochs."""
    _library(folder, "sound")
    return ["train", "--encoder", "sound", "--text", "words", "--epochs", "2", "--quiet", *LIBRARY]


def fuse(folder: Path) -> Sequence[str]:
    """Two trainings become one."""
    _library(folder, "one", "two")
    root = str(folder / "lib")
    _antiphon("train", "--encoder", "one", "two", "--text", "words", "--epochs", "1", "--quiet", "--library", root)
    return ["fuse", "one", "two", *LIBRARY]


def index(folder: Path) -> Sequence[str]:
    """The index of one training is replaced by that of another."""
    _library(folder, "one", "two")
    root = str(folder / "lib")
    _antiphon("train", "--encoder", "one", "two", "--text", "words", "--epochs", "1", "--quiet", "--library", root)
    _antiphon("index", "one", "--library", root)
    return ["index", "two", *LIBRARY]


def update_index(folder: Path) -> Sequence[str]:
    """An index that lists are tried for is brought up to date: tracks came, went, and have another vector."""
    _library(folder, "sound")
    root = str(folder / "lib")
    _antiphon("train", "--encoder", "sound", "--text", "words", "--epochs", "1", "--quiet", "--library", root)
    _antiphon("index", "sound", "--exact-mb", "0", "--library", root)
    _table(folder / "tracks.csv", TRACKS + 6)
    rows = (folder / "tracks.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "tracks.csv").write_text("".join(rows[:1] + rows[4:]), encoding="utf-8")
    _antiphon("ingest", str(folder / "tracks.csv"), "--library", root)
    _vectors(folder / "sound.npz", [f"t{i:02d}" for i in range(3, TRACKS + 6)], size=12, seed=77)
    _antiphon("import-embeddings", "sound", str(folder / "sound.npz"), "--library", root)
    return ["index", "sound", "--exact-mb", "0", *LIBRARY]


ALL: tuple[Scenario, ...] = (ingest, import_vectors, regroup, train, fuse, index, update_index)
