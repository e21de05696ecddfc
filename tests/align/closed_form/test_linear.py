"""CCA and ridge against scikit-learn, against their definitions, and in both shapes of data: narrow and wide."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cross_decomposition import CCA
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from antiphon.align.closed_form import linear_cca
from antiphon.align.closed_form.linear_cca import DIMS, Settings, ccas_with, choose_cca, fit_cca
from antiphon.align.closed_form.linear_form import Axes, LinearForm
from antiphon.align.closed_form.linear_ridge import choose_ridge, fit_ridge
from antiphon.align.closed_form.principal import Principal, Scaling
from antiphon.arrays import Embeddings
from antiphon.errors import ConfigError
from antiphon.layout import Layout
from antiphon.library.pairs import Pairs
from antiphon.library.vectors.provenance import Provenance
from antiphon.metrics.retrieval import mean_mrr, retrieval

Float = NDArray[np.floating]


def related(
    n: int, d_text: int, d_audio: int, *, captions: int = 1, noise: float = 1.0, seed: int = 0
) -> tuple[Float, Float, NDArray[np.int64]]:
    """Captions and tracks that share four hidden causes; the maps are the same for every seed and n."""
    maps, rng = np.random.default_rng(99), np.random.default_rng(seed)
    to_text, to_audio = maps.standard_normal((4, d_text)), maps.standard_normal((4, d_audio))
    cause, owner = rng.standard_normal((n, 4)), np.repeat(np.arange(n), captions)
    text = cause[owner] @ to_text + noise * rng.standard_normal((n * captions, d_text)) + 3
    audio = 10 * (cause @ to_audio + noise * rng.standard_normal((n, d_audio))) - 5
    return text, audio, owner


def as_pairs(text: Float, audio: Float, owner: NDArray[np.int64]) -> Pairs:
    made = {
        kind: Provenance(encoder=kind, kind=kind, layout=Layout.flat(1), weights_id="none")
        for kind in ("text", "audio")
    }
    return Pairs(
        track_ids=np.arange(len(audio)).astype(str).astype(object),
        audio=audio.astype(np.float16),
        caption_ids=np.arange(len(text)).astype(str).astype(object),
        texts=np.arange(len(text)).astype(str).astype(object),
        text=text.astype(np.float16),
        track_of_caption=owner,
        text_id=np.arange(len(text)),
        kinds=np.full(len(text), "human", object),
        audio_provenance=made["audio"],
        text_provenance=made["text"],
        left_out={},
    )


def cosines(form: LinearForm, text: Float, audio: Float) -> Float:
    return form.embed_text(text) @ form.embed_audio(audio).T


# ---- CCA ----


def test_correlations_equal_those_of_scikit_learn() -> None:
    text, audio, owner = related(400, 8, 12)
    ours = fit_cca(text, audio, owner, dims=5, ridge=0).settings["correlations"]
    x, y = CCA(5, max_iter=5000, tol=1e-12).fit(text, audio).transform(text, audio)
    np.testing.assert_allclose(ours, [np.corrcoef(x[:, i], y[:, i])[0, 1] for i in range(5)], atol=1e-7)


def test_projected_sides_correlate_as_reported_and_not_across() -> None:
    text, audio, owner = related(400, 8, 12)
    form = fit_cca(text, audio, owner, dims=5, ridge=0, power=0)
    near = (text - form.text_mean) / form.text_scale @ form.text_weight
    far = (audio - form.audio_mean) / form.audio_scale @ form.audio_weight
    np.testing.assert_allclose(near.T @ far / 400, np.diag(form.settings["correlations"]), atol=1e-5)
    np.testing.assert_allclose(near.T @ near / 400, np.eye(5), atol=1e-5)


def test_power_weighs_each_direction_by_its_correlation() -> None:
    text, audio, owner = related(100, 6, 7)
    plain, weighted = (fit_cca(text, audio, owner, dims=4, power=p) for p in (0.0, 2.0))
    factor = np.square(plain.settings["correlations"])
    np.testing.assert_allclose(weighted.text_weight, plain.text_weight * factor, rtol=1e-4)
    np.testing.assert_allclose(weighted.audio_weight, plain.audio_weight * factor, rtol=1e-4)


def test_wide_vectors_give_what_the_covariance_would() -> None:
    """30 tracks of 200 numbers through the Gram matrix; the definition through 200 × 200 covariances."""
    text, audio, owner = related(30, 5, 200)
    form = fit_cca(text, audio, owner, dims=4, ridge=0.5, power=0)
    x, y = StandardScaler().fit_transform(text), StandardScaler().fit_transform(audio)

    def whiten(covariance: Float) -> Float:
        values, vectors = np.linalg.eigh(covariance + 0.5 * np.eye(len(covariance)))
        return vectors / np.sqrt(values) @ vectors.T

    near, far = whiten(x.T @ x / 30), whiten(y.T @ y / 30)
    left, correlations, right = np.linalg.svd(near @ (x.T @ y / 30) @ far)
    np.testing.assert_allclose(form.settings["correlations"], correlations[:4], atol=1e-6)
    for ours, theirs in ((form.text_weight, near @ left[:, :4]), (form.audio_weight, far @ right[:4].T)):
        signs = np.sign((ours * theirs).sum(0))
        np.testing.assert_allclose(ours * signs, theirs, atol=1e-5)


def test_captions_share_their_tracks_weight() -> None:
    """Saying everything twice about one track must not make it count twice."""
    text, audio, owner = related(50, 6, 7)
    once = fit_cca(text, audio, owner, dims=4)
    extra = np.concatenate([text, text[:1], text[:1], text[:1]])
    again = fit_cca(extra, audio, np.concatenate([owner, [0, 0, 0]]), dims=4)
    np.testing.assert_allclose(once.settings["correlations"], again.settings["correlations"], atol=1e-10)
    np.testing.assert_allclose(once.text_weight, again.text_weight, atol=1e-5)


def test_tracks_without_captions_change_nothing() -> None:
    text, audio, owner = related(50, 6, 7)
    more = np.concatenate([audio, 1000 * np.ones((3, 7))])
    np.testing.assert_allclose(
        fit_cca(text, audio, owner, dims=4).audio_weight, fit_cca(text, more, owner, dims=4).audio_weight, atol=1e-6
    )


def test_half_precision_vectors_give_nearly_the_same_space() -> None:
    text, audio, owner = related(60, 6, 90)
    full = fit_cca(text, audio, owner, dims=4)
    half = fit_cca(text.astype(np.float16), audio.astype(np.float16), owner, dims=4)
    np.testing.assert_allclose(half.settings["correlations"], full.settings["correlations"], atol=1e-3)


# ---- ridge regression ----


@pytest.mark.parametrize("d_audio", [7, 90])
def test_ridge_towards_text_equals_scikit_learn(d_audio: int) -> None:
    text, audio, owner = related(50, 6, d_audio, captions=2)
    form = fit_ridge(text, audio, owner, penalty=0.7)
    x, y = StandardScaler().fit_transform(audio[owner]), StandardScaler().fit_transform(text)
    peer = Ridge(alpha=0.7 * len(text), fit_intercept=False).fit(x, y)
    predicted = peer.predict(x)
    expected = y @ predicted.T / np.linalg.norm(y, axis=1)[:, None] / np.linalg.norm(predicted, axis=1)
    np.testing.assert_allclose(cosines(form, text, audio[owner]), expected, atol=1e-5)


def test_ridge_towards_audio_equals_scikit_learn() -> None:
    text, audio, owner = related(50, 6, 7, captions=2)
    form = fit_ridge(text, audio, owner, penalty=0.7, towards="audio")
    x, y = StandardScaler().fit_transform(text), StandardScaler().fit_transform(audio[owner])
    predicted = Ridge(alpha=0.7 * len(text), fit_intercept=False).fit(x, y).predict(x)
    expected = predicted @ y.T / np.linalg.norm(predicted, axis=1)[:, None] / np.linalg.norm(y, axis=1)
    np.testing.assert_allclose(cosines(form, text, audio[owner]), expected, atol=1e-5)


# ---- principal axes ----


@pytest.mark.parametrize("shape", [(40, 9), (9, 40)])
def test_axes_give_back_the_standardised_rows(shape: tuple[int, int]) -> None:
    vectors = np.random.default_rng(0).standard_normal(shape) * 4 + 7
    axes = Principal.from_rows(vectors, np.full(shape[0], 1 / shape[0]))
    np.testing.assert_allclose(
        axes.coordinates(vectors) @ axes.basis.T, StandardScaler().fit_transform(vectors), atol=1e-5
    )
    np.testing.assert_allclose(axes.basis.T @ axes.basis, np.eye(len(axes.variance)), atol=1e-6)


def test_many_columns_are_visited_in_slices() -> None:
    """9,000 columns are three slices; the singular values are those of the whole matrix."""
    vectors = np.random.default_rng(0).standard_normal((12, 9000))
    axes = Principal.from_rows(vectors, np.full(12, 1 / 12))
    values = np.linalg.svd(StandardScaler().fit_transform(vectors) / np.sqrt(12), compute_uv=False)
    np.testing.assert_allclose(axes.variance, np.square(values[:11]), rtol=1e-6)


def test_only_the_greatest_axes_are_kept_when_there_are_too_many() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((300, 60)) @ np.diag(0.7 ** np.arange(60)) @ rng.standard_normal((60, 80))
    weights = np.full(300, 1 / 300)
    exact, short = Principal.from_rows(vectors, weights), Principal.from_rows(vectors, weights, max_rank=20)
    assert len(short.variance) == 20
    np.testing.assert_allclose(short.variance[:10], exact.variance[:10], rtol=1e-3)


def test_a_constant_column_is_left_alone() -> None:
    vectors = np.array([[1.0, 5.0], [3.0, 5.0]])
    scaling = Scaling.from_rows(vectors, np.array([0.5, 0.5]))
    assert scaling.scale.tolist() == [1.0, 1.0]
    np.testing.assert_allclose(scaling.apply(vectors, np.float64), [[-1, 0], [1, 0]])


# ---- choice by validation ----


def test_chosen_forms_find_tracks_they_have_not_seen() -> None:
    train = as_pairs(*related(200, 20, 30, captions=2, noise=0.5))
    val = as_pairs(*related(40, 20, 30, captions=2, noise=0.5, seed=1))
    test = as_pairs(*related(40, 20, 30, captions=2, noise=0.5, seed=2))
    for form in (choose_cca(train, val), choose_ridge(train, val), choose_ridge(train, val, towards="audio")):
        figures = retrieval(
            form.embed_text(test.text), form.embed_audio(test.audio), test.track_of_caption, test.text_id
        )
        assert figures["t2a"]["MRR"] > 5 * figures["t2a"]["chance"]["MRR"]


@pytest.mark.parametrize("choose", [choose_cca, choose_ridge])
def test_the_reported_figure_is_that_of_the_chosen_form(choose: object) -> None:
    train, val = as_pairs(*related(80, 10, 100)), as_pairs(*related(30, 10, 100, seed=1))
    form = choose(train, val)  # type: ignore[operator]
    figures = retrieval(form.embed_text(val.text), form.embed_audio(val.audio), val.track_of_caption, val.text_id)
    assert form.settings["val_mrr"] == pytest.approx((figures["t2a"]["MRR"] + figures["a2t"]["MRR"]) / 2, abs=1e-3)
    assert form.settings["tried"] > 5
    assert form.settings["val_tracks"] == len(val.audio)
    axes = Axes.from_pairs(train.text, train.audio, train.track_of_caption)
    again = choose(train, val, axes=axes)  # type: ignore[operator]
    np.testing.assert_array_equal(again.text_weight, form.text_weight)


def test_a_large_val_split_asks_all_of_itself_the_finalists_of_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    train, val = as_pairs(*related(80, 10, 100)), as_pairs(*related(60, 10, 100, seed=1))
    whole = choose_cca(train, val)
    assert "raced_on" not in whole.settings
    monkeypatch.setattr(linear_cca, "RACED_ON", 20)
    raced = choose_cca(train, val)
    assert raced.settings["raced_on"] == 20
    assert (raced.settings["val_tracks"], raced.settings["tried"]) == (60, whole.settings["tried"])
    found = Embeddings(raced.embed_text(val.text), raced.embed_audio(val.audio))
    assert raced.settings["val_mrr"] == pytest.approx(mean_mrr(found, val), abs=1e-3)
    monkeypatch.setattr(linear_cca, "FINALISTS", whole.settings["tried"])
    everyone = choose_cca(train, val)
    assert {**everyone.settings, "raced_on": None} == {**whole.settings, "raced_on": None}


def test_no_more_dimensions_than_the_data_have() -> None:
    text, audio, owner = related(30, 5, 9)
    assert fit_cca(text, audio, owner, dims=max(DIMS)).text_weight.shape == (5, 5)


# ---- what comes out and what is refused ----


def test_embeddings_have_unit_length_and_a_vector_without_content_stays_zero() -> None:
    text, audio, owner = related(30, 5, 9)
    form = fit_cca(text, audio, owner, dims=3)
    np.testing.assert_allclose(np.linalg.norm(form.embed_text(text), axis=1), 1, atol=1e-6)
    assert not form.embed_audio(form.audio_mean[None]).any()


def test_settings_out_of_range_are_refused() -> None:
    text, audio, owner = related(30, 5, 9)
    with pytest.raises(ConfigError, match="no negative ridge"):
        fit_cca(text, audio, owner, ridge=-1)
    with pytest.raises(ConfigError, match="at least one dimension"):
        fit_cca(text, audio, owner, dims=0)
    with pytest.raises(ConfigError, match="penalty above 0"):
        fit_ridge(text, audio, owner, penalty=0)


def test_captions_of_no_track_are_refused() -> None:
    text, audio, owner = related(30, 5, 9)
    with pytest.raises(ValueError, match="one of 29 tracks"):
        fit_cca(text, audio[:29], owner)
    with pytest.raises(ValueError, match="two tracks"):
        fit_cca(text, audio, np.zeros(30, np.int64))


def test_a_family_is_what_single_fits_give() -> None:
    text, audio, owner = related(40, 16, 24, captions=2)
    settings = [Settings(0.3, 5, 1.0), Settings(3.0, 7, 2.0)]
    for form, each in zip(ccas_with(Axes.from_pairs(text, audio, owner), settings), settings, strict=True):
        alone = fit_cca(text, audio, owner, **each._asdict())
        np.testing.assert_allclose(form.text_weight, alone.text_weight, atol=1e-6)
        np.testing.assert_allclose(form.audio_weight, alone.audio_weight, atol=1e-6)
