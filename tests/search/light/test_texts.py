"""A file of texts into the shared space: the light way and the other one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from antiphon.align.checkpoint.model import Model
from antiphon.errors import ConfigError, LibraryError
from antiphon.search.checkpoints import checkpoint_for_search
from antiphon.search.light.preparing import prepare
from antiphon.search.light.texts import embed_texts, read_texts, require_format, write_vectors
from antiphon.search.searcher import Searcher
from tests.helpers.trained.light import make_trained_library

TEXTS = ["slow sad piano", "", "drums", "words about t003 " * 20]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_trained_library(tmp_path_factory.mktemp("texts"))


def test_texts_are_embedded_alike_before_and_after_a_search_was_prepared(library: Path) -> None:
    expected = Model.load(checkpoint_for_search(library)).embed_text([text for text in TEXTS if text])
    torch_way = embed_texts(TEXTS, library)
    prepare(Searcher(library))
    light = embed_texts(TEXTS, library)
    for made in (torch_way, light):
        np.testing.assert_allclose(made.vectors[[0, 2, 3]], expected, atol=1e-4)
        assert not made.vectors[1].any()
        assert made.name == "made_serving"
        assert made.notes[0] == "1 text is longer than what the text encoder reads; the rest was not read."
        assert made.notes[1] == "1 text is blank: its vector is zeros."


def test_lines_are_read_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_bytes("\ufeffslow piano\n\ncafé\n".encode())
    assert read_texts(tmp_path / "q.txt") == ["slow piano", "", "café"]
    (tmp_path / "blank.txt").write_text(" \n\n", encoding="utf-8")
    with pytest.raises(LibraryError, match="has no texts"):
        read_texts(tmp_path / "blank.txt")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    for name in ("bytes.txt", "missing.txt"):
        with pytest.raises(LibraryError, match="cannot be read as text"):
            read_texts(tmp_path / name)


def test_both_formats_hold_the_same_vectors(tmp_path: Path) -> None:
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3)
    for name in ("v.npy", "v.parquet"):
        write_vectors(tmp_path / name, ["a", "b"], vectors)
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), vectors)
    table = pq.read_table(tmp_path / "v.parquet")
    assert table.column("text").to_pylist() == ["a", "b"]
    assert table.column("vector").to_pylist() == vectors.tolist()
    with pytest.raises(ConfigError, match=r"\.npy or \.parquet, not as v\.csv"):
        require_format(tmp_path / "v.csv")
