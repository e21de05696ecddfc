"""Hubness correction from training to search: what a checkpoint stores, and all that ranks by it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import text_rows
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.hubness.correction import scored
from antiphon.align.hubness.fit import NEIGHBOURS, WEIGHT, fit_hubness
from antiphon.align.train import train
from antiphon.align.training.results.history import EpochRecord
from antiphon.arrays import Embeddings
from antiphon.errors import ConfigError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from antiphon.evaluate.console import side_by_side
from antiphon.evaluate.split_vectors import Splits
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.metrics.retrieval import mean_of_directions, rank_both
from antiphon.search.indexes.exact import open_index
from antiphon.search.searcher import Searcher
from tests.helpers.encoders.tiny_sentence_model import make_described_library, save_sentence_model
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.losses.hubness_cases import naive_crowding

SMALL = TrainConfig(epochs=2, dim=4, hidden=4, epoch_steps=2, closed_form="none")
ALWAYS = replace(SMALL, hubness="always")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("library")
    make_library(root, test=12, names=("one", "two"))
    train(root, "one", text="words", config=ALWAYS)
    train(root, "two", text="words", config=SMALL)
    return root


def test_it_changes_no_weight_of_the_heads(trained: Path, tmp_path: Path) -> None:
    make_library(tmp_path, test=12, names=("one", "two"))
    train(tmp_path, "one", text="words", config=SMALL)
    plain, corrected = (Bundle.load(root / "checkpoints" / "one_last.pt") for root in (tmp_path, trained))
    for key, value in plain.space.state_dict().items():
        assert torch.equal(value, corrected.space.state_dict()[key])
    assert corrected.hubness is not None
    assert (corrected.hubness.weight, corrected.hubness.neighbours) == (WEIGHT, NEIGHBOURS)
    assert corrected.val["val_t2a_MRR"] != plain.val["val_t2a_MRR"]


def test_without_it_nothing_is_stored_and_scores_are_cosines_to_the_bit(trained: Path) -> None:
    bundle = Bundle.load(trained / "checkpoints" / "two_best_r1.pt")
    assert "hubness" not in torch.load(trained / "checkpoints" / "two_best_r1.pt", weights_only=True)
    audio, text = (np.random.default_rng(0).normal(size=(5, size)).astype(np.float32) for size in (24, 16))
    assert np.array_equal(bundle.score_audio(audio), bundle.embed_audio(audio))
    assert np.array_equal(bundle.score_text(text), bundle.embed_text(text))
    assert bundle.score_dim == bundle.dim


def test_saved_and_loaded_it_scores_to_the_same_bits(trained: Path, tmp_path: Path) -> None:
    bundle = Bundle.load(trained / "checkpoints" / "one_best_r1.pt")
    bundle.save(tmp_path / "copy.pt")
    copy = Bundle.load(tmp_path / "copy.pt")
    audio, text = (np.random.default_rng(0).normal(size=(5, size)).astype(np.float32) for size in (24, 16))
    for mine, theirs in (
        (bundle.score_audio(audio), copy.score_audio(audio)),
        (bundle.score_text(text), copy.score_text(text)),
    ):
        assert mine.shape == (5, bundle.dim + 2) == (5, bundle.score_dim)
        assert np.array_equal(mine, theirs)
    assert np.array_equal(bundle.score_audio(audio)[:, : bundle.dim], bundle.embed_audio(audio))


def test_a_checkpoint_from_before_it_loads_without(trained: Path, tmp_path: Path) -> None:
    state = torch.load(trained / "checkpoints" / "two_last.pt", weights_only=True)
    state["config"] = {key: value for key, value in state["config"].items() if not key.startswith("hubness")}
    torch.save({**state, "format": 1}, tmp_path / "old.pt")
    bundle = Bundle.load(tmp_path / "old.pt")
    assert (bundle.hubness, bundle.config.hubness) == (None, "none")


def test_going_on_ends_where_a_run_that_never_stopped_ends(trained: Path, tmp_path: Path) -> None:
    make_library(tmp_path, test=12, names=("one", "two"))

    def stop(record: EpochRecord) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="Epoch 1 of 2 is saved"):
        train(tmp_path, "one", text="words", config=ALWAYS, on_epoch=stop)
    train(tmp_path, "one", text="words", resume=True)
    for kind in ("best_r1", "best_loss", "last"):
        again, whole = (Bundle.load(root / "checkpoints" / f"one_{kind}.pt") for root in (tmp_path, trained))
        assert again.hubness is not None
        assert whole.hubness is not None
        assert np.array_equal(again.hubness.text, whole.hubness.text)
        assert np.array_equal(again.hubness.audio, whole.hubness.audio)
        levels = again.hubness.text_level, again.hubness.audio_level
        assert levels == (whole.hubness.text_level, whole.hubness.audio_level)
        assert again.val["val_t2a_MRR"] == whole.val["val_t2a_MRR"]


def test_the_history_says_what_evaluation_finds_again(trained: Path) -> None:
    path = trained / "checkpoints" / "one_best_r1.pt"
    bundle = Bundle.load(path)
    result = evaluate(trained, path, "val", baselines=False, resamples=100)
    for way in ("t2a", "a2t"):
        assert result[way]["MRR"] == bundle.val[f"val_{way}_MRR"]
        assert result[way]["MRR"] != result["uncorrected"][way]["MRR"]


def test_evaluation_shows_it_with_and_without(trained: Path) -> None:
    path = trained / "checkpoints" / "one_best_r1.pt"
    bundle, pairs = Bundle.load(path), load_pairs(Library(trained), "one", "words", "test")
    result = evaluate(trained, path, baselines=False, resamples=100)
    for figures, text, audio in (
        (result, bundle.score_text(pairs.text), bundle.score_audio(pairs.audio)),
        (result["uncorrected"], bundle.embed_text(pairs.text), bundle.embed_audio(pairs.audio)),
    ):
        ranked = rank_both(text, audio, pairs.track_of_caption, pairs.text_id)
        assert figures["t2a"]["MRR"] == pytest.approx(float(np.mean(1 / ranked["t2a"])))
        assert figures["a2t"]["MRR"] == pytest.approx(float(np.mean(1 / ranked["a2t"])))
    assert (result["uncorrected"]["weight"], result["uncorrected"]["neighbours"]) == (WEIGHT, NEIGHBOURS)
    gain = result["uncorrected"]["training_minus_uncorrected"]["mean"]["MRR"]["difference"]
    assert gain != 0
    assert gain == pytest.approx(mean_of_directions(result) - mean_of_directions(result["uncorrected"]))
    assert any(line.startswith("    no hubness correction") for line in side_by_side(result))
    assert "uncorrected" not in evaluate(trained, trained / "checkpoints" / "two_best_r1.pt", baselines=False)


def test_parts_are_corrected_in_their_own_space(tmp_path: Path) -> None:
    make_library(tmp_path, test=30)
    train(tmp_path, "made", text="words", config=replace(ALWAYS, closed_form="cca"))
    path = tmp_path / "checkpoints" / "made_best_r1.pt"
    bundle, pairs = Bundle.load(path), load_pairs(Library(tmp_path), "made", "words", "test")
    assert bundle.hubness is not None
    border, crowd = bundle.dim - 4, bundle.hubness
    parts = evaluate(tmp_path, path, baselines=False, resamples=100)["parts"]
    for name, own in (("closed_forms", slice(border)), ("trained_heads", slice(border, None))):
        if not parts[name]["share"]:
            continue
        sides = bundle.embed_text(pairs.text), bundle.embed_audio(pairs.audio), crowd.text, crowd.audio
        root = parts[name]["share"] ** 0.5
        text, audio, words, sound = (side[:, own].astype(np.float32) / root for side in sides)
        correction = fit_hubness(Embeddings(words, sound))
        ranked = rank_both(*scored(Embeddings(text, audio), correction), pairs.track_of_caption, pairs.text_id)
        assert parts[name]["t2a"]["MRR"] == pytest.approx(float(np.mean(1 / ranked["t2a"])), abs=2e-3)
        assert parts[name]["a2t"]["MRR"] == pytest.approx(float(np.mean(1 / ranked["a2t"])), abs=2e-3)


def test_a_comparison_ranks_by_corrected_scores(trained: Path) -> None:
    row = next(row for row in compare(trained, baselines=False, resamples=100).rows if row.name == "one")
    found = evaluate(trained, trained / "checkpoints" / "one_best_r1.pt", baselines=False, resamples=100)
    assert row.figures["t2a"]["MRR"] == found["t2a"]["MRR"]
    assert row.figures["t2a"]["MRR"] != found["uncorrected"]["t2a"]["MRR"]
    assert row.shared_bytes_per_track == 4 * Bundle.load(trained / "checkpoints" / "one_best_r1.pt").score_dim


class Words:
    """A text encoder that knows a few vectors by heart."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors

    def encode(self, texts: list[str]) -> np.ndarray:
        return self.vectors[[int(text) for text in texts]]


