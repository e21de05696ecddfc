"""What a light search reads of its files: cells of columns, and products with rows of vectors."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import EmbeddingError
from antiphon.search.light import rows as rows_module
from antiphon.search.light.columns import OFFSETS, Columns, write_columns
from antiphon.search.light.graphs.tensors import mapped, places
from antiphon.search.light.rows import Rows

TABLE = st.integers(0, 6).flatmap(
    lambda n: st.lists(st.lists(st.text(max_size=8), min_size=n, max_size=n), min_size=2, max_size=4)
)


@given(table=TABLE)
@settings(max_examples=30)
def test_cells_are_read_as_they_were_written(table: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        write_columns(Path(name), table)
        columns = Columns(Path(name))
        assert len(columns) == len(table[0])
        assert [[columns.cell(c, row) for row in range(len(columns))] for c in range(len(table))] == table
        for text in {*table[0], "not there"}:
            assert columns.row_of(0, text) == (table[0].index(text) if text in table[0] else None)


def test_columns_whose_files_do_not_fit_one_another_are_refused(tmp_path: Path) -> None:
    write_columns(tmp_path, [["a", "b"], [None, "c"]])
    assert Columns(tmp_path).cell(1, 0) == ""
    np.save(tmp_path / OFFSETS, np.zeros((2, 3), np.int64))
    with pytest.raises(EmbeddingError, match=r"offsets\.npy is not that of texts\.bin"):
        Columns(tmp_path)


@pytest.mark.parametrize("n", [0, 1, 1000])
def test_products_in_blocks_are_those_of_the_whole(n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK_BYTES", 5000)
    vectors = np.random.default_rng(0).standard_normal((n, 17)).astype(np.float32)
    np.save(tmp_path / "v.npy", vectors)
    rows, asked = Rows(tmp_path / "v.npy"), np.arange(17, dtype=np.float32)
    np.testing.assert_allclose(rows.products(asked), vectors @ asked, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(rows.products(asked[:5]), vectors[:, :5] @ asked[:5], rtol=1e-5, atol=1e-4)
    if n:
        np.testing.assert_array_equal(rows.row(n - 1), vectors[n - 1])


@pytest.mark.parametrize("array", [np.zeros(4, np.float32), np.zeros((2, 2)), np.zeros((2, 3), np.float32).T])
def test_rows_of_another_kind_are_refused(array: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", array)
    with pytest.raises(EmbeddingError, match=r"v\.npy holds float"):
        Rows(tmp_path / "v.npy")


def test_a_changed_byte_of_a_header_is_read_or_refused_and_never_raises_anything_else(tmp_path: Path) -> None:
    write_columns(tmp_path, [["a", "b"], [None, "c"]])
    np.save(tmp_path / "v.npy", np.zeros((3, 4), np.float32))
    rng, refused = np.random.default_rng(0), []
    for name, read in ((OFFSETS, lambda: Columns(tmp_path)), ("v.npy", lambda: Rows(tmp_path / "v.npy"))):
        whole = (tmp_path / name).read_bytes()
        for place in range(128):
            changed = bytearray(whole)
            changed[place] = int(rng.integers(256))
            (tmp_path / name).write_bytes(changed)
            try:
                read()
            except EmbeddingError as error:
                refused.append((name, error))
        (tmp_path / name).write_bytes(whole)
        read()
    assert len(refused) > 50
    assert all(name in error.problem and "antiphon index" in str(error.fix) for name, error in refused)


def test_a_file_that_was_cut_off_while_it_was_open_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.zeros((9, 4), np.float32))
    rows = Rows(tmp_path / "v.npy")
    os.truncate(tmp_path / "v.npy", 200)
    with pytest.raises(EmbeddingError, match=r"v\.npy cannot be read") as caught:
        rows.row(8)
    assert caught.value.fix == "antiphon index --anew"


def test_tensors_are_those_that_safetensors_wrote(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    own = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.float32([[7]]), "half": np.zeros(3, np.float16)}
    save_file(own, tmp_path / "x.safetensors")
    found = places(tmp_path / "x.safetensors")
    assert set(found) == {"a", "b"}
    for name, array in mapped(tmp_path / "x.safetensors", found).items():
        np.testing.assert_array_equal(array, own[name])


@pytest.mark.parametrize("kept", [0, 4, 30, -1])
def test_a_file_of_tensors_that_is_cut_off_is_refused(kept: int, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"a": np.zeros((2, 3), np.float32)}, tmp_path / "x.safetensors")
    content = (tmp_path / "x.safetensors").read_bytes()
    (tmp_path / "x.safetensors").write_bytes(content[:kept])
    with pytest.raises(ValueError, match=r"cut off|no safetensors"):
        places(tmp_path / "x.safetensors")


@pytest.mark.parametrize("size", [1, 3, 700])
def test_kept_vectors_give_the_products_of_those_that_are_let_go(size: int, tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    np.save(tmp_path / "v.npy", draw.normal(size=(size, 5)).astype(np.float32))
    kept, read = Rows(tmp_path / "v.npy"), Rows(tmp_path / "v.npy")
    kept.keep()
    for numbers in (5, 3):
        vector = draw.normal(size=numbers).astype(np.float32)
        assert np.allclose(kept.products(vector), read.products(vector), atol=1e-6)


def test_no_vectors_can_be_kept(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.empty((0, 5), np.float32))
    rows = Rows(tmp_path / "v.npy")
    rows.keep()
    assert rows.products(np.ones(5, np.float32)).shape == (0,)
