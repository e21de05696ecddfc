"""Closed forms beside trained heads: one space whose cosine is the weighted mean of its members'."""

from pathlib import Path

import numpy as np
import pytest
import torch
from made_vectors import make_library

from antiphon.align.anchor import USUAL_SHARE, Anchored, choose_share, fit_anchor, mean_mrr, side_by_side, worthwhile
from antiphon.align.checkpoint import Bundle
from antiphon.align.closed_form import cca_family, fit_cca
from antiphon.align.config import TrainConfig
from antiphon.align.prepare import Material, fresh_space, read_material, settle
from antiphon.align.train import train
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library

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


def test_the_best_few_on_val_are_kept_and_their_mean_is_reported(material: Material) -> None:
    assert material.val is not None
    anchor = fit_anchor(material.train, material.val)
    val = load_pairs(Library(material.root), "made", "words", "val")
    vectors = [(form.embed_text(val.text), form.embed_audio(val.audio)) for form in anchor.forms]
    assert len(vectors) == 5
    slow = sum(text @ audio.T for text, audio in vectors) / 5
    text, audio = side_by_side(vectors, [0.2] * 5)
    np.testing.assert_allclose(text @ audio.T, slow, atol=1e-6)
    assert anchor.val_mrr == mean_mrr(text, audio, material.val)
    assert anchor.val_mrr > 0.5


def test_without_val_a_fixed_few_are_kept(material: Material) -> None:
    anchor = fit_anchor(material.train, None)
    assert [(f.settings["ridge"], f.settings["power"]) for f in anchor.forms] == [(1, 2), (3, 2), (10, 2)]
    assert anchor.val_mrr is None


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
    closed = sum(form.embed_text(val.text) @ form.embed_audio(val.audio).T for form in anchor.forms) / len(anchor.forms)
    np.testing.assert_allclose(whole, USUAL_SHARE * closed + (1 - USUAL_SHARE) * mine, atol=2e-3)


def test_the_usual_share_is_left_only_for_a_clear_gain(material: Material) -> None:
    assert material.val is not None
    rng = np.random.default_rng(0)
    n, m = len(material.val.audio), len(material.val.text)
    noise = unit(rng.normal(size=(m, 8))), unit(rng.normal(size=(n, 8)))
    perfect = np.eye(n, dtype=np.float32)[material.val.track_of_caption], np.eye(n, dtype=np.float32)
    assert choose_share(perfect, perfect, material.val) == USUAL_SHARE
    assert choose_share(noise, perfect, material.val) == USUAL_SHARE  # already right at the usual share
    contrary = -perfect[0], perfect[1]
    assert choose_share(perfect, contrary, material.val) < USUAL_SHARE
    weak = side_by_side([perfect, noise], [0.02, 0.98])
    assert choose_share(weak, contrary, material.val) < choose_share(contrary, weak, material.val)


def test_training_says_what_the_closed_forms_alone_were_worth(tmp_path: Path) -> None:
    make_library(tmp_path)
    result = train(tmp_path, "made", text="words", config=SMALL)
    bundle = Bundle.load(result.checkpoints["best_r1"])
    assert 0 < bundle.val["closed_form_val_MRR"] <= 1
    assert 0 <= bundle.val["closed_form_share"] <= 1
    assert bundle.space.audio.spec.kind == "late"


def test_none_leaves_the_trained_heads_alone(tmp_path: Path) -> None:
    make_library(tmp_path)
    settings = TrainConfig(epochs=1, dim=8, hidden=8, closed_form="none")
    bundle = Bundle.load(train(tmp_path, "made", text="words", config=settings).checkpoints["last"])
    assert bundle.space.audio.spec.kind == "mlp"
    assert "closed_form_share" not in bundle.val


def test_closed_forms_are_fitted_unasked_only_where_that_is_quick() -> None:
    assert worthwhile(400, 2530)
    assert worthwhile(5000, 576)
    assert not worthwhile(5000, 76_800)
    assert not worthwhile(1_000_000, 512)
