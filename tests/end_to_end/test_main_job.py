"""The main job from a table of music and captions to trained, compared and searchable models."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.cli import app, main
from antiphon.demo.check import ask, precision
from antiphon.demo.render import QUERIES, read_recipes
from antiphon.embed import load_text_encoder
from antiphon.library.vectors.store import open_vectors
from antiphon.metrics.figures import METRICS
from antiphon.search.searcher import Searcher

ENCODERS = ("harmony", "rhythm", "timbre")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Standard output of a command that must succeed."""
    capsys.readouterr()
    app(list(arguments), result_action="return_value")
    return capsys.readouterr().out


def test_the_library_folder_holds_plain_files_that_fit_together(trained: Path) -> None:
    tracks = pq.read_table(trained / "tracks.parquet").to_pylist()
    captions = pq.read_table(trained / "captions.parquet").to_pylist()
    assert len(tracks) == 96
    assert {caption["track_id"] for caption in captions} == {track["track_id"] for track in tracks}
    for name in ENCODERS:
        folder = trained / "embeddings" / "audio" / name
        rows = pq.read_table(folder / "rows.parquet").to_pylist()
        vectors = np.load(folder / "vectors.npy")
        assert vectors.dtype == np.float16
        assert len(vectors) == len(rows) == 96
        assert np.isfinite(vectors).all()
        assert not (folder / "rows.jsonl").exists()


def test_no_group_stands_on_two_sides_of_the_split(trained: Path) -> None:
    tracks = pq.read_table(trained / "tracks.parquet").to_pylist()
    splits_of: dict[str, set[str]] = {}
    for track in tracks:
        splits_of.setdefault(track["group"], set()).add(track["split"])
    assert all(len(splits) == 1 for splits in splits_of.values())
    assert {track["split"] for track in tracks} == {"train", "val", "test"}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_encoder_has_three_checkpoints_that_plain_torch_opens(trained: Path, encoder: str) -> None:
    for kind in ("best_r1", "best_loss", "last"):
        state = torch.load(trained / "checkpoints" / f"{encoder}_{kind}.pt", weights_only=True)
        assert state["encoder"] == encoder
        assert state["text_encoder"] == "minilm"
        assert state["audio_provenance"]["encoder"] == encoder


@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_encoder_has_a_history_and_tensorboard_curves(trained: Path, encoder: str) -> None:
    lines = (trained / "runs" / encoder / "history.jsonl").read_text().splitlines()
    epochs = [json.loads(line) for line in lines]
    assert [epoch["epoch"] for epoch in epochs] == list(range(1, len(epochs) + 1))
    wanted = {"train_loss", "val_loss", "val_t2a_R@1", "val_a2t_median_rank", "lr", "temperature", "grad_norm"}
    assert wanted | {"seconds", "pairs_per_second"} <= set(epochs[0])
    assert list((trained / "logs" / "tensorboard" / encoder).glob("events.out.tfevents.*"))