def test_search_gives_what_comparing_everything_gives(trained: Path) -> None:
    searcher = Searcher(trained, trained / "checkpoints" / "one_best_r1.pt")
    stored = open_vectors(trained / "embeddings" / "text" / "words").matrix[:6].astype(np.float32)
    searcher.model._text_encoder = Words(stored)  # type: ignore[assignment]
    bundle, hubness = searcher.model.bundle, searcher.model.bundle.hubness
    assert hubness is not None
    ids = open_index(trained).track_ids.tolist()
    tracks = bundle.embed_audio(open_vectors(trained / "embeddings" / "audio" / "one").take(ids))
    cosines = bundle.embed_text(stored) @ tracks.T
    for query in range(6):
        own = naive_crowding(bundle.embed_text(stored)[query], hubness.audio, NEIGHBOURS) - hubness.text_level
        scores = {
            track_id: cosines[query, row]
            - WEIGHT * (naive_crowding(tracks[row], hubness.text, NEIGHBOURS) - hubness.audio_level)
            - WEIGHT * own
            for row, track_id in enumerate(ids)
        }
        hits = searcher.search(str(query), k=7)
        assert [hit.track_id for hit in hits] == sorted(ids, key=lambda t: -scores[t])[:7]
        assert [hit.score for hit in hits] == pytest.approx([scores[hit.track_id] for hit in hits], abs=1e-5)
        assert abs(hits[0].score) <= 1
    alike = searcher.similar(ids[0], k=3)
    assert alike[0].score == pytest.approx(float(np.sort(tracks[1:] @ tracks[0])[-1]), abs=1e-5)
    assert searcher.model.embed_text(["0"]).shape == (1, bundle.dim)


