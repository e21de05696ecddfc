"""A library in Python: what it shows, what it keeps loaded, and that nothing goes wrong in silence."""

import csv
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import antiphon
from antiphon.errors import AntiphonWarning, ArgumentError, CheckpointError, ConfigError
from antiphon.evaluate.benchmark import evaluate
from antiphon.library.manifest.columns.options import Choice, ManifestOptions
from antiphon.search.searcher import Searcher
from tests.api.conftest import SETTINGS, TEXT
from tests.helpers.libraries.sounds import sweep, write

QUERY = "slow sad piano with drums"


def test_it_shows_what_it_has(library: antiphon.Library) -> None:
    assert len(library) == library.tracks.num_rows == 62
    assert library.captions.num_rows == 124
    assert library.encoders == library.trained == ("one", "two")
    assert TEXT in library.text_encoders
    assert library.checkpoints["two_last"] == library.root / "checkpoints" / "two_last.pt"
    assert "62 tracks, 124 captions; audio: one two; text: tiny-words words; trained: one two" in repr(library)


def test_evaluation_gives_ranks_and_vectors_as_arrays(library: antiphon.Library) -> None:
    result = library.evaluate("one", baselines=False, resamples=50)
    assert result.t2a.ranks.shape == result.t2a.query_ids.shape == (20,)
    assert result.a2t.ranks.shape == (10,)
    np.testing.assert_array_equal(result.t2a.reciprocal_ranks, 1 / result.t2a.ranks)
    assert result.t2a.reciprocal_ranks.mean() == pytest.approx(result.t2a.figures["MRR"])
    scores = result.text @ result.audio.T
    own = scores[np.arange(20), result.track_of_caption]
    np.testing.assert_array_equal(result.t2a.ranks, (scores >= own[:, None] - 1e-6).sum(axis=1))
    again = evaluate(library.root, library.checkpoints["one_best_r1"], "test", baselines=False, resamples=50)
    assert result.to_dict() == again


def test_evaluation_prints_the_table_and_becomes_frames(library: antiphon.Library) -> None:
    result = library.evaluate("one", split="val", baselines="quick", resamples=20)
    assert "t2a (text to audio): 24 queries (captions), 12 items (tracks); " in str(result)
    assert str(result).count("\n") == len(result.lines()) - 1
    table = result.to_frame()
    assert table.loc[("trained", "t2a"), "MRR"] == result.t2a.figures["MRR"]
    assert table.loc[("chance", "a2t"), "R@1"] == result.a2t.figures["chance"]["R@1"]
    assert {"ridge", "cca"} <= set(table.index.get_level_values("system"))
    queries = result.t2a.to_frame()
    assert queries.index.tolist() == result.caption_ids.tolist()
    assert queries["rank"].tolist() == result.t2a.ranks.tolist()


def test_evaluation_takes_k_and_a_protocol_and_shows_every_query(library: antiphon.Library) -> None:
    result = library.evaluate("one", baselines=False, resamples=0, k=[3, np.int64(7)])
    lists = result.t2a.figures["lists"]
    assert lists["success@7"]["value"] == pytest.approx(result.t2a.figures["R@7"])
    assert lists["success@3"]["value"] == pytest.approx(100 * (result.t2a.ranks <= 3).mean())
    queries = result.queries_to_frame()
    assert queries.loc["t2a"].index.tolist() == result.caption_ids.tolist()
    assert queries.loc["a2t", "rank"].tolist() == result.a2t.ranks.tolist()
    row = queries.loc[("t2a", result.caption_ids[0])]
    found = result.track_ids.tolist().index(row["wrong_id"])
    assert row["wrong_score"] == pytest.approx(float(result.text[0] @ result.audio[found]), abs=1e-5)
    assert found != result.track_of_caption[0]
    one = library.evaluate("one", baselines=False, resamples=0, protocol="one-caption")
    assert len(one.t2a.ranks) == len(one.queries.t2a) == len(one.track_ids) == 10
    assert one.figures["protocol"].startswith("one-caption")
    with pytest.raises(ConfigError, match="There is no protocol 'one-captoin'"):
        library.evaluate("one", protocol="one-captoin")
    for wrong in (0, [], [5, "ten"], "5"):
        with pytest.raises(ArgumentError, match="k has to be a whole number"):
            library.evaluate("one", k=wrong)  # type: ignore[arg-type]


