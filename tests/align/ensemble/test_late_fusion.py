"""Trainings of several encoders fused by their scores."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.fusion_shares import simplex, weights_of
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.train import train
from antiphon.align.train_all import train_all
from antiphon.errors import CheckpointError, ConfigError, EmbeddingError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.search.checkpoints import best_checkpoint
from antiphon.search.indexes.current import current_index
from tests.helpers.libraries.made_vectors import make_library, write_vectors

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fused") / "library"
    make_library(root, names=("one", "two"), test=12)
    train_all(root, ["one", "two"], text="words", config=SMALL)
    return root


@pytest.fixture
def trained(made: Path, tmp_path: Path) -> Path:
    """A copy of the library and its two trainings."""
    return shutil.copytree(made, tmp_path / "library")


def test_the_fused_cosine_is_the_weighted_sum_of_the_cosines(trained: Path) -> None:
    result = fuse(trained, ["one", "two"], shares=[1, 3])
    fused = Bundle.load(result.checkpoint)
    pairs = load_pairs(Library(trained), "one,two", "words", "test")
    text, audio = fused.embed_text(pairs.text), fused.embed_audio(pairs.audio)
    np.testing.assert_allclose(np.linalg.norm(audio, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(text, axis=1), 1, rtol=1e-5)
    expected, scales = np.zeros((len(text), len(audio))), []
    for name, share in (("one", 0.25), ("two", 0.75)):
        alone = Bundle.load(trained / "checkpoints" / f"{name}_best_r1.pt")
        own = load_pairs(Library(trained), name, "words", "test")
        scales.append(share / alone.temperature)
        expected += scales[-1] * alone.embed_text(own.text) @ alone.embed_audio(own.audio).T
    np.testing.assert_allclose(text @ audio.T, expected / sum(scales), atol=2e-6)
    assert result.weights == pytest.approx(np.array(scales) / sum(scales))


def test_shares_lean_towards_the_training_that_val_prefers(tmp_path: Path) -> None:
    make_library(tmp_path, names=("good", "bad"), train=60, val=30)
    shutil.rmtree(tmp_path / "embeddings" / "audio" / "bad")
    noise = np.random.default_rng(0).normal(size=(90, 24))
    write_vectors(tmp_path, "audio", "bad", Library(tmp_path).column("track_id").tolist(), noise)
    config = TrainConfig(epochs=8, dim=16, hidden=16, epoch_steps=15, dropout=0.1)
    train_all(tmp_path, ["good", "bad"], text="words", config=config)
    result = fuse(tmp_path, ["good", "bad"])
    assert result.shares[0] > 0.75
    assert sum(result.shares) == pytest.approx(1)


def test_a_fusion_says_what_val_made_of_it(trained: Path) -> None:
    result = fuse(trained, ["one", "two"])
    assert result.val_mrr is not None
    assert result.equal_mrr is not None
    assert result.tried == 22
    bundle = Bundle.load(result.checkpoint)
    assert (bundle.val["val_t2a_MRR"] + bundle.val["val_a2t_MRR"]) / 2 == pytest.approx(result.val_mrr)
    measured = evaluate(trained, result.checkpoint, "val", baselines=False, resamples=50)
    assert measured["t2a"]["MRR"] == pytest.approx(bundle.val["val_t2a_MRR"])
    assert json.loads((trained / "runs" / "one,two" / "fusion.json").read_text())["shares"] == list(result.shares)
    assert any("val MRR" in line for line in result.lines())


def test_alone_means_what_the_training_itself_measured(trained: Path) -> None:
    alone = fuse(trained, ["one", "two"]).alone_mrr
    for name, mrr in alone.items():
        val = Bundle.load(trained / "checkpoints" / f"{name}_best_r1.pt").val
        assert mrr == pytest.approx((val["val_t2a_MRR"] + val["val_a2t_MRR"]) / 2, abs=1e-6)


def test_a_fusion_is_compared_searched_and_saved_like_any_checkpoint(trained: Path) -> None:
    train(trained, "one+two", text="words", config=SMALL)
    path = fuse(trained, ["one", "two"]).checkpoint
    rows = {row.name for row in compare(trained, resamples=50).rows if row.kind == "trained"}
    assert rows == {"one", "two", "one+two", "one,two"}
    dims = [Bundle.load(trained / "checkpoints" / f"{name}_best_r1.pt").dim for name in ("one", "two")]
    assert current_index(trained, path, "one,two").vectors.shape == (64, sum(dims) + 2)  # hubness has two more
    assert best_checkpoint(trained).exists()
    again = path.with_name("again.pt")
    Bundle.load(path).save(again)
    vectors = np.random.default_rng(0).normal(size=(3, 48))
    np.testing.assert_array_equal(Bundle.load(again).embed_audio(vectors), Bundle.load(path).embed_audio(vectors))


def test_joined_trainings_can_be_fused_with_others(tmp_path: Path) -> None:
    make_library(tmp_path, names=("one", "two", "three"))
    train_all(tmp_path, ["one+two", "three"], text="words", config=SMALL)
    result = fuse(tmp_path, ["one+two", "three"])
    assert [p.encoder for p in Bundle.load(result.checkpoint).audio_provenance.sources] == ["one", "two", "three"]


def test_without_val_shares_are_equal(tmp_path: Path) -> None:
    make_library(tmp_path, names=("one", "two"), val=0)
    train_all(tmp_path, ["one", "two"], text="words", config=SMALL)
    result = fuse(tmp_path, ["one", "two"])
    assert result.shares == (0.5, 0.5)
    assert result.val_mrr is None
    assert "nothing to choose" in result.lines()[1]


def test_the_temperature_has_the_lowest_val_loss_of_those_tried(trained: Path) -> None:
    bundle = Bundle.load(fuse(trained, ["one", "two"]).checkpoint)
    pairs = load_pairs(Library(trained), "one,two", "words", "val")
    sides = (pairs.text, pairs.audio, pairs.track_of_caption, pairs.text_id)
    chosen = bundle.loss(*sides)
    for factor in (0.5, 2.0):
        with torch.no_grad():
            bundle.space.log_scale += float(np.log(factor))
        assert bundle.loss(*sides) >= chosen
        with torch.no_grad():
            bundle.space.log_scale -= float(np.log(factor))


@pytest.mark.parametrize(("parts", "steps", "count"), [(2, 20, 21), (3, 10, 66), (4, 6, 84)])
def test_simplex_holds_every_share_once(parts: int, steps: int, count: int) -> None:
    points = {tuple(np.round(p * steps).astype(int)) for p in simplex(parts, steps)}
    brute = {p for p in np.ndindex(*([steps + 1] * parts)) if sum(p) == steps}
    assert points == brute
    assert len(points) == count


def test_equal_shares_weigh_by_scale(trained: Path) -> None:
    bundles = [Bundle.load(trained / "checkpoints" / f"{n}_best_r1.pt") for n in ("one", "two")]
    weights = weights_of(np.array([0.5, 0.5]), [bundle.temperature for bundle in bundles])
    assert weights[0] / weights[1] == pytest.approx(bundles[1].temperature / bundles[0].temperature)


@pytest.mark.parametrize("shares", [[1.0], [1.0, -1.0], [0.0, 0.0], [1.0, float("nan")]])
def test_shares_that_do_not_fit_are_refused(trained: Path, shares: list[float]) -> None:
    with pytest.raises(ConfigError, match="need 2 shares"):
        fuse(trained, ["one", "two"], shares=shares)


def test_fewer_than_two_are_refused(trained: Path) -> None:
    with pytest.raises(ConfigError, match="2 to 8"):
        fuse(trained, ["one"])


def test_one_that_was_not_trained_is_named(trained: Path) -> None:
    with pytest.raises(CheckpointError, match="three_best_r1"):
        fuse(trained, ["one", "three"])


def test_the_same_training_twice_is_refused(trained: Path) -> None:
    with pytest.raises(ConfigError, match="each once"):
        fuse(trained, ["one", "one"])


def test_two_trainings_of_one_encoder_are_fused_under_their_names(trained: Path) -> None:
    train(trained, "one", text="words", name="one-again", config=replace(SMALL, seed=1))
    bundle = Bundle.load(fuse(trained, ["one", "one-again"]).checkpoint)
    assert (bundle.run, bundle.encoder) == ("one,one-again", "one,one")
    found = evaluate(trained, trained / "checkpoints" / "one,one-again_best_r1.pt", "val", resamples=20)
    assert (found["name"], set(found["baselines"])) == ("one,one-again", {"ridge", "cca"})


def test_trainings_on_other_splits_are_refused(trained: Path) -> None:
    path = trained / "checkpoints" / "two_best_r1.pt"
    state = torch.load(path, weights_only=True)
    torch.save({**state, "split_fingerprint": "other"}, path)
    with pytest.raises(CheckpointError, match="different splits"):
        fuse(trained, ["one", "two"])


def test_trainings_on_other_text_vectors_are_refused(trained: Path) -> None:
    path = trained / "checkpoints" / "two_best_r1.pt"
    state = torch.load(path, weights_only=True)
    state["text_provenance"]["prompt"] = "query: "
    torch.save(state, path)
    with pytest.raises(EmbeddingError, match="prompt"):
        fuse(trained, ["one", "two"])


def test_training_under_a_late_name_is_refused_and_fuse_is_named(trained: Path) -> None:
    with pytest.raises(ConfigError, match="antiphon fuse one two"):
        train(trained, "one,two", text="words", config=SMALL)
