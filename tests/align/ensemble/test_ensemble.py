"""Closed forms beside trained heads: one space whose cosine is the weighted mean of its members'."""

from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.closed_form.linear_cca import cca_family, fit_cca
from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.data.material import Material, fresh_space, read_material, settle
from antiphon.align.ensemble.ensemble import (
    SHARES,
    USUAL_SHARE,
    Anchored,
    choose_share,
    fit_anchor,
    mean_mrr,
    side_by_side,
)
from antiphon.align.inference import Meter, PairSet
from antiphon.align.train import train
from antiphon.align.training.defaults import worthwhile
from antiphon.arrays import Embeddings
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.metrics import shares
from antiphon.metrics.retrieval import rank_both
from antiphon.metrics.shares import mrr_by_share
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2)


@pytest.fixture
def material(tmp_path: Path) -> Material:
    make_library(tmp_path)
    return read_material(tmp_path, "made", "words")


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def test_a_family_is_what_single_fits_give(material: Material) -> None:
    train_set = material.train
    text, audio = (np.asarray(r.matrix[r.rows]) for r in (train_set.text, train_set.audio))
    settings = [(0.3, 1.0), (3.0, 2.0)]
    for form, (ridge, power) in zip(
        cca_family(text, audio, train_set.track_of_caption, settings, dims=5), settings, strict=True
    ):
        alone = fit_cca(text, audio, train_set.track_of_caption, dims=5, ridge=ridge, power=power)
        np.testing.assert_allclose(form.text_weight, alone.text_weight, atol=1e-6)
        np.testing.assert_allclose(form.audio_weight, alone.audio_weight, atol=1e-6)


def test_what_the_closed_forms_alone_are_worth_is_measured_on_val(material: Material) -> None:
    assert material.val is not None
    anchor = fit_anchor(material.train, material.val)
    val = load_pairs(Library(material.root), "made", "words", "val")
    both = anchor.text.embed(val.text), anchor.audio.embed(val.audio)
    assert anchor.val_mrr == mean_mrr(*both, material.val)
    assert anchor.val_mrr > 0.5
    assert fit_anchor(material.train, None).val_mrr is None


def test_the_cosine_of_the_whole_is_the_weighted_mean_of_closed_forms_and_trained(material: Material) -> None:
    trained = fresh_space(material, settle(SMALL, 40)).eval()
    anchor = fit_anchor(material.train, None)
    space = Anchored(trained, anchor, None).follow(trained)
    val = load_pairs(Library(material.root), "made", "words", "val")
    text, audio = (torch.from_numpy(np.asarray(x, np.float32)) for x in (val.text, val.audio))
    with torch.no_grad():
        whole = (space.text(text) @ space.audio(audio).T).numpy()
        mine = (trained.text(text) @ trained.audio(audio).T).numpy()
        np.testing.assert_allclose(space.text(text).norm(dim=1), 1.0, rtol=1e-5)
    closed = anchor.text.embed(val.text) @ anchor.audio.embed(val.audio).T
    np.testing.assert_allclose(whole, USUAL_SHARE * closed + (1 - USUAL_SHARE) * mine, atol=2e-3)


def test_the_usual_share_is_left_only_for_a_clear_gain(material: Material) -> None:
    assert material.val is not None
    rng = np.random.default_rng(0)
    n, m = len(material.val.audio), len(material.val.text)
    noise = Embeddings(unit(rng.normal(size=(m, 8))), unit(rng.normal(size=(n, 8))))
    same = np.eye(n, dtype=np.float32)
    perfect = Embeddings(same[material.val.track_of_caption], same)
    assert choose_share(perfect, perfect, material.val) == USUAL_SHARE
    assert choose_share(noise, perfect, material.val) == USUAL_SHARE  # already right at the usual share
    contrary = Embeddings(-perfect.text, perfect.audio)
    assert choose_share(perfect, contrary, material.val) < USUAL_SHARE
    weak = side_by_side([perfect, noise], [0.02, 0.98])
    assert choose_share(weak, contrary, material.val) < choose_share(contrary, weak, material.val)


def test_training_says_what_the_closed_forms_alone_were_worth(tmp_path: Path) -> None:
    make_library(tmp_path)
    result = train(tmp_path, "made", text="words", config=SMALL)
    bundle = Bundle.load(result.checkpoints["best_r1"])
    assert 0 < bundle.val["closed_form_val_MRR"] <= 1
    assert 0 <= bundle.val["closed_form_weight"] <= 1
    assert bundle.space.audio.spec.kind == "ensemble"


