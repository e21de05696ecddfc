"""Vectors of captions made elsewhere: a row and its text stay together, whatever was dropped or counted otherwise."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import EmbeddingError
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.library.vectors.imports import import_embeddings
from tests.helpers.libraries.imported import npz, random, stored
from tests.helpers.libraries.made_captions import write_made_captions
from tests.helpers.libraries.plain import plain_library


@pytest.fixture
def root(tmp_path: Path) -> Path:
    captions = {t: [f"{t}0", f"{t}1"] for t in "abcd"}
    return plain_library(tmp_path / "lib", dict.fromkeys("abcd", "train"), captions=captions).root


def test_a_file_that_holds_its_texts_goes_by_them_and_not_by_its_numbers(root: Path, tmp_path: Path) -> None:
    file = npz(
        tmp_path / "v.npz",
        ids=["a#0", "a#1", "a#2", "b", "c#0"],
        texts=["a0", "a0", "A1 ", "b1", "other"],
        vectors=[[1, 0], [1, 0], [2, 0], [0, 3], [4, 4]],
    )
    report = import_embeddings(root, "words", file, kind="text")
    assert stored(root, "words", "text") == {"a#0": [1, 0], "a#1": [2, 0], "b#1": [0, 3]}
    assert report.other_text == ("c#0",)
    assert "another text" in "\n".join(report.lines())


def test_parquet_has_its_texts_in_a_column(root: Path, tmp_path: Path) -> None:
    table = {"id": ["a", "a", "b"], "caption": ["a1", "a0", "b0"], "vector": [[1.0, 5], [2.0, 4], [3.0, 3]]}
    pq.write_table(pa.table(table), tmp_path / "v.parquet")
    import_embeddings(root, "words", tmp_path / "v.parquet", kind="text")
    assert stored(root, "words", "text") == {"a#1": [1, 5], "a#0": [2, 4], "b#0": [3, 3]}


def test_tracks_that_count_more_captions_than_the_library_are_left_out_and_named(root: Path, tmp_path: Path) -> None:
    file = npz(tmp_path / "v.npz", ids=["a#0", "a#1", "a#2", "b#0", "b#1"], vectors=random(5))
    report = import_embeddings(root, "words", file, kind="text")
    assert set(stored(root, "words", "text")) == {"b#0", "b#1"}
    assert report.doubtful == {"a": "a has 3 caption vectors in the file, 2 captions here"}
    assert report.unknown == ()
    text = "\n".join(report.lines())
    assert "a has 3 caption vectors in the file, 2 captions here" in text
    assert "text beside its id" in text


def test_where_every_track_is_in_doubt_nothing_is_written(root: Path, tmp_path: Path) -> None:
    file = npz(tmp_path / "v.npz", ids=["a#0", "a#1", "a#2"], vectors=random(3))
    with pytest.raises(EmbeddingError, match="a has 3 caption vectors in the file, 2 captions here"):
        import_embeddings(root, "words", file, kind="text")
    assert not (root / "embeddings").exists()


def test_a_library_that_counts_rows_leaves_holes_and_is_believed(tmp_path: Path) -> None:
    captions = [Caption(caption_id=f"a#{n}", track_id="a", text=f"a{n}") for n in (0, 2)]
    save_library(tmp_path / "lib", [Track(track_id="a", split="train")], captions, {})
    file = npz(tmp_path / "v.npz", ids=["a#0", "a#1", "a#2"], vectors=[[1, 0], [2, 0], [3, 0]])
    report = import_embeddings(tmp_path / "lib", "words", file, kind="text")
    assert stored(tmp_path / "lib", "words", "text") == {"a#0": [1, 0], "a#2": [3, 0]}
    assert report.unknown == ("a#1",)


def test_texts_of_no_caption_here_are_refused(root: Path, tmp_path: Path) -> None:
    file = npz(tmp_path / "v.npz", ids=["a", "b"], texts=["x", ""], vectors=random(2))
    with pytest.raises(EmbeddingError, match=r"None of the 2 texts .* 'a: x', 'b: no text'"):
        import_embeddings(root, "words", file, kind="text")


def test_a_text_more_or_less_than_rows_is_refused(root: Path, tmp_path: Path) -> None:
    file = npz(tmp_path / "v.npz", ids=["a", "b"], texts=["x"], vectors=random(2))
    with pytest.raises(EmbeddingError, match="2 ids, but 1 texts"):
        import_embeddings(root, "words", file, kind="text")


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        (["a#1", "b#1"], "no caption #0 in the file, which may count from 1"),
        (["a#1", "a#2", "b#1", "b#2"], "'a#2' is none of a's captions here (a#0 to #1)"),
        (["a#x", "b#x"], "'a#x' is none of a's captions here (a#0 to #1)"),
    ],
)
def test_ids_that_count_otherwise_are_refused_with_what_is_wrong(
    root: Path, tmp_path: Path, ids: list[str], why: str
) -> None:
    with pytest.raises(EmbeddingError, match=f"surely of a caption here: .*{re.escape(why)}") as caught:
        import_embeddings(root, "words", npz(tmp_path / "v.npz", ids=ids, vectors=random(len(ids))), kind="text")
    assert "text beside its id" in str(caught.value)


def test_made_captions_beside_them_do_not_make_wrong_numbers_right(root: Path, tmp_path: Path) -> None:
    write_made_captions(root, [("a#tags0", "a", "jazz", "tags")])
    file = npz(tmp_path / "v.npz", ids=["a#0", "a#1", "a#2", "b#0", "a#tags0"], vectors=random(5))
    report = import_embeddings(root, "words", file, kind="text")
    assert report.doubtful == {"a": "a has 3 caption vectors in the file, 2 captions here"}
    assert set(stored(root, "words", "text")) == {"b#0"}


def test_a_folder_in_a_files_place_is_called_one(root: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match="is a folder, not a file"):
        import_embeddings(root, "words", tmp_path)