def test_a_fusion_is_corrected_by_a_reference_in_its_own_space(trained: Path) -> None:
    result = fuse(trained, ["one", "two"])
    bundle = Bundle.load(result.checkpoint)
    assert bundle.hubness is not None
    assert bundle.hubness.audio.shape == (40, bundle.dim)
    space = Splits(trained).vectors(bundle, "val")
    ranked, plain = space.ranked, space.only(bundle.dim).ranked
    assert not np.array_equal(ranked["t2a"], plain["t2a"])
    assert float(np.mean(1 / ranked["t2a"])) == pytest.approx(bundle.val["val_t2a_MRR"])
    assert float(np.mean([np.mean(1 / plain[way]) for way in ("t2a", "a2t")])) == pytest.approx(result.val_mrr)
    fused = fuse(trained, ["two", "one"])  # the first one's settings decide
    assert Bundle.load(fused.checkpoint).hubness is None


def test_tracks_that_stay_in_the_encoder_s_space_are_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="identity audio head"):
        TrainConfig(hubness="always", audio_head="identity")
    make_library(tmp_path)
    train(tmp_path, "made", text="words", config=replace(SMALL, audio_head="identity"))
    assert Bundle.load(tmp_path / "checkpoints" / "made_last.pt").hubness is None


def test_it_needs_no_val_split(tmp_path: Path) -> None:
    make_library(tmp_path, val=0)
    train(tmp_path, "made", text="words", config=ALWAYS)
    assert Bundle.load(tmp_path / "checkpoints" / "made_last.pt").hubness is not None


def test_a_text_encoder_that_learns_is_corrected_with_its_own_vectors(tmp_path: Path) -> None:
    pytest.importorskip("peft")
    root = tmp_path / "library"
    words = make_described_library(root, save_sentence_model(tmp_path / "model"))
    small = replace(ALWAYS, batch_size=16, finetune_text="lora", finetune_epochs=2, finetune_layers=2, finetune_lr=0.01)
    result = train(root, "made", text=words, config=small)
    bundle = Bundle.load(result.checkpoints["best_r1"])
    assert bundle.hubness is not None
    assert bundle.hubness.text.shape[1] == bundle.dim
    found = evaluate(root, result.checkpoints["best_r1"], "val", baselines=False, resamples=100)
    assert mean_of_directions(found) == pytest.approx((bundle.val["val_t2a_MRR"] + bundle.val["val_a2t_MRR"]) / 2)
    pairs = load_pairs(Library(root), "made", words, "train")
    crowd = text_rows(bundle, pairs.text, list(pairs.texts)).raw(slice(None)).numpy()
    kept = np.sort(bundle.hubness.text.astype(np.float32), axis=0)
    np.testing.assert_allclose(np.sort(bundle.embed_text(crowd), axis=0), kept, atol=2e-3)
    assert Searcher(root, result.checkpoints["best_r1"]).search("slow piano", k=1)[0].rank == 1
