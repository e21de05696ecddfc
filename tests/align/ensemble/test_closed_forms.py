"""Closed forms as a member beside trained heads, and alone."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.assembly import prepare
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.kernel_cca import fit_kernel_cca
from antiphon.align.config import TrainConfig
from antiphon.align.data.material import Material, read_material
from antiphon.align.ensemble import closed_forms
from antiphon.align.ensemble.closed_forms import fit_closed_forms, tracks_fitted
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.inference import embed_pairs
from antiphon.align.train import train
from antiphon.align.train_all import train_all
from antiphon.align.training.results.history import EpochRecord, console_block, read_history
from antiphon.align.training.setup import resolve_settings
from antiphon.errors import CheckpointError, ConfigError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from antiphon.evaluate.console import judge_training, training_lines
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.layout import Layout
from antiphon.library.vectors.store import open_vectors
from antiphon.metrics.retrieval import mean_mrr
from antiphon.search.indexes.current import current_index
from tests.helpers.libraries.made_vectors import make_library, write_vectors

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2)
ALONE = TrainConfig(epochs=0)


@pytest.fixture
def material(tmp_path: Path) -> Material:
    make_library(tmp_path)
    return read_material(tmp_path, "made", "words")


def test_as_a_space_they_embed_as_they_were_fitted(material: Material) -> None:
    train_set = material.train
    words, sound = (rows.raw(slice(None)).numpy() for rows in (train_set.text, train_set.audio))
    text, audio = fit_kernel_cca(words, sound, CaptionWeights.evenly(train_set.track_of_caption, len(sound)))
    found = embed_pairs(fit_closed_forms(train_set).space, train_set)
    np.testing.assert_allclose(found.text, text.embed(words), atol=1e-5)
    np.testing.assert_allclose(found.audio, audio.embed(sound), atol=1e-5)


def test_training_says_what_the_closed_forms_alone_were_worth(material: Material) -> None:
    result = train(material.root, "made", text="words", config=SMALL)
    bundle = Bundle.load(result.checkpoints["best_r1"])
    assert material.val is not None
    alone = mean_mrr(embed_pairs(fit_closed_forms(material.train).space, material.val), material.val)
    assert bundle.val["closed_form_val_MRR"] == result.closed_form_mrr == alone > 0.5
    assert bundle.space.audio.spec.kind == "ensemble"


def test_none_leaves_the_trained_heads_alone(tmp_path: Path) -> None:
    make_library(tmp_path)
    settings = TrainConfig(epochs=1, dim=8, hidden=8, closed_form="none")
    bundle = Bundle.load(train(tmp_path, "made", text="words", config=settings).checkpoints["last"])
    assert bundle.space.audio.spec.kind == "mlp"
    assert "closed_form_weight" not in bundle.val


def test_tracks_that_are_fitted_are_bounded_by_their_number_and_by_their_width() -> None:
    assert tracks_fitted(400, 2530) == 400
    assert tracks_fitted(20_000, 1536) == 20_000
    assert tracks_fitted(1_000_000, 512) == 20_000
    assert tracks_fitted(50_000, 76_800) == 5208
    assert tracks_fitted(50_000, 10**9) == 1000


def test_of_more_tracks_some_are_learned_from_and_training_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path)
    material = read_material(tmp_path, "made", "words")
    whole = fit_closed_forms(material.train).space
    monkeypatch.setattr(closed_forms, "MOST_TRACKS", 30)
    some = fit_closed_forms(material.train).space
    assert (whole.audio.state_dict()["landmarks"].shape[0], some.audio.state_dict()["landmarks"].shape[0]) == (40, 30)
    result = train(tmp_path, "made", text="words", config=SMALL)
    said = "Kernel CCAs learned from 30 of 40 tracks, to keep their time short."
    assert said in training_lines(result, None)
    assert result.to_dict()["closed_form_tracks"] == 30
    assert said in training_lines(train(tmp_path, "made", text="words", config=SMALL), None)


def test_layers_that_captions_tell_nothing_about_are_left_and_training_says_which(tmp_path: Path) -> None:
    make_library(tmp_path, train=120, layout=Layout(6, 16, 1))
    spoil_layers(tmp_path, "made", keep=(1, 4))
    result = train(tmp_path, "made", text="words", config=SMALL)
    assert result.closed_forms is not None
    assert {1, 4} <= set(result.closed_forms.layers)
    assert len(result.closed_forms.layers) < 6
    (line,) = result.closed_forms.lines()
    assert line.startswith(f"Kernel CCAs look at {len(result.closed_forms.layers)} of 6 layers (")
    assert any(line == told for told in training_lines(result, None))


def spoil_layers(root: Path, encoder: str, *, keep: tuple[int, ...]) -> None:
    """Put noise into all other layers."""
    folder = root / "embeddings" / "audio" / encoder
    stored = open_vectors(folder)
    ids, layout = list(stored.ids), stored.provenance.layout
    vectors = np.array(stored.take(ids))
    layers = vectors.reshape(len(vectors), 6, -1)
    for layer in set(range(6)) - set(keep):
        layers[:, layer] = np.random.default_rng(layer).normal(size=layers[:, layer].shape)
    shutil.rmtree(folder)
    write_vectors(root, "audio", encoder, ids, vectors, layout)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("solved")
    make_library(root, names=("one", "two"), test=12)
    train_all(root, ["one", "two"], text="words", config=ALONE)
    return root


def test_alone_they_are_all_three_checkpoints_and_one_line_of_history(solved: Path) -> None:
    spaces = []
    for kind in ("best_r1", "best_loss", "last"):
        bundle = Bundle.load(solved / "checkpoints" / f"one_{kind}.pt")
        assert (bundle.epoch, bundle.space.audio.spec.kind) == (0, "kernel_cca")
        spaces.append(bundle.space.state_dict())
    assert all(torch.equal(value, other[key]) for key, value in spaces[0].items() for other in spaces[1:])
    (record,) = read_history(solved / "runs" / "one" / "history.jsonl")
    assert (record.epoch, record.steps, record.step_loss) == (0, 0, None)
    line = json.loads((solved / "runs" / "one" / "history.jsonl").read_text())
    assert line["val_t2a_MRR"] == bundle.val["val_t2a_MRR"]
    assert (solved / "runs" / "one" / "config.toml").exists()


def test_alone_they_are_evaluated_compared_diagnosed_indexed_and_fused(solved: Path) -> None:
    path = solved / "checkpoints" / "one_best_r1.pt"
    found = evaluate(solved, path, "val", baselines=False, resamples=20)
    assert found["t2a"]["MRR"] == Bundle.load(path).val["val_t2a_MRR"]
    assert {row.name for row in compare(solved, resamples=20).trained} == {"one", "two"}
    diagnosis = diagnose(solved, "one")
    assert diagnosis.epochs == 0
    assert "closed forms alone" in diagnosis.lines()[0]
    assert not any("epoch" in finding.title or "--resume" in finding.evidence for finding in diagnosis.findings)
    assert current_index(solved, path, "one").vectors.shape == (64, Bundle.load(path).score_dim)
    fused = fuse(solved, ["one", "two"])
    assert fused.val_mrr is not None
    assert fused.val_mrr > 0.5


def test_alone_their_temperature_has_the_lowest_val_loss(solved: Path) -> None:
    bundle = Bundle.load(solved / "checkpoints" / "one_best_r1.pt")
    material = read_material(solved, "one", "words")
    assert material.val is not None
    val = material.val
    sides = (val.text.raw(slice(None)).numpy(), val.audio.raw(slice(None)).numpy(), val.track_of_caption, val.text_id)
    lowest = bundle.loss(*sides)
    for factor in (0.5, 2.0):
        with torch.no_grad():
            bundle.space.log_scale += float(np.log(factor))
            assert bundle.loss(*sides) > lowest
            bundle.space.log_scale -= float(np.log(factor))


def test_alone_the_console_says_so(tmp_path: Path) -> None:
    make_library(tmp_path)
    told: list[EpochRecord] = []
    result = train(tmp_path, "made", text="words", config=ALONE, on_epoch=told.append)
    assert console_block(told[0], 0).startswith("Closed forms alone, no heads trained:\n  Train loss:")
    first = training_lines(result, judge_training(tmp_path, result, resamples=20))[0]
    assert first.startswith("made: closed forms alone in ")
    assert train(tmp_path, "made", text="words", config=ALONE).finished_before


def test_alone_they_are_no_start_for_a_training(tmp_path: Path) -> None:
    make_library(tmp_path)
    train(tmp_path, "made", text="words", config=ALONE)
    with pytest.raises(CheckpointError, match="no training can go on from it"):
        train(tmp_path, "made", text="words", config=TrainConfig(epochs=2), resume=True)
    with pytest.raises(ConfigError, match="epochs: 0 there, 2 now"):
        train(tmp_path, "made", text="words", config=TrainConfig(epochs=2))


def test_asked_for_they_are_fitted_however_wide_the_vectors_are(tmp_path: Path) -> None:
    make_library(tmp_path, val=0)
    material = read_material(tmp_path, "made", "words")
    run = prepare(material, resolve_settings(ALONE, **material.about))
    run.go(None)
    assert run.history[0].val is None
    assert Bundle.load(tmp_path / "checkpoints" / "made_best_r1.pt").space.audio.spec.kind == "kernel_cca"
