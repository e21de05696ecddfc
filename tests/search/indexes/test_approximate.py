"""Inverted lists: how much they find, beside filters too, and that tracks come and go without new ones."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import EmbeddingError
from antiphon.library.files import file_hash, read_parquet, write_parquet
from antiphon.search.indexes import approximate, exact, lists
from antiphon.search.indexes.account import index_lines
from antiphon.search.indexes.approximate import Lists, lists_for, made_lists, updated_lists, write_lists
from antiphon.search.indexes.build import build_index
from antiphon.search.indexes.current import current_index
from antiphon.search.indexes.exact import Index, open_index
from antiphon.search.indexes.recall import exact_answers, measure_probes, recall
from tests.helpers.libraries.made_vectors import make_library

pytest.importorskip("faiss")
Float32 = np.ndarray


@pytest.fixture(scope="module")
def vectors() -> Float32:
    """(4000, 16) of unit length, in clusters."""
    rng = np.random.default_rng(0)
    found = np.tile(rng.normal(size=(100, 16)), (40, 1)) + 0.4 * rng.normal(size=(4000, 16))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def queries() -> Float32:
    return np.random.default_rng(1).normal(size=(40, 16)).astype(np.float32)


def opened(folder: Path, made: object, probes: int) -> Lists:
    with (folder / "lists.faiss").open("wb") as stream:
        write_lists(stream, made)
    return Lists(folder / "lists.faiss", probes)


def index_with(vectors: Float32, found: Lists | None) -> Index:
    ids = pa.array([f"t{i}" for i in range(len(vectors))])
    table = pa.table(dict.fromkeys(exact.COLUMNS, ids) | {exact.ROW: pa.array(np.arange(len(vectors)))})
    return Index.from_table(vectors, table, {}, {}, found)


@pytest.fixture
def large(vectors: Float32, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index with lists, for which nothing is small."""
    monkeypatch.setattr(exact, "FEW_BYTES", 0)
    return index_with(vectors, opened(tmp_path, made_lists(vectors), 16))


def found_of(index: Index, queries: Float32, allowed: np.ndarray | None = None) -> list[np.ndarray]:
    return [index.nearest(query, 10, allowed=allowed).places for query in queries]


def test_exact_answers_are_those_of_sorting(vectors: Float32, queries: Float32) -> None:
    every = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    assert recall(list(every), exact_answers(vectors, queries)) == 1
    assert recall([row[:5] for row in every], exact_answers(vectors, queries)) == 0.5


def test_lists_find_nearly_all_and_score_exactly(large: Index, vectors: Float32, queries: Float32) -> None:
    truth = exact_answers(vectors, queries)
    assert recall(found_of(large, queries), truth) > 0.95
    places, scores = large.nearest(queries[0], 10)
    np.testing.assert_allclose(scores, vectors[places] @ queries[0], rtol=1e-6)
    assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize("share", [0.5, 0.05, 0.005, 0.001])
def test_of_filtered_tracks_no_fewer_are_found(large: Index, vectors: Float32, queries: Float32, share: float) -> None:
    allowed = np.random.default_rng(2).random(len(vectors)) < share
    places = np.flatnonzero(allowed)
    truth = places[exact_answers(vectors[places], queries, min(10, len(places)))]
    found = found_of(large, queries, allowed)
    assert all(allowed[row].all() and len(row) == min(10, len(places)) for row in found)
    assert recall(found, truth) > (0.95 if share > 0.01 else 0.999)


def test_tracks_come_change_and_go_without_training_anew(
    vectors: Float32, queries: Float32, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "FEW_BYTES", 0)
    first = vectors[:3000]
    opened(tmp_path, made_lists(first), 16)
    kept = np.flatnonzero(np.arange(3000) % 3 > 0)
    before = np.concatenate([np.full(500, -1), kept[::-1], np.full(500, -1)])
    now = np.concatenate([vectors[3000:3500], first[kept[::-1]], vectors[3500:]])
    monkeypatch.setattr(approximate, "made_lists", None)
    updated = updated_lists(tmp_path / "lists.faiss", now, before)
    index = index_with(now, opened(tmp_path, updated, 16))
    assert updated.ntotal == len(now)
    assert recall(found_of(index, queries), exact_answers(now, queries)) > 0.95


def test_lists_are_made_anew_where_the_library_has_doubled_twice_or_they_are_damaged(
    vectors: Float32, tmp_path: Path
) -> None:
    opened(tmp_path, made_lists(vectors[:900]), 4)
    assert lists_for(4000) >= 2 * lists_for(900)
    assert updated_lists(tmp_path / "lists.faiss", vectors, np.full(4000, -1)) is None
    (tmp_path / "lists.faiss").write_bytes(b"garbled")
    assert updated_lists(tmp_path / "lists.faiss", vectors, np.full(4000, -1)) is None


