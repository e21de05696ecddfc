"""A search without torch: hit for hit that of the checkpoint itself, never from what is out of date."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.embed import embed_text
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.library.vectors.windows import Windows, WindowWriter, mean_channels
from antiphon.registry import LoadOptions
from antiphon.search.answering import answering
from antiphon.search.indexes import exact, recall
from antiphon.search.indexes.build import build_index
from antiphon.search.light import opening
from antiphon.search.light import searcher as light_search
from antiphon.search.light.opening import light_searcher, why_slow
from antiphon.search.light.preparing import prepare
from antiphon.search.light.record import read_record
from antiphon.search.light.searcher import LightSearcher
from antiphon.search.made_searcher import MadeSearcher
from antiphon.search.queries.reading import read_query
from antiphon.search.searcher import Searcher
from tests.helpers.encoders.tiny_sentence_model import make_described_library, save_sentence_model
from tests.helpers.libraries.made_captions import write_made_captions
from tests.helpers.trained.light import make_trained_library

QUERIES = ("slow sad piano", "t001", "drums with words", "日本", "words about t003 " * 20)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a training whose text encoder is a tiny sentence model, and what is prepared of it."""
    root = make_trained_library(tmp_path_factory.mktemp("light"))
    assert prepare(Searcher(root)) is not None
    return root


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change, prepared anew: it lies elsewhere."""
    root = tmp_path / "lib"
    shutil.copytree(made, root)
    prepare(Searcher(root))
    return root


def opened(root: Path) -> bool:
    return light_searcher(root) is not None


@pytest.mark.parametrize("query", QUERIES)
def test_both_ways_give_the_same_hits_and_say_the_same(made: Path, query: str) -> None:
    torch_way, light = Searcher(made), light_searcher(made)
    assert light is not None
    for theirs, ours in zip(torch_way.search(query, k=8), light.search(query, k=8), strict=True):
        assert (ours.track_id, ours.title, ours.artist, ours.path, ours.by, ours.best_at) == (
            theirs.track_id, theirs.title, theirs.artist, theirs.path, theirs.by, theirs.best_at,
        )  # fmt: skip
        assert ours.score == pytest.approx(theirs.score, abs=1e-4)
    assert light.remarks(query) == torch_way.remarks(query)


def test_both_ways_find_the_same_tracks_like_one(made: Path) -> None:
    torch_way, light = Searcher(made), light_searcher(made)
    assert light is not None
    track = torch_way.index.track_ids[5]
    assert [hit.track_id for hit in light.similar(track, k=7)] == [
        hit.track_id for hit in torch_way.similar(track, k=7)
    ]
    assert len(light.similar(track, k=10_000)) == len(torch_way.index.track_ids) - 1
    with pytest.raises(LibraryError, match="no track 'elsewhere'"):
        light.similar("elsewhere")


@pytest.mark.parametrize(
    ("text", "like"),
    [("slow:2 words", ()), ("slow piano, no drums", ()), ("", (3, 5)), ("slow without drums", (4,)), ("track 7", ())],
)
def test_both_ways_combine_words_and_tracks_alike(made: Path, text: str, like: tuple[int, ...]) -> None:
    torch_way, light = Searcher(made), light_searcher(made)
    assert light is not None
    query = read_query(text, like=[torch_way.index.track_ids[place] for place in like])
    theirs, ours = torch_way.answer(query, k=12), light.answer(query, k=12)
    assert [hit.track_id for hit in ours] == [hit.track_id for hit in theirs]
    assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in theirs], abs=1e-4)
    assert not set(query.like) & {hit.track_id for hit in ours}


@pytest.mark.parametrize("where", ["split = val", "not track_id contains 1", "title = nowhere"])
def test_both_ways_answer_of_the_tracks_that_a_filter_allows(made: Path, where: str) -> None:
    light, other = light_searcher(made), Searcher(made)
    assert light is not None
    track_id = other.search("slow sad piano", k=1)[0].track_id
    for ours, theirs in (
        (light.search("slow sad piano", where=where), other.search("slow sad piano", where=where)),
        (light.similar(track_id, where=where), other.similar(track_id, where=where)),
    ):
        assert [hit.track_id for hit in ours] == [hit.track_id for hit in theirs]


def test_a_large_index_answers_from_its_lists_in_both_ways(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "FEW_BYTES", 0)
    monkeypatch.setattr(light_search, "WORTH_LISTS", 0)
    monkeypatch.setattr(recall, "TARGET", 0)  # whatever lists of sixty tracks find
    monkeypatch.setattr(recall, "WORST", 0)
    checkpoint = Searcher(library).checkpoint
    build_index(library, checkpoint, exact_bytes=0)
    prepare(Searcher(library))
    light, other = light_searcher(library), Searcher(library)
    assert light is not None
    assert other.index.lists is not None
    for where in (None, "not track_id contains 1"):
        ours, theirs = (way.search("slow sad piano", k=1, where=where) for way in (light, other))
        assert [hit.track_id for hit in ours] == [hit.track_id for hit in theirs]
    light._vectors = None  # type: ignore[assignment]
    assert len(light._of_a_large_index(np.array(other.index.vectors[0]), 1, np.ones(len(other.index), bool))) == 1


def test_both_ways_say_where_in_a_track_the_words_fit_best(library: Path) -> None:
    folder = library / "embeddings" / "audio" / "made"
    stored = open_vectors(folder)
    parts = stored.take(["t011", "t022", "t033"]).astype(np.float32)
    channels = mean_channels(stored.provenance)
    with WindowWriter(folder, channels) as writer:
        writer.add([(stored.take(["t030"])[0], Windows(means=parts[:, :channels], width_s=10.0, seconds=32.0))])
    assert not opened(library)
    torch_way = Searcher(library)
    assert torch_way.keeps_windows
    prepare(torch_way)
    light = light_searcher(library)
    assert light is not None
    for query in ("slow piano", "words about t022"):
        theirs, ours = ({hit.track_id: hit.best_at for hit in way.search(query, k=62)} for way in (torch_way, light))
        assert ours == theirs
        assert ours["t030"] is not None


def test_a_training_on_made_captions_answers_beside_the_rest_without_torch(tmp_path: Path) -> None:
    root = make_trained_library(tmp_path)
    tracks = Library(root).column("track_id").tolist()
    write_made_captions(root, [(f"{t}#machine0", t, f"sad words about {t}", "machine") for t in tracks])
    text = embed_text(root, str(tmp_path / "model" / "tiny-words"), options=LoadOptions(device="cpu")).encoder
    train(
        root,
        "made",
        text=text,
        name="made",
        config=TrainConfig(epochs=0, dim=16, caption_kinds="machine"),
        overwrite=True,
    )
    by_torch = answering(root)
    assert isinstance(by_torch, MadeSearcher)
    assert isinstance(by_torch.searcher, Searcher)
    prepare(by_torch.searcher)
    light = answering(root)
    assert isinstance(light, MadeSearcher)
    assert isinstance(light.searcher, LightSearcher)
    theirs, ours = (way.search("sad words about t007", k=9) for way in (by_torch, light))
    assert [(hit.track_id, hit.by) for hit in ours] == [(hit.track_id, hit.by) for hit in theirs]
    assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in theirs], abs=1e-3)
    assert light.remarks("sad words") == by_torch.remarks("sad words")
    assert [hit.track_id for hit in light.similar("t003")] == [hit.track_id for hit in by_torch.similar("t003")]


def test_questions_that_are_none_are_refused_alike(made: Path) -> None:
    light = light_searcher(made)
    assert light is not None
    with pytest.raises(LibraryError, match="The query is empty"):
        light.search("  ")
    with pytest.raises(ConfigError, match="k is 0"):
        light.search("piano", k=0)


def test_a_prepared_search_loads_neither_torch_nor_pyarrow(made: Path) -> None:
    code = (
        "import sys; from antiphon.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print([n for n in ('torch', 'pyarrow', 'transformers', 'scipy') if n in sys.modules])"
    )
    asked = [sys.executable, "-c", code, "search", "slow", "piano", "--library", str(made), "-k", "2"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    assert done.stdout.splitlines()[-1] == "[]"
    assert Searcher(made).search("slow piano", k=2)[0].track_id in done.stdout


@pytest.mark.parametrize(
    "changed",
    ["tracks.parquet", "captions.parquet", "library.json", "index/index.json", "checkpoints/made_best_r1.pt"],
)
def test_a_file_that_was_replaced_closes_the_way_until_it_is_prepared_again(library: Path, changed: str) -> None:
    assert opened(library)
    content = (library / changed).read_bytes()
    (library / "new").write_bytes(content)
    (library / "new").replace(library / changed)
    assert not opened(library)
    prepare(Searcher(library))
    assert opened(library)


def test_new_vectors_and_new_checkpoints_close_the_way(library: Path) -> None:
    folder = library / "embeddings" / "audio" / "made"
    (folder / "rows.jsonl").write_text("", encoding="utf-8")
    assert not opened(library)
    (folder / "rows.jsonl").unlink()
    prepare(Searcher(library))
    shutil.copy(library / "checkpoints" / "made_best_r1.pt", library / "checkpoints" / "other_best_r1.pt")
    assert not opened(library)


def test_damage_inside_is_no_answer_but_the_other_way(library: Path) -> None:
    record = read_record(library)
    assert record is not None
    (library / "index" / record.folder / "text.json").write_text("{", encoding="utf-8")
    assert not opened(library)
    (library / "index" / "light.json").write_text("[]", encoding="utf-8")
    assert not opened(library)


def test_a_moved_library_is_prepared_again(library: Path) -> None:
    moved = library.rename(library.with_name("moved"))
    assert not opened(moved)
    prepare(Searcher(moved))
    assert opened(moved)


def test_a_checkpoint_that_is_named_has_to_be_the_prepared_one(library: Path) -> None:
    last = library / "checkpoints" / "made_last.pt"
    best = Searcher(library).checkpoint
    assert light_searcher(library, best) is not None
    assert light_searcher(library, last) is None
    prepare(Searcher(library, last))
    assert light_searcher(library, last) is not None
    assert light_searcher(library) is None  # it is not what an unasked search takes


def test_models_are_linked_and_take_no_room(made: Path) -> None:
    record = read_record(made)
    assert record is not None
    weights = next((made / "index" / record.folder).glob("*.safetensors"))
    assert weights.stat().st_nlink > 1


def test_missing_packages_and_text_sides_without_a_graph_are_named(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert why_slow(library) == []
    record = json.loads((library / "index" / "light.json").read_text(encoding="utf-8"))
    (library / "index" / "light.json").write_text(json.dumps({**record, "folder": "", "why_not": "it is odd"}), "utf-8")
    assert why_slow(library) == ["Every search loads torch first: it is odd."]
    monkeypatch.setattr(opening.importlib.util, "find_spec", lambda name: None)
    assert why_slow(library) == [
        "With onnxruntime and onnx a search starts in a second: pip install 'antiphon[search]'"
    ]
    assert light_searcher(library) is None


def test_a_text_side_without_a_graph_is_noted_once(tmp_path: Path) -> None:
    root = tmp_path / "lib"
    text = make_described_library(root, save_sentence_model(tmp_path / "model", form="qwen3"))
    train(root, "made", text=text, name="made", config=TrainConfig(epochs=1, dim=16))
    prepare(Searcher(root))
    assert light_searcher(root) is None
    assert why_slow(root) == [
        f"Every search loads torch first: ONNX has no graph here for the text encoder '{text}', which reads texts in a "
        "way of its own."
    ]
    assert not list((root / "index").glob("light-*"))
    assert Library(root).root == root


def test_a_searcher_that_stays_answers_as_one_that_does_not(made: Path) -> None:
    once, stays = light_searcher(made), light_searcher(made)
    assert once is not None
    assert stays is not None
    stays.stay()
    for query in QUERIES:
        ours, twin = stays.search(query, k=7), once.search(query, k=7)
        assert [hit.track_id for hit in ours] == [hit.track_id for hit in twin]
        assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in twin], abs=1e-5)
