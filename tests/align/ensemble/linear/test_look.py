"""The look inside train finds which closed forms a set asks for, and never at a high price."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.quality.captioned import Captioned
from benchmarks.sizes.made import make

from antiphon.align.closed_form.kernel_cca import fit_kernel_cca
from antiphon.align.closed_form.linear_cca import RIDGES, Settings, ccas_with, each_cca
from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.ensemble.linear import look as look_module
from antiphon.align.ensemble.linear.linear_space import LinearCCAs
from antiphon.align.ensemble.linear.look import (
    AVERAGED,
    DEALS,
    NOT_MEASURED,
    SHARES,
    STANDARD_ERRORS,
    Look,
    axes_of,
    best_share,
    look,
)
from antiphon.align.inference import embed_pairs
from antiphon.metrics.retrieval import mean_mrr


def _pairs(made: Captioned) -> PairSet:
    return PairSet(Rows.all_of(made.audio), Rows.all_of(made.text), made.track_of_caption, made.text_id)


def _looked(made: Captioned, groups: np.ndarray | None = None) -> Look:
    def kernel(some: PairSet):  # type: ignore[no-untyped-def]
        return fit_kernel_cca(
            some.text.raw(slice(None)).numpy(), some.audio.raw(slice(None)).numpy(), some.track_of_caption
        )

    return look(_pairs(made), made.groups if groups is None else groups, kernel)


@pytest.fixture(scope="module")
def plain() -> Captioned:
    """Linear, with much noise: kernel CCAs are far below a linear one."""
    return make("noisy", 400, seed=1, size=128)


def test_directions_that_are_plain_call_for_a_linear_cca(plain: Captioned) -> None:
    found = _looked(plain)
    assert found.share >= 0.75


def test_a_few_informative_numbers_of_many_do_not() -> None:
    found = _looked(make("layers", 200, seed=1))
    assert found.share == 0


@pytest.mark.parametrize("tracks", [39, 60])
def test_few_tracks_or_few_groups_are_not_looked_at(tracks: int) -> None:
    made = make("clear", tracks, seed=0, size=32)
    assert _looked(made, np.arange(tracks) if tracks < 40 else np.arange(tracks) % 5) is NOT_MEASURED


@pytest.mark.parametrize(
    "found",
    [NOT_MEASURED, Look(0.0, (Settings(1.0, 32, 0.5),)), Look(0.25, (Settings(3, 64, 2.0), Settings(1, 32, 0)))],
)
def test_what_was_found_is_what_a_checkpoint_keeps(found: Look) -> None:
    assert Look.from_figures({"epoch": 3, **found.figures}) == found
    assert Look.from_figures({"epoch": 3}) is None  # of a version that did not keep it


def test_a_checkpoint_of_a_version_that_kept_one_linear_cca_is_read() -> None:
    kept = {"linear_cca_share": 0.5, "linear_cca_ridge": 3.0, "linear_cca_dims": 64, "linear_cca_power": 1.0}
    assert Look.from_figures(kept) == Look(0.5, (Settings(3.0, 64, 1.0),))


def test_the_closed_forms_are_what_the_look_finds(plain: Captioned) -> None:
    train, test = (plain.only(np.isin(plain.groups, part)) for part in np.array_split(np.unique(plain.groups), 2))
    pairs, held = _pairs(train), _pairs(test)
    found = _looked(train)
    both, looked = fit_closed_forms(pairs, groups=train.groups)
    assert looked == found
    assert 0 < found.share < 1
    assert Ensemble(both).weights == pytest.approx([1 - found.share, found.share])
    assert both.audio.spec.members[1].dims == tuple(each.dims for each in found.settings)
    assert len(found.settings) == AVERAGED
    kernel = fit_closed_forms(pairs, groups=np.zeros(len(train.audio), int)).space  # one group: nothing to hold out
    assert mean_mrr(embed_pairs(both, held), held) > 1.1 * mean_mrr(embed_pairs(kernel, held), held)


@pytest.mark.parametrize("size", [16, 48])
def test_dimensions_that_the_data_cannot_fill_are_not_asked_and_the_best_is_not_missed(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make("clear", 120, seed=3, size=size)
    found, asked = _looked(made), []
    monkeypatch.setattr(look_module, "_different", lambda folds: asked.extend(folds[0].linear) or folds[0].linear)
    assert _looked(made).settings[0] == found.settings[0]
    assert max(each.dims for each in found.settings) == (32 if size == 16 else 64)  # no setting twice under two names
    assert len(asked) == len(RIDGES) * len(look_module.DIMS) * len(look_module.POWERS)


def _learned_from(made: Captioned) -> list[frozenset[bytes]]:
    """The tracks, by their vectors, that each fold of a look learns from."""
    found = []

    def kernel(some: PairSet):  # type: ignore[no-untyped-def]
        found.append(frozenset(row.numpy().tobytes() for row in some.audio.raw(slice(None))))
        text, audio = (side.raw(slice(None)).numpy() for side in (some.text, some.audio))
        return fit_kernel_cca(text, audio, some.track_of_caption)

    look(_pairs(made), made.groups, kernel)
    return found


@pytest.mark.parametrize(("asked", "folds"), [(1, 1), (70, 4), (90, 5), (10**6, 4 * DEALS)])
def test_folds_are_fitted_and_dealt_again_until_enough_is_asked(
    asked: int, folds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_module, "ASKED", asked)
    learned = _learned_from(make("clear", 80, seed=3, size=16))
    assert len(learned) == len(set(learned)) == folds


def test_of_many_tracks_half_are_looked_at_and_few_of_them_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MOST", 40), ("HELD", 10), ("ASKED", 1)):
        monkeypatch.setattr(look_module, name, value)
    (learned,) = _learned_from(make("clear", 120, seed=3, size=16))
    assert 60 - 20 <= len(learned) < 60


def test_the_best_share_is_that_of_a_slow_twin() -> None:
    rng = np.random.default_rng(0)
    for trial in range(20):
        clusters = rng.integers(0, 30, 100)
        together = rng.normal(size=30)[clusters]
        by_share = np.stack([share * (0.02 * trial - 0.2 + 0.3 * together + rng.normal(size=100)) for share in SHARES])
        scores = []
        for values in by_share:
            gain = values - by_share[0]
            spread = sum(sum(gain[clusters == c] - gain.mean()) ** 2 for c in range(30)) ** 0.5 / 100
            scores.append(gain.mean() - STANDARD_ERRORS * spread)
        assert best_share(by_share, clusters) == SHARES[int(np.argmax(scores))]


def test_each_cca_is_the_one_that_is_fitted_with_its_settings(plain: Captioned) -> None:
    axes, settings = axes_of(_pairs(plain)), Settings(1.0, 32, 0.5)
    (form,) = ccas_with(axes, [settings])
    found = dict(each_cca(axes, plain.text, plain.audio, dims=(16, 32), powers=(0.0, 0.5)))[settings]
    for side, own in zip(("text", "audio"), found, strict=True):
        np.testing.assert_allclose(own, getattr(form, f"embed_{side}")(getattr(plain, side)), atol=1e-4)


def test_the_cosine_of_their_space_is_the_mean_of_theirs(plain: Captioned) -> None:
    pairs = _pairs(plain)
    settings = [Settings(1.0, 32, 0.5), Settings(10.0, 16, 0.0), Settings(1.0, 64, 2.0)]
    forms = ccas_with(axes_of(pairs), settings)
    text, audio = embed_pairs(LinearCCAs(forms=forms).space(), pairs)
    each = [form.embed_text(plain.text) @ form.embed_audio(plain.audio).T for form in forms]
    np.testing.assert_allclose(text @ audio.T, np.mean(each, axis=0), atol=1e-4)