def test_the_fewest_lists_that_find_enough_are_looked_into(vectors: Float32, queries: Float32) -> None:
    truth = exact_answers(vectors, queries)
    by_query = {query.tobytes(): row for query, row in zip(queries, truth, strict=True)}

    def answers(query: np.ndarray, probes: int) -> np.ndarray:
        return by_query[query.tobytes()][: min(10, 2 * probes)]

    found = measure_probes(vectors, queries, answers, lists=256)
    assert found is not None
    assert found.probes == 8
    assert found.recall == 1
    assert measure_probes(vectors, queries, answers, lists=8) is None, "four of ten at most: no approximate index"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("lists") / "lib"
    make_library(root, names=("one",), train=300, val=100, captions=1)
    train(root, "one", text="words", config=TrainConfig(epochs=1, dim=16))
    return root


@pytest.fixture
def library(trained: Path, tmp_path: Path) -> Path:
    shutil.copytree(trained, tmp_path / "lib")
    return tmp_path / "lib"


def checkpoint(root: Path) -> Path:
    return root / "checkpoints" / "one_best_r1.pt"


def test_an_index_beyond_the_limit_says_how_good_it_is_and_stays_so(library: Path) -> None:
    index = build_index(library, checkpoint(library), exact_bytes=1000)
    said = index.about["approximate"]
    assert index.about["sha256"][said["file"]] == file_hash(library / "index" / said["file"])
    assert said["recall@10"] >= 0.9
    assert (said["asked"], said["queries"]) == ("captions", 128)
    assert f"{100 * said['recall@10']:.1f} % of the exact top ten" in index_lines(index, "x.pt", 8)[-1]
    table = read_parquet(library / "tracks.parquet").slice(20)
    write_parquet(library / "tracks.parquet", table)
    again = current_index(library, checkpoint(library), "one")
    assert again.about["approximate"]["lists"] == said["lists"]
    assert again.about["changes"] == {"kept": 380, "new": 0, "changed": 0, "gone": 20}
    assert len(list((library / "index").glob("*.faiss"))) == 1
    assert build_index(library, checkpoint(library), exact_bytes=1 << 20).lists is None
    assert not list((library / "index").glob("*.faiss"))


def test_lists_that_no_longer_fit_are_trained_anew(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_index(library, checkpoint(library), exact_bytes=0)
    made, real = [], lists.measure_probes
    monkeypatch.setattr(lists, "made_lists", lambda vectors: made.append(1) or made_lists(vectors))
    monkeypatch.setattr(lists, "measure_probes", lambda *a: real(*a) if made else None)
    assert build_index(library, checkpoint(library)).lists is not None
    assert made == [1]


def test_captions_that_the_checkpoint_cannot_read_are_replaced_by_tracks(library: Path) -> None:
    shutil.rmtree(library / "embeddings" / "text")
    assert build_index(library, checkpoint(library), exact_bytes=0).about["approximate"]["asked"] == "tracks"


def test_without_faiss_a_large_index_is_exact_and_says_why(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "has_faiss", lambda: False)
    index = build_index(library, checkpoint(library), exact_bytes=0)
    assert index.lists is None
    assert "pip install 'antiphon[search]'" in index_lines(index, "x.pt", 8)[-1]


def test_lists_that_find_too_little_are_not_kept(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "measure_probes", lambda *_: None)
    index = build_index(library, checkpoint(library), exact_bytes=0)
    assert index.lists is None
    assert "find too little" in index_lines(index, "x.pt", 8)[-1]


def test_damaged_lists_are_noticed(library: Path) -> None:
    index = build_index(library, checkpoint(library), exact_bytes=0)
    path = library / "index" / index.about["approximate"]["file"]
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(EmbeddingError, match="bytes, where"):
        open_index(library)
    assert current_index(library, checkpoint(library), "one").lists is not None


def test_lists_that_cannot_be_read_cost_time_and_no_answer(
    large: Index, vectors: Float32, queries: Float32, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    size = (tmp_path / "lists.faiss").stat().st_size
    (tmp_path / "lists.faiss").write_bytes(b"x" * size)
    assert recall(found_of(large, queries), exact_answers(vectors, queries)) == 1
    assert caplog.text.count("antiphon index --anew") == 1


def test_an_index_read_beside_an_exact_one_gives_the_same_scores(library: Path) -> None:
    index = build_index(library, checkpoint(library), exact_bytes=0)
    query = np.array(index.vectors[3])
    same = dataclasses.replace(index, lists=None)
    assert index.nearest(query, 5).places[0] == same.nearest(query, 5).places[0] == 3
