"""Rows and vectors that do not belong together are noticed: taken folders, exchanged tables, changed numbers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from antiphon.errors import EmbeddingError
from antiphon.library.vectors import store
from antiphon.library.vectors.store import VectorWriter, open_vectors
from tests.library.vectors.test_store import provenance, rows


def test_a_writer_whose_folder_is_removed_and_made_anew_leaves_the_new_one_alone(tmp_path: Path) -> None:
    folder = tmp_path / "e"
    first = VectorWriter(folder, provenance())
    first.write(rows("a", "b", "c"), np.full((3, 8), 1, np.float32))
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with VectorWriter(folder, provenance()) as second:
        second.write(rows("x", "y"), np.full((2, 8), 2, np.float32))
    for end in (lambda: first.write(rows("d"), np.ones((1, 8), np.float32)), first.close):
        with pytest.raises(EmbeddingError, match="removed or replaced"):
            end()
    stored = open_vectors(folder)
    assert stored.ids.tolist() == ["x", "y"]
    assert not stored.damaged(["x", "y"])


def test_a_writer_whose_folder_is_removed_does_not_make_it_again(tmp_path: Path) -> None:
    folder = tmp_path / "library" / "e"
    writer = VectorWriter(folder, provenance())
    writer.write(rows("a"), np.ones((1, 8), np.float32))
    shutil.rmtree(tmp_path / "library")
    with pytest.raises(EmbeddingError, match="removed or replaced"):
        writer.__exit__(None, None, None)
    assert not (tmp_path / "library").exists()


def test_a_table_of_another_file_is_noticed_and_its_items_are_embedded_again(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, ids in ((one, "abc"), (other, "xcyz")):
        with VectorWriter(folder, provenance()) as writer:
            writer.write(rows(*ids), np.array([[ord(c)] * 8 for c in ids], np.float32))
    shutil.copy(other / "rows.parquet", one / "rows.parquet")
    with pytest.raises(EmbeddingError, match="holds 3 vectors, but its table names 4"):
        open_vectors(one)
    with VectorWriter(one, provenance()) as writer:  # what used to cut the table to length, and believe the rest
        assert writer.pending(["x", "c", "y", "z"], ["s"] * 4) == [0, 1, 2, 3]
    assert open_vectors(one).ids.tolist() == []


def test_a_changed_number_that_is_finite_is_noticed(tmp_path: Path) -> None:
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write(rows("a", "b"), np.ones((2, 8), np.float32))
    change_one_number(tmp_path / "vectors.npy", row=1)
    assert open_vectors(tmp_path).damaged(["a", "b"]) == {"b"}


def test_large_files_are_compared_when_asked_or_after_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHECKED_BYTES", 0)
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write(rows("a", "b"), np.ones((2, 8), np.float32))
    change_one_number(tmp_path / "vectors.npy", row=1)
    with VectorWriter(tmp_path, provenance()) as writer:
        assert writer.pending(["a", "b"], ["s", "s"]) == []
    with VectorWriter(tmp_path, provenance(), compare=True) as writer:
        assert writer.pending(["a", "b"], ["s", "s"]) == [1]


def test_tables_and_journals_from_before_checksums_open_and_are_added_to(tmp_path: Path) -> None:
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write(rows("a", "b"), np.ones((2, 8), np.float32))
    old = pq.read_table(tmp_path / "rows.parquet").drop_columns(["checksum"]).slice(0, 1)
    pq.write_table(old, tmp_path / "rows.parquet")
    line = '{"row": 1, "id": "b", "status": "ok", "error": "", "signature": "s"}\n'
    (tmp_path / "rows.jsonl").write_text(line)
    assert open_vectors(tmp_path).damaged(["a", "b"]) == set()
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write(rows("c"), np.ones((1, 8), np.float32))
    assert [bool(open_vectors(tmp_path).checksums.get(item)) for item in "abc"] == [False, False, True]


def change_one_number(path: Path, *, row: int) -> None:
    stored = np.memmap(path, np.float16, "r+", store.HEADER_BYTES, (2, 8))
    stored[row, 3] = 7
    stored.flush()
