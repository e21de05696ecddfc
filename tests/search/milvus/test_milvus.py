"""A Milvus collection through the real client, Milvus Lite at its other end: the answers of the library's own index."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import antiphon
from antiphon.align.checkpoint.model import Model
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import ArgumentError, ConfigError, EmbeddingError, LibraryError
from antiphon.library.files import read_parquet, write_parquet
from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.metadata.store import metadata_file
from antiphon.search.milvus.address import Address, address_of, kept_address
from antiphon.search.milvus.build import Filled, fill_collection
from antiphon.search.milvus.collection import Collection
from antiphon.search.milvus.expressions import milvus_expression
from antiphon.search.milvus.searcher import MilvusSearcher
from antiphon.search.playlists.making import PlaylistMaker
from antiphon.search.playlists.question import Question
from antiphon.search.playlists.sources.opening import of_searcher, open_source
from antiphon.search.searcher import Searcher
from tests.helpers.libraries.made_vectors import make_library, write_vectors

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

GENRES = [["jazz"], ["Jazz", "hard bop"], [], ["rock"]]
DATES = ["1999", "1999-05", "2001-01-01", None]


def write_metadata(root: Path, ids: list[str]) -> None:
    fields, rows = MetadataCollector(), np.arange(len(ids))
    fields.add("year", rows, pa.array([None if row % 5 == 0 else str(1960 + row) for row in range(len(ids))]))
    fields.add("genre", rows, pa.array([GENRES[row % 4] or None for row in range(len(ids))], pa.list_(pa.string())))
    fields.add("Release Date", rows, pa.array([DATES[row % 4] for row in range(len(ids))]))
    fields.add("mood", rows, pa.array([['Calm "x"', "SAD", None][row % 3] for row in range(len(ids))]))
    with (root / "metadata.parquet").open("wb") as stream:
        metadata_file(fields.table(ids)[0])(stream)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("milvus") / "lib"
    ids = make_library(root, names=("one",)).column("track_id").tolist()
    write_metadata(root, ids)
    train(root, "one", text="words", config=TrainConfig(epochs=1, dim=16, hubness="always"))
    return root


@pytest.fixture(scope="module")
def address(root: Path) -> Address:
    return address_of(str(root.parent / "tracks.db"))


@pytest.fixture(scope="module")
def own(root: Path, address: Address) -> Searcher:
    own = Searcher(root)
    assert fill_collection(root, own.checkpoint, address) == Filled(kept=0, put=52, gone=0, dim=own.model.dim)
    return own


@pytest.fixture
def remote(root: Path, address: Address, own: Searcher, monkeypatch: pytest.MonkeyPatch) -> Iterator[MilvusSearcher]:
    found = MilvusSearcher(root, address)
    query = np.random.default_rng(0).normal(size=own.model.dim).astype(np.float32)
    for searcher in (found, own):
        scored = searcher.model.score_vectors(query[None])
        monkeypatch.setattr(searcher.model, "score_text", lambda texts, scored=scored: scored)
    yield found
    found.close()


def require_same(ours: object, theirs: object) -> None:
    for mine, yours in zip(ours, theirs, strict=True):  # type: ignore[call-overload]
        assert (mine.rank, mine.track_id, mine.by) == (yours.rank, yours.track_id, yours.by)
        assert mine.score == pytest.approx(yours.score, abs=1e-5)


WHERE = [
    "year >= 1970",
    "genre = JAZZ and year < 2000",
    "genre != jazz",
    "not genre = jazz",
    'genre in (rock, "hard bop")',
    "mood not in (sad)",
    'mood = "calm \\"x\\""',
    "mood contains al",
    "year is missing or not (mood is missing)",
    "release_date >= 1999-05",
    "release_date = 1999 or release_date > 2000",
    "release_date <= 1999 and release_date < 2001",
    "track_id contains 1 and split = train",
]


@pytest.mark.parametrize("where", [None, *WHERE])
def test_answers_are_those_of_the_own_index(remote: MilvusSearcher, own: Searcher, where: str | None) -> None:
    require_same(remote.search("words", k=60, where=where), own.search("words", k=60, where=where))
    require_same(remote.similar("t010", k=5, where=where), own.similar("t010", k=5, where=where))


@pytest.mark.parametrize(
    ("where", "said"),
    [("mood > 3", "larger and smaller texts"), ("genre contains ja", "inside lists"), ("mood contains 5%", "patterns")],
)
def test_what_milvus_cannot_answer_is_refused(root: Path, where: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        milvus_expression(Searcher(root).library, where)
    assert "^" in caught.value.problem


def test_wrong_filters_and_tracks_are_refused_as_ever(remote: MilvusSearcher) -> None:
    with pytest.raises(ConfigError, match="no field"):
        remote.search("words", where="yaer > 3")
    with pytest.raises(LibraryError, match="no track 'elsewhere'"):
        remote.similar("elsewhere")
    with pytest.raises(ConfigError, match="fewer than"):
        remote.search("words", k=20_000)


def test_only_what_changed_is_put_and_another_checkpoint_swaps_in_whole(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "lib")
    library, address = tmp_path / "lib", address_of(str(tmp_path / "own.db"))
    first = library / "checkpoints" / "one_best_r1.pt"
    fill_collection(library, first, address)
    write_parquet(library / "tracks.parquet", read_parquet(library / "tracks.parquet").slice(2))
    write_metadata(library, [f"t{row:03d}" for row in range(2, 52)])
    write_vectors(library, "audio", "one", ["t050"], np.random.default_rng(3).normal(size=(1, 24)))
    done = fill_collection(library, first, address)
    assert (done.gone, done.kept + done.put) == (2, 50)
    again = fill_collection(library, first, address)
    assert (again.kept, again.put, again.gone) == (50, 0, 0)
    train(library, "one", text="words", name="other", config=TrainConfig(epochs=1, dim=16, seed=3))
    other = library / "checkpoints" / "other_best_r1.pt"
    with pytest.raises(EmbeddingError, match="another checkpoint than other_best_r1"):
        MilvusSearcher(library, address, other)
    assert fill_collection(library, other, address).put == 50
    MilvusSearcher(library, address, other).close()
    with pytest.raises(EmbeddingError, match="another checkpoint"):
        MilvusSearcher(library, address, first)
    collection = Collection(address)
    assert len(collection._client.list_collections()) == 1, "the older one is gone"
    collection.close()


def test_a_collection_that_a_restart_left_out_of_memory_answers(own: Searcher, root: Path, address: Address) -> None:
    collection = Collection(address)
    collection._client.release_collection(collection.in_use())
    collection.close()
    searcher = MilvusSearcher(root, address)
    assert len(searcher.similar("t010", k=3)) == 3
    searcher.close()
    collection = Collection(address)
    collection._client.release_collection(collection.in_use())
    collection.close()
    assert fill_collection(root, own.checkpoint, address).kept == 52


def test_a_collection_that_was_never_filled_is_named_and_its_connection_ends(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Collection] = []
    monkeypatch.setattr(
        "antiphon.search.milvus.searcher.Collection", lambda address: opened.append(Collection(address)) or opened[-1]
    )
    empty = address_of(str(tmp_path / "empty.db"))
    with pytest.raises(EmbeddingError, match="holds no tracks yet"):
        MilvusSearcher(root, empty)
    assert not (tmp_path / "empty.db").exists(), "a search makes no file"
    Collection(empty).close()
    with pytest.raises(EmbeddingError, match="holds no tracks yet") as caught:
        MilvusSearcher(root, empty)
    assert str(caught.value.fix).endswith(f"--library {root}")
    assert not opened[0]._end.alive


@pytest.fixture
def worded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints that read texts: each as a vector of its own."""

    def score(model: Model, texts: list[str]) -> np.ndarray:
        rows = [np.random.default_rng(len(text)).normal(size=model.dim) for text in texts]
        return model.score_vectors(np.stack(rows).astype(np.float32))

    monkeypatch.setattr(Model, "score_text", score)
    for searcher in (Searcher, MilvusSearcher):
        monkeypatch.setattr(searcher, "query_remarks", lambda self, text: [])


