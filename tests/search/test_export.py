"""An export is what search ranks by, readable without Antiphon."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import ConfigError
from antiphon.library.files import file_hash
from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.metadata.store import metadata_file
from antiphon.search.export import export_vectors
from antiphon.search.searcher import Searcher
from tests.helpers.libraries.made_vectors import make_library


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    root = tmp_path_factory.mktemp("export") / "lib"
    ids = make_library(root, names=("one",)).column("track_id").tolist()
    fields = MetadataCollector()
    fields.add("year", np.arange(len(ids)), pa.array([str(1960 + row) for row in range(len(ids))]))
    fields.add("vector", np.arange(len(ids)), pa.array(["a"] * len(ids)))
    with (root / "metadata.parquet").open("wb") as stream:
        metadata_file(fields.table(ids)[0])(stream)
    train(root, "one", text="words", config=TrainConfig(epochs=1, dim=16, hubness="always"))
    return Searcher(root)


@pytest.mark.parametrize("scores", [False, True])
def test_an_export_ranks_as_it_says(
    searcher: Searcher, tmp_path: Path, scores: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("antiphon.search.export.BLOCK", 10)
    made = export_vectors(searcher, tmp_path / "out", scores=scores)
    table, vectors = pq.read_table(tmp_path / "out" / "tracks.parquet"), np.load(tmp_path / "out" / "vectors.npy")
    np.testing.assert_array_equal(np.stack(table.column("vector").to_numpy(zero_copy_only=False)), vectors)
    assert table.column("track_id").to_pylist() == (tmp_path / "out" / "ids.txt").read_text().split()
    query = np.random.default_rng(0).normal(size=searcher.model.dim).astype(np.float32)
    if scores:
        best = searcher.nearest(query, k=3)
        order = np.argsort(-(vectors @ searcher.model.score_vectors(query[None])[0]))[:3]
        assert [hit.track_id for hit in best] == [table.column("track_id")[int(row)].as_py() for row in order]
    else:
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert vectors.shape == (52, searcher.model.dim)
    assert made.corrects_hubs
    assert json.loads((tmp_path / "out" / "about.json").read_text())["dimensions"] == vectors.shape[1]
    assert made.checkpoint_sha256 == file_hash(searcher.checkpoint)


def test_metadata_are_typed_and_beside_their_track(searcher: Searcher, tmp_path: Path) -> None:
    export_vectors(searcher, tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "tracks.parquet")
    assert table.column("year").to_pylist() == [1960 + int(item[1:]) for item in table.column("track_id").to_pylist()]
    assert table.column("vector_2").to_pylist() == ["a"] * 52, "a field of the name of another column"


def test_an_earlier_export_is_replaced_and_nothing_else(searcher: Searcher, tmp_path: Path) -> None:
    export_vectors(searcher, tmp_path / "out")
    export_vectors(searcher, tmp_path / "out", scores=True)
    (tmp_path / "out" / "mine.txt").write_text("x")
    with pytest.raises(ConfigError, match=r"something else, such as mine\.txt"):
        export_vectors(searcher, tmp_path / "out")
    with pytest.raises(ConfigError, match="is a file"):
        export_vectors(searcher, tmp_path / "out" / "mine.txt")