def test_none_leaves_the_trained_heads_alone(tmp_path: Path) -> None:
    make_library(tmp_path)
    settings = TrainConfig(epochs=1, dim=8, hidden=8, closed_form="none")
    bundle = Bundle.load(train(tmp_path, "made", text="words", config=settings).checkpoints["last"])
    assert bundle.space.audio.spec.kind == "mlp"
    assert "closed_form_weight" not in bundle.val


def test_closed_forms_are_fitted_unasked_only_where_that_is_quick() -> None:
    assert worthwhile(400, 2530)
    assert worthwhile(5000, 576)
    assert worthwhile(5000, 1536)
    assert not worthwhile(5000, 76_800)
    assert not worthwhile(1_000_000, 512)


def _several_captions(n: int, m: int, rng: np.random.Generator) -> PairSet:
    """Tracks with captions of which many are the same text."""
    owner = np.concatenate([np.arange(n), rng.integers(0, n, m - n)])
    empty = Rows.all_of(np.zeros((n, 1), np.float32)), Rows.all_of(np.zeros((m, 1), np.float32))
    return PairSet(*empty, owner, rng.integers(0, m // 2, m))


@pytest.mark.parametrize("block", [7, 1024])
def test_mrr_by_share_is_that_of_the_vectors_side_by_side(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "BLOCK", block)
    rng = np.random.default_rng(1)
    pairs = _several_captions(30, 50, rng)
    spaces = [Embeddings(unit(rng.normal(size=(50, d))), unit(rng.normal(size=(30, d)))) for d in (5, 9)]
    wanted = (0.0, 0.3, 1.0)
    found = mrr_by_share(*spaces, pairs, wanted)
    slow = [mean_mrr(*side_by_side(spaces, [1 - share, share]), pairs) for share in wanted]
    np.testing.assert_allclose(found, slow, rtol=1e-12)


def test_what_a_track_adds_is_its_own_reciprocal_rank_and_those_of_its_captions() -> None:
    rng = np.random.default_rng(3)
    pairs = _several_captions(12, 30, rng)
    space = Embeddings(unit(rng.normal(size=(30, 5))), unit(rng.normal(size=(12, 5))))
    (found,) = shares.tracks_by_share(space, space, pairs, (0.5,))
    ranks = rank_both(*space, pairs.track_of_caption, pairs.text_id)
    for track in range(12):
        asked = sum(1 / ranks["t2a"][caption] for caption in np.flatnonzero(pairs.track_of_caption == track))
        assert found[track] == pytest.approx((asked * 12 / 30 + 1 / ranks["a2t"][track]) / 2)


def test_a_gain_that_a_few_tracks_made_does_not_move_the_share() -> None:
    """By the mean alone another share would win; three lucky tracks of forty are no reason."""
    n = 40
    pairs = PairSet(*(Rows.all_of(np.zeros((n, 1), np.float32)),) * 2, np.arange(n), np.arange(n))
    right, astray = np.eye(n, dtype=np.float32), np.roll(np.eye(n, dtype=np.float32), 1, axis=0)
    for lucky, moved in ((3, False), (30, True)):
        closed = np.where(np.arange(n)[:, None] < lucky, astray, right)
        spaces = Embeddings(right, right), Embeddings(closed, right)
        found = mrr_by_share(*spaces, pairs, SHARES)
        assert max(found) > found[SHARES.index(USUAL_SHARE)]
        assert (choose_share(*spaces, pairs) != USUAL_SHARE) is moved


def test_mrr_by_share_of_what_is_all_the_same_or_no_number_is_the_worst() -> None:
    rng = np.random.default_rng(2)
    n = 20
    pairs = _several_captions(n, n, rng)
    same = Embeddings(unit(np.ones((n, 4))), unit(np.ones((n, 4))))
    nothing = Embeddings(np.full((n, 4), np.nan, np.float32), same.audio)
    expected = mean_mrr(*same, pairs)
    assert mrr_by_share(same, same, pairs, [0.5]) == [pytest.approx(expected)]
    assert mrr_by_share(nothing, same, pairs, [0.5]) == [pytest.approx(expected, abs=0.02)]


def test_measuring_with_members_that_last_gives_the_same_bits(material: Material) -> None:
    trained = fresh_space(material, settle(SMALL, 40)).eval()
    anchored = Anchored(trained, fit_anchor(material.train, material.val), material.val)
    assert material.val is not None
    meters = [
        Meter(material.val, anchored.space, memory_bytes=size, lasting=lasting)
        for size, lasting in ((1e9, False), (1e9, True), (0.0, True))
    ]
    for seed in (0, 1):
        with torch.no_grad():
            for parameter in trained.parameters():
                parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(seed)))
        space = anchored.follow(trained)
        plain, kept, read = (meter(space, kind="infonce") for meter in meters)
        assert plain == kept == read