def test_console_block_has_the_shape_of_the_contract(
    trained: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = said(capsys, "train", "--encoder", "timbre", "--epochs", "6", "--library", str(trained))
    assert "timbre: already trained (6 epochs" in out
    copy = tmp_path / "copy"
    _copy_without_training(trained, copy)
    out = said(capsys, "train", "--encoder", "timbre", "--epochs", "2", "--library", str(copy))
    block = out[out.index("Epoch 2/2:") :].splitlines()
    patterns = [
        r"Epoch 2/2:",
        r"  Train loss: \d+\.\d{4}",
        r"  Val loss: \d+\.\d{4}",
        *(rf"  Val t2a R@{k}: \d+\.\d\d%" for k in (1, 5, 10)),
        r"  Val t2a MRR: \d\.\d{4}",
    ]
    for pattern, line in zip(patterns, block, strict=False):
        assert re.fullmatch(pattern, line), (pattern, line)


def _copy_without_training(library: Path, to: Path) -> None:
    shutil.copytree(library, to, ignore=shutil.ignore_patterns("music", "checkpoints", "runs", "logs", "index"))


def test_evaluate_json_is_the_contract(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = "checkpoints/timbre_best_r1.pt"
    result = json.loads(said(capsys, "evaluate", checkpoint, "--split", "test", "--json", "--library", str(trained)))
    assert result["split"] == "test"
    assert {"protocol", "loss"} <= set(result)
    for way in ("t2a", "a2t"):
        figures = result[way]
        assert {"n_queries", "n_items", *METRICS} <= set(figures)
        assert set(figures["chance"]) == set(METRICS)
        for key in METRICS:
            low, high = figures["ci95"][key]
            assert low <= figures[key] <= high
    assert json.loads((trained / "runs" / "timbre" / "test_metrics.json").read_text())["t2a"] == result["t2a"]


def test_compare_names_every_encoder_and_writes_three_files(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "compare", "--library", str(trained))
    for name in (*ENCODERS, "chance"):
        assert name in out
    for suffix in ("md", "csv", "json"):
        assert (trained / f"comparison.{suffix}").stat().st_size > 200


def test_diagnose_speaks_of_every_encoder(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "diagnose", "--library", str(trained))
    for name in ENCODERS:
        assert f"{name}, 6 epochs" in out


def test_search_answers_as_table_json_and_playlist(
    trained: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    playlist = tmp_path / "answers.m3u"
    query = ("search", "calm pipe organ", "-k", "4", "--library", str(trained))
    hits = json.loads(said(capsys, *query, "--json", "--m3u", str(playlist)))
    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert set(hits[0]) == {
        "rank",
        "track_id",
        "score",
        "title",
        "artist",
        "path",
        "by",
        "best_at",
        "versions",
        "better_than",
    }
    assert all(Path(hit["path"]).is_file() for hit in hits)
    assert playlist.read_text().count("#EXTINF") == 4
    table = said(capsys, *query)
    assert hits[0]["title"] in table


def test_search_equals_the_full_computation_by_hand(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = trained / "checkpoints" / "timbre_best_r1.pt"
    arguments = ("search", "fast drums", "--checkpoint", str(checkpoint), "--json", "--library", str(trained))
    hits = json.loads(said(capsys, *arguments))
    bundle, stored = Bundle.load(checkpoint), open_vectors(trained / "embeddings" / "audio" / "timbre")
    query = bundle.score_text(load_text_encoder(bundle.text_provenance).encode(["fast drums"]))[0]
    scores = bundle.score_audio(stored.take(list(stored.ids))) @ query
    best = [stored.ids[row] for row in np.argsort(-scores, kind="stable")[:10]]
    assert [hit["track_id"] for hit in hits] == best
    assert [hit["score"] for hit in hits] == pytest.approx(sorted(scores, reverse=True)[:10], abs=1e-5)


def test_an_index_is_made_anew_when_the_checkpoint_changes(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = said(capsys, "index", "checkpoints/timbre_best_r1.pt", "--library", str(trained))
    assert "96 tracks" in one
    arguments = ("search", "slow", "--checkpoint", str(trained / "checkpoints" / "harmony_best_r1.pt"))
    said(capsys, *arguments, "--library", str(trained))
    assert json.loads((trained / "index" / "index.json").read_text())["made_from"]["encoder"] == "harmony"


def test_vectors_made_another_way_are_refused(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy, ignore=shutil.ignore_patterns("music"))
    path = copy / "embeddings" / "audio" / "timbre" / "provenance.json"
    path.write_text(path.read_text().replace('"version": "', '"version": "other-'))
    with pytest.raises(SystemExit) as stop:
        main(["search", "slow", "--checkpoint", str(copy / "checkpoints" / "timbre_best_r1.pt"), "-l", str(copy)])
    assert stop.value.code == 1
    assert "not made the same way" in capsys.readouterr().err


def test_fused_encoders_are_evaluated_and_searched_like_one(
    trained: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy, ignore=shutil.ignore_patterns("music", "logs", "index"))
    out = said(capsys, "fuse", "timbre", "rhythm", "--shares", "2", "1", "--library", str(copy))
    assert "timbre,rhythm_best_r1.pt" in out
    result = json.loads(said(capsys, "evaluate", "timbre,rhythm", "--json", "--library", str(copy)))
    assert result["t2a"]["n_items"] > 1
    hits = json.loads(said(capsys, "search", "x", "--checkpoint", "timbre,rhythm", "--json", "--library", str(copy)))
    assert len(hits) == 10


def test_a_sweep_writes_a_recipe_that_training_takes(
    trained: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("optuna")
    copy = tmp_path / "copy"
    _copy_without_training(trained, copy)
    base = ("train", "--encoder", "timbre", "--epochs", "2", "--library", str(copy))
    report = json.loads(said(capsys, *base, "--sweep", "2", "--json"))
    assert len(report[0]["trials"]) == 2
    recipe = copy / "runs" / "timbre" / "sweep.toml"
    out = said(capsys, *base, "--config", str(recipe), "--quiet")
    assert "timbre: 2 epochs" in out


def test_precision_of_the_demo_queries_counts_answers_by_hand(trained: Path) -> None:
    told, recipes = precision(ask(trained, trained / "music", k=3), trained / "music"), read_recipes(trained / "music")
    searcher = Searcher(trained)
    right = 0
    for query in QUERIES:
        for hit in searcher.search(query.text, k=3):
            right += query.fits(recipes[hit.track_id])
    assert told.found == pytest.approx(right / (3 * len(QUERIES)))
    by_chance = sum(query.fits(recipe) for query in QUERIES for recipe in recipes.values())
    assert told.chance == pytest.approx(by_chance / (len(QUERIES) * len(recipes)))