def test_without_pandas_a_frame_says_what_to_install(
    library: antiphon.Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = library.evaluate("one", baselines=False, resamples=0)
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(antiphon.AntiphonError, match="pip install pandas"):
        result.to_frame()


def test_comparison_and_diagnosis_print_and_become_frames(library: antiphon.Library) -> None:
    comparison = library.compare(baselines=False, resamples=50)
    assert set(comparison.to_frame().index) == {"one", "two"}
    assert str(comparison).startswith("# Encoders compared")
    sliced = library.compare(baselines=False, by="caption-length", resamples=50).slices
    assert sliced is not None
    assert sliced["by"] == "caption-length"
    with pytest.raises(ArgumentError, match="Another library's folder"):
        library.compare(beside=[3])  # type: ignore[list-item]
    diagnosis = library.diagnose("one")
    assert str(diagnosis).splitlines() == diagnosis.lines()
    assert isinstance(diagnosis.to_frame(), pd.DataFrame)


def test_any_way_of_naming_a_checkpoint_is_the_same(own: antiphon.Library) -> None:
    training = own.train("one", text=TEXT, name="mine", seed=3, **SETTINGS)
    named = own.model("mine")
    for way in (training, named, "mine_best_r1", "checkpoints/mine_best_r1.pt", named.path):
        assert own.model(way).path == named.path
    assert own.model(named) is named


def test_a_finished_training_is_left_as_it_is_and_never_replaced_in_silence(own: antiphon.Library) -> None:
    assert own.train("one", text=TEXT, **SETTINGS).finished_before
    with pytest.raises(ConfigError, match="seed"):
        own.train("one", text=TEXT, seed=9, **SETTINGS)
    longer = own.train("one", text=TEXT, resume=True, **{**SETTINGS, "epochs": 3})
    assert longer.to_frame().index.tolist() == [1, 2, 3]
    assert longer.to_dict()["epochs"] == 3
    assert "one: best is epoch" in str(longer)


def test_what_a_question_loads_stays_loaded(own: antiphon.Library, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    build = Searcher.__init__

    def counted(self: Searcher, *arguments: object) -> None:
        made.append(arguments)
        build(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Searcher, "__init__", counted)
    first = own.search(QUERY, checkpoint="one")
    assert own.search(QUERY, checkpoint="one") == first
    own.similar("t000", checkpoint="one")
    assert len(made) == 1
    own.search(QUERY, checkpoint="two")
    own.search(QUERY, checkpoint="one")
    assert len(made) == 2


def test_a_new_training_is_what_answers_from_then_on(own: antiphon.Library) -> None:
    before = own.search(QUERY, checkpoint="one")
    own.train("one", text=TEXT, overwrite=True, seed=5, **{**SETTINGS, "closed_form": "none"})
    after = own.search(QUERY, checkpoint="one")
    assert [hit.score for hit in before] != [hit.score for hit in after]
    assert after == antiphon.open(own.root).search(QUERY, checkpoint="one")


def test_similar_leaves_the_track_itself_out(library: antiphon.Library) -> None:
    hits = library.similar("t003", k=4, checkpoint="one")
    assert len(hits) == 4
    assert "t003" not in [hit.track_id for hit in hits]


def test_a_file_asks_by_itself_and_beside_a_track_as_search_hears_it(
    library: antiphon.Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, heard = tmp_path / "song.wav", library.vectors("one").take(["t007"])[0]
    monkeypatch.setattr("antiphon.embed.workers.one_file.file_vector", lambda path, made_by: heard)
    alone = library.similar(file=file, k=5, checkpoint="one")
    assert alone[0].track_id == "t007"
    assert alone[0].score == pytest.approx(1, abs=1e-3)
    assert alone == library.search(file=file, k=5, checkpoint="one")
    assert [hit.track_id for hit in alone[1:]] == [
        hit.track_id for hit in library.similar("t007", k=4, checkpoint="one")
    ]
    beside = library.similar("t003", file=[file], k=60, checkpoint="one")
    assert "t003" not in [hit.track_id for hit in beside]
    assert {hit.track_id for hit in beside[:20]} & {hit.track_id for hit in library.similar("t003", k=10)}
    with pytest.raises(ArgumentError, match="track's id"):
        library.similar()


def test_nearest_to_embedded_words_is_what_search_finds(library: antiphon.Library) -> None:
    model = library.model("one")
    vector = model.embed_text([QUERY])[0]
    found = library.nearest(7 * vector, model, k=5)
    searched = library.search(QUERY, k=5, checkpoint=model)
    assert [hit.track_id for hit in found] == [hit.track_id for hit in searched]
    np.testing.assert_allclose([h.score for h in found], [h.score for h in searched], atol=1e-5)


@pytest.mark.parametrize(
    ("vector", "kind"), [(np.ones(3), CheckpointError), ("slow", ArgumentError), ([[1.0]], ArgumentError)]
)
def test_nearest_refuses_what_is_no_vector_of_the_space(
    library: antiphon.Library, vector: object, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        library.nearest(vector, library.model("one"))  # type: ignore[arg-type]


def test_answers_print_one_a_line_and_become_a_frame(library: antiphon.Library) -> None:
    hits = library.search(QUERY, k=3, checkpoint="one")
    assert len(str(hits).splitlines()) == 3
    assert hits.to_frame().index.tolist() == [1, 2, 3]
    assert hits.to_dict()[0]["track_id"] == hits[0].track_id


def manifest(folder: Path, files: list[str]) -> Path:
    with (folder / "tracks.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [["audio", "caption"], *([file, f"sound {i} rising"] for i, file in enumerate(files))]
        )
    return folder / "tracks.csv"


def test_ingest_warns_of_rows_that_it_cannot_use(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", sweep(0.5, 8000, channels=1), 8000)
    with pytest.warns(AntiphonWarning, match=r"1 problem in the manifest"):
        library = antiphon.ingest(manifest(tmp_path, ["a.wav", "gone.wav"]), tmp_path / "lib")
    assert len(library) == 1
    assert len(library.audit["problems"]) == 1


def test_embed_warns_of_files_that_it_cannot_read(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", sweep(0.5, 8000, channels=1), 8000)
    (tmp_path / "b.wav").write_bytes(b"RIFF no sound")
    table = manifest(tmp_path, ["a.wav", "b.wav"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AntiphonWarning)
        library = antiphon.ingest(table, tmp_path / "lib")
    told: list[str] = []
    with pytest.warns(AntiphonWarning, match=r"timbre: 1 of 2 tracks.*\n  1 failed") as caught:
        done = library.embed("timbre", text=[], jobs=1, on_progress=lambda what, _: told.append(what))
    assert caught[0].filename == __file__
    assert list(done.failed["timbre"]) == ["b.wav"]
    assert done.to_frame().loc[("timbre", "audio"), "failed"] == 1
    assert told[-1] == "audio with timbre"


def test_import_warns_of_ids_that_the_library_does_not_have(own: antiphon.Library, tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", ids=np.array(["t000", "stranger"]), vectors=np.eye(2, 4))
    with pytest.warns(AntiphonWarning, match="stranger"):
        report = own.import_embeddings("three", tmp_path / "v.npz", layout="1x4x1")
    assert report.imported == 1
    assert own.vectors("three").ids.tolist() == ["t000"]


def test_ingest_takes_what_the_command_takes(tmp_path: Path) -> None:
    rows = [f"{i},label {i},{'train' if i < 8 else 'test'},artist {i % 9}" for i in range(12)]
    (tmp_path / "m.csv").write_text("key,remark,fold,artist\n" + "\n".join(rows) + "\n")
    reading = ManifestOptions(choice=Choice(id="key", captions=("remark",), split="fold"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AntiphonWarning)
        library = antiphon.ingest(tmp_path / "m.csv", tmp_path / "lib", keep_splits=True, reading=reading)
    assert library.audit["splits"]["test"]["tracks"] == 4
    assert [leak["reason"] for leak in library.audit["leaks"]] == ["same artist"] * 3