@pytest.mark.usefixtures("worded")
def test_python_asks_it_by_the_same_calls(root: Path, address: Address, own: Searcher, tmp_path: Path) -> None:
    library, index = antiphon.open(root), address.shown
    where = "year >= 1970"
    require_same(library.search("calm", k=60, where=where, index=index), library.search("calm", k=60, where=where))
    require_same(library.similar("t010", k=5, index=index), library.similar("t010", k=5))
    with pytest.raises(ArgumentError, match="one checkpoint"):
        library.search("calm", checkpoint=["one", "two"], index=index)
    filled = library.index(index=str(tmp_path / "python.db"))
    assert (filled.tracks, filled.dim) == (52, own.model.dim)
    assert "52 new or changed" in str(filled)
    require_same(library.search("calm", index=str(tmp_path / "python.db")), library.search("calm"))


@pytest.mark.usefixtures("worded")
def test_a_searcher_that_stayed_open_refuses_once_others_tracks_are_there(root: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(root, tmp_path / "lib")
    library, index = antiphon.open(copy), str(tmp_path / "own.db")
    library.index(index=index)
    assert library.search("calm", checkpoint="one", index=index)
    train(copy, "one", text="words", name="other", config=TrainConfig(epochs=1, dim=16, seed=3))
    library.index("other", index=index)
    with pytest.raises(EmbeddingError, match="another checkpoint than one"):
        library.search("calm", checkpoint="one", index=index)


@pytest.mark.usefixtures("worded")
@pytest.mark.parametrize(
    "question",
    [
        Question(stops=("calm",), k=9),
        Question(stops=("calm piano", "loud"), k=7),
        Question(stops=("calm",), k=9, where="genre = jazz", variety=0.5),
        Question(radio="t010", k=8),
    ],
    ids=lambda question: question.name,
)
def test_playlists_are_those_of_the_own_index(root: Path, address: Address, own: Searcher, question: Question) -> None:
    made = PlaylistMaker(root, open_source(root, index=address.shown)).make(question)
    expected = PlaylistMaker(root, of_searcher(own)).make(question)
    require_same(made.hits, expected.hits)
    assert any(address.shown in line for line in made.remarks)


@pytest.mark.usefixtures("worded")
def test_a_kept_question_asks_the_same_collection_again(
    root: Path, address: Address, own: Searcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = antiphon.open(root)
    monkeypatch.chdir(root.parent)
    made = library.playlist("calm", k=3, index="tracks.db", save="calm")
    monkeypatch.chdir(tmp_path)
    (again,) = library.refresh_playlists("calm")
    assert again.playlist is not None
    assert again.playlist.hits == made.hits
    assert any(address.shown in line for line in again.playlist.remarks)


@pytest.mark.parametrize(
    ("text", "uri", "name"),
    [
        ("milvus://localhost:19530/tracks", "http://localhost:19530", "tracks"),
        ("milvus+https://host:443/a_b", "https://host:443", "a_b"),
        ("some/tracks.db", "some/tracks.db", "tracks"),
    ],
)
def test_addresses(text: str, uri: str, name: str) -> None:
    assert address_of(text) == Address(uri, name, text)


@pytest.mark.parametrize(
    "text", ["milvus://host:1/", "milvus://host/a-b", "http://host/x", "tracks", "milvus://a:b@host/x"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        address_of(text)


def test_the_address_of_a_file_is_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert kept_address("tracks.db") == str(tmp_path / "tracks.db")
    assert kept_address("milvus://host:1/tracks") == "milvus://host:1/tracks"
