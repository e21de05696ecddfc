"""Searches with a filter: of the allowed tracks the best, whoever answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import antiphon
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import ArgumentError, ConfigError
from antiphon.library.files import read_parquet, write_parquet
from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.metadata.store import metadata_file
from antiphon.search.answering import Answering
from antiphon.search.made_searcher import MadeSearcher
from antiphon.search.searcher import Searcher
from antiphon.search.zero_shot.searcher import UntrainedSearcher
from tests.helpers.libraries.made_vectors import make_library


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained library with a year for each track but the first; the last has no vector in the index's order."""
    root = tmp_path_factory.mktemp("where") / "lib"
    library = make_library(root, names=("one",))
    ids = library.column("track_id").tolist()
    fields = MetadataCollector()
    fields.add("year", np.arange(1, len(ids)), pa.array([str(1960 + row) for row in range(1, len(ids))]))
    with (root / "metadata.parquet").open("wb") as stream:
        metadata_file(fields.table(ids)[0])(stream)
    rows = root / "embeddings" / "audio" / "one" / "rows.parquet"
    table = read_parquet(rows)
    status = ["failed" if item == "t003" else "ok" for item in table.column("track_id").to_pylist()]
    write_parquet(rows, table.set_column(1, "status", pa.array(status)))
    train(root, "one", text="words", config=TrainConfig(epochs=1, dim=16))
    return root


def years(hits: antiphon.Hits) -> list[int]:
    return [1960 + int(hit.track_id[1:]) for hit in hits]


@pytest.fixture(params=["trained", "untrained"])
def searcher(request: pytest.FixtureRequest, root: Path) -> Answering:
    return Searcher(root) if request.param == "trained" else UntrainedSearcher(root)


def test_like_a_track_answers_the_best_of_the_allowed(searcher: Answering) -> None:
    every = years(searcher.similar("t010", k=60))
    allowed = [year for year in every if year >= 2000]
    assert years(searcher.similar("t010", k=60, where="year >= 2000")) == allowed
    assert years(searcher.similar("t010", k=3, where="year >= 2000")) == allowed[:3]
    assert 1963 not in every, "it has no vector: rows of the index are not those of the library"


def test_a_vector_and_words_answer_the_best_of_the_allowed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searcher = Searcher(root)
    query = np.random.default_rng(0).normal(size=searcher.model.dim).astype(np.float32)
    every = [year for year in years(searcher.nearest(query, k=60)) if year < 1990]
    assert (
        years(searcher.nearest(query, k=5, where="year < 1990 and not year = 1960"))
        == [year for year in every if year != 1960][:5]
    )
    monkeypatch.setattr(searcher.model, "score_text", lambda texts: searcher.model.score_vectors(query[None]))
    assert years(searcher.search("words", k=60, where="year < 1990")) == [year for year in every if year != 1960]


@pytest.mark.parametrize("made", [False, True])
def test_mixed_ways_answer_the_best_of_the_allowed(root: Path, made: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    trained, words = Searcher(root), "words about t001 t020 t040"
    query = np.random.default_rng(0).normal(size=trained.model.dim).astype(np.float32)
    monkeypatch.setattr(trained.model, "score_text", lambda texts: trained.model.score_vectors(query[None]))
    monkeypatch.setattr(trained, "marked", lambda hits, text: hits)
    searcher: Answering = MadeSearcher(trained) if made else UntrainedSearcher(root)
    every = years(searcher.search(words, k=60))
    found = years(searcher.search(words, k=60, where="year > 1985"))
    assert found == [year for year in every if year > 1985]
    assert found


def test_a_filter_that_allows_nothing_finds_nothing(searcher: Answering) -> None:
    assert not searcher.similar("t010", where="year > 3000")


def test_a_loaded_library_notices_new_metadata(root: Path) -> None:
    library = antiphon.Library(root)
    with pytest.raises(ConfigError, match="no field"):
        library.similar("t010", where="tempo > 3")
    ids = library.tracks.column("track_id").to_pylist()
    fields = MetadataCollector()
    fields.add("tempo", np.arange(len(ids)), pa.array([str(row) for row in range(len(ids))]))
    before = (root / "metadata.parquet").read_bytes()
    with (root / "metadata.parquet").open("wb") as stream:
        metadata_file(fields.table(ids)[0])(stream)
    assert len(library.similar("t010", where="tempo < 3")) == 3
    (root / "metadata.parquet").write_bytes(before)


def test_a_filter_from_python_is_a_text(root: Path) -> None:
    with pytest.raises(ArgumentError, match="The filter"):
        antiphon.Library(root).similar("t010", where=3)  # type: ignore[arg-type]
