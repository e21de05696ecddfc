"""Linear CCAs along the leading axes of wide vectors, against those of the vectors themselves."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.quality.captioned import Captioned
from benchmarks.sizes.made import make

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.linear_cca import Settings, ccas_with
from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.ensemble.linear import leading as leading_module
from antiphon.align.ensemble.linear.leading import Leading, fit_linear_ccas
from antiphon.align.ensemble.linear.look import NOT_MEASURED, axes_of
from antiphon.align.inference import embed_pairs
from antiphon.arrays import Embeddings
from antiphon.metrics.retrieval import mean_mrr

SETTINGS = [Settings(10.0, 32, 1.0)]


def _pairs(made: Captioned) -> PairSet:
    return PairSet(Rows.all_of(made.audio), Rows.all_of(made.text), made.track_of_caption, made.text_id)


@pytest.fixture(scope="module")
def split() -> tuple[Captioned, Captioned]:
    """Train and test of wide vectors, far from the origin and of different spreads."""
    made = make("noisy", 500, seed=1, size=600)
    rng = np.random.default_rng(0)
    audio = made.audio.astype(np.float32) * rng.uniform(0.5, 2, 600) + rng.uniform(-3, 3, 600)
    made = Captioned(**{**vars(made), "audio": audio.astype(np.float32)})
    return tuple(made.only(np.isin(made.groups, part)) for part in np.array_split(np.unique(made.groups), [160]))


def _embedded(train: PairSet, test: Captioned) -> tuple[Embeddings, Embeddings]:
    """By the CCA of the vectors themselves, and by that along their leading axes."""
    (whole,) = ccas_with(axes_of(train), SETTINGS)
    weights = CaptionWeights.evenly(train.track_of_caption, len(train.audio))
    words = train.text.raw(slice(None)).numpy()
    along = fit_linear_ccas(words, train.audio, weights, SETTINGS, Leading.from_rows(train.audio)).space()
    return Embeddings(whole.embed_text(test.text), whole.embed_audio(test.audio)), embed_pairs(along, _pairs(test))


def test_along_all_axes_it_is_the_cca_of_the_vectors_themselves(split: tuple[Captioned, Captioned]) -> None:
    train, test = split
    whole, along = _embedded(_pairs(train), test)
    np.testing.assert_allclose(along.text @ along.audio.T, whole.text @ whole.audio.T, atol=2e-3)


def test_a_few_axes_found_on_some_tracks_keep_what_captions_tell(
    split: tuple[Captioned, Captioned], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MOST", "FEWEST"):
        monkeypatch.setattr(leading_module, name, 64)
    train, test = split
    whole, along = (mean_mrr(each, test) for each in _embedded(_pairs(train), test))
    assert along > 0.9 * whole > 20 / len(test.audio)


@pytest.mark.parametrize(("quick", "axes"), [(0, 5), (300 * 600 * 7, 7), (10**12, 9)])
def test_axes_are_as_many_as_time_is_given_for(quick: int, axes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MOST", 9), ("FEWEST", 5), ("QUICK", quick)):
        monkeypatch.setattr(leading_module, name, value)
    rows = Rows.all_of(np.random.default_rng(0).standard_normal((300, 600)).astype(np.float16))
    assert Leading.from_rows(rows).coordinates.matrix.shape == (300, axes)


def test_where_a_covariance_takes_long_a_look_is_taken_all_the_same(
    split: tuple[Captioned, Captioned], monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = split
    pairs, held = _pairs(train), _pairs(test)
    monkeypatch.setattr(leading_module, "quick_to_fit", lambda *_: False)
    found = fit_closed_forms(pairs, groups=train.groups)
    assert found.look.share > 0
    kernel = fit_closed_forms(pairs, measured=NOT_MEASURED)
    assert mean_mrr(embed_pairs(found.space, held), held) > 1.1 * mean_mrr(embed_pairs(kernel.space, held), held)
    again = fit_closed_forms(pairs, measured=found.look).space
    for side, twin in zip(embed_pairs(found.space, held), embed_pairs(again, held), strict=True):
        np.testing.assert_array_equal(side, twin)
