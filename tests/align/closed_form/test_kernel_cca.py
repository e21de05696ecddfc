"""Kernel CCA against an obvious implementation, and as a head."""

import numpy as np
import pytest
import scipy.linalg
import torch

from antiphon.align.closed_form import kernel_cca as kernel
from antiphon.align.closed_form.kernel_cca import fit_kernel_cca
from antiphon.align.closed_form.kernel_side import KernelSide
from antiphon.align.closed_form.scaling import SQUASH, squash
from antiphon.align.closed_form.wide import reduction
from antiphon.align.heads.kernel_head import KernelHead, fill_kernel_head, kernel_spec
from antiphon.align.heads.kinds import make_head, spec_from_dict

OWNER = np.array([*range(30), 3, 3, 7])


def made(seed: int = 0, d_audio: int = 9) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    cause = rng.normal(size=(30, 4))
    text = cause[OWNER] @ rng.normal(size=(4, 7)) + 0.3 * rng.normal(size=(len(OWNER), 7))
    return text, np.tanh(cause @ rng.normal(size=(4, d_audio))) + 0.1 * rng.normal(size=(30, d_audio))


def slow_cosines(rate: float, ridge: float, dims: int, factors: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """One form, from the definition: CCA as a generalised eigenproblem on features whose products are the kernel.

    ``factors`` of text's and audio's columns have a twin of their own in ``test_relevance.py``.
    """
    text, audio = made()
    counts = np.bincount(OWNER)
    share = 1 / (counts[OWNER] * len(audio))
    features = []
    sides = (text, share, kernel.TEXT_RATE), (audio, np.full(len(audio), 1 / len(audio)), rate)
    for (x, w, own_rate), factor in zip(sides, factors, strict=True):
        mean = w @ x
        z = squash((x - mean) / np.sqrt(w @ (x - mean) ** 2)) * factor
        distance = np.array([[np.sum((a - b) ** 2) for b in z] for a in z])
        median = np.median(distance[~np.eye(len(z), dtype=bool)])
        values, vectors = np.linalg.eigh(np.exp(-own_rate / median * distance))
        phi = vectors * np.sqrt(np.maximum(values, 0))
        features.append(phi - w @ phi)
    t, a = features
    ct, ca = (t * share[:, None]).T @ t, a.T @ a / len(a)
    cta = (t * share[:, None]).T @ a[OWNER]
    typical = [np.trace(c @ c) / np.trace(c) for c in (ct, ca)]
    ct += ridge * typical[0] * np.eye(len(ct))
    ca += ridge * typical[1] * np.eye(len(ca))
    joint = np.block([[np.zeros_like(ct), cta], [cta.T, np.zeros_like(ca)]])
    values, vectors = scipy.linalg.eigh(joint, scipy.linalg.block_diag(ct, ca))
    values, vectors = values[::-1][:dims], vectors[:, ::-1][:, :dims]
    near, far = (t @ vectors[: len(ct)] * values**2, a @ vectors[len(ct) :] * values**2)
    near, far = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (near, far))
    return np.asarray(near @ far.T)


def test_the_cosine_is_the_mean_over_forms_solved_by_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "FLOOR", 1e-9)
    monkeypatch.setattr(kernel, "DIMS", 5)
    text, audio = made()
    words, sound = fit_kernel_cca(text, audio, OWNER)
    factors = words.balance, sound.balance
    each = [slow_cosines(rate, ridge, 5, factors) for rate in kernel.AUDIO_RATES for ridge in kernel.RIDGES]
    slow = np.mean(each, axis=0)
    assert words.forms == sound.forms == len(kernel.AUDIO_RATES) * len(kernel.RIDGES)
    np.testing.assert_allclose(words.embed(text) @ sound.embed(audio).T, slow, atol=2e-4)


def as_head(side: KernelSide) -> KernelHead:
    spec = spec_from_dict(kernel_spec(side).to_dict())
    head = make_head(spec)
    assert isinstance(head, KernelHead)
    fill_kernel_head(head, side)
    return head.eval()


def test_the_head_gives_what_was_fitted() -> None:
    text, audio = made()
    new_text, new_audio = made(seed=1)
    for side, new in zip(fit_kernel_cca(text, audio, OWNER), (new_text, new_audio), strict=True):
        found = as_head(side)(torch.from_numpy(new.astype(np.float32)))
        np.testing.assert_allclose(found.numpy(), side.embed(new), atol=2e-5)
        np.testing.assert_allclose(found.norm(dim=1), 1, atol=1e-5)


def test_the_head_does_not_depend_on_how_rows_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    head = as_head(fit_kernel_cca(*made(), OWNER)[1])
    rows = torch.randn(11, 9)
    whole = head(rows)
    monkeypatch.setattr("antiphon.align.heads.kernel_head.ROWS", 4)
    torch.testing.assert_close(head(rows), whole)


def test_a_fitted_head_survives_its_state() -> None:
    head = as_head(fit_kernel_cca(*made(), OWNER)[0])
    twin = make_head(head.spec)
    twin.load_state_dict(head.state_dict())
    rows = torch.randn(3, 7)
    torch.testing.assert_close(twin(rows), head(rows), rtol=0, atol=0)


def test_what_is_not_linear_is_found() -> None:
    """Text tells the sign of a cause of which sound has only the size and a linear trace."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 300)
    text = np.stack([np.cos(2 * angle), np.sin(2 * angle)], 1) + 0.05 * rng.normal(size=(300, 2))
    audio = np.stack([np.cos(angle), np.sin(angle)], 1) + 0.05 * rng.normal(size=(300, 2))
    owner = np.arange(200)
    words, sound = fit_kernel_cca(text[:200], audio[:200], owner)
    scores = words.embed(text[200:]) @ sound.embed(audio[200:]).T
    rank = 1 + (scores > np.diag(scores)[:, None]).sum(1)
    assert np.median(rank) < 20  # of 100; CCA on the numbers themselves knows nothing here


def test_parts_have_the_same_say_however_wide() -> None:
    text, audio = made()
    wide = np.concatenate([audio[:, :3], np.repeat(audio[:, 3:], 50, axis=1)], axis=1)
    parts = fit_kernel_cca(text, wide, OWNER, sources=(3, 300))[1]
    narrow = fit_kernel_cca(text, audio, OWNER, sources=(3, 6))[1]
    np.testing.assert_allclose(
        parts.embed(wide) @ parts.embed(wide).T, narrow.embed(audio) @ narrow.embed(audio).T, atol=1e-4
    )


def test_text_sources_have_the_same_say_however_wide() -> None:
    text, audio = made()
    wide = np.concatenate([text[:, :1], np.repeat(text[:, 1:], 50, axis=1)], axis=1)
    more = text.shape[1] - 1
    parts = fit_kernel_cca(wide, audio, OWNER, text_sources=(1, 50 * more))[0]
    narrow = fit_kernel_cca(text, audio, OWNER, text_sources=(1, more))[0]
    np.testing.assert_allclose(
        parts.embed(wide) @ parts.embed(wide).T, narrow.embed(text) @ narrow.embed(text).T, atol=2e-3
    )


def test_wide_vectors_are_compared_as_narrow_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rows that were learned from: of new ones the reduction leaves out what no row that was learned from has."""
    text, audio = made(d_audio=80)
    narrow = fit_kernel_cca(text, audio, OWNER)
    monkeypatch.setattr(kernel, "WIDE", 50)
    monkeypatch.setattr(reduction, "EVENED", 0.0)
    wide = fit_kernel_cca(text, audio, OWNER)
    assert wide.audio.reduction is not None
    whole, along_axes = (form.embed_text(text) @ form.embed_audio(audio).T for form in (narrow, wide))
    assert np.corrcoef(whole.ravel(), along_axes.ravel())[0, 1] > 0.999
    # captions' columns are weighed by what the weighted sound tells of them, and axes are float16
    np.testing.assert_allclose(along_axes, whole, atol=0.05)


def test_the_head_of_wide_vectors_gives_what_was_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "WIDE", 50)
    text, audio = made(d_audio=80)
    side = fit_kernel_cca(text, audio, OWNER, layers=[4]).audio
    new = made(seed=1, d_audio=80)[1]
    head = as_head(side)
    assert head.landmarks.shape[1] == sum(rank for _, _, rank in head.spec.blocks)
    rows = torch.from_numpy(new.astype(np.float32))
    np.testing.assert_allclose(head(rows).numpy(), side.embed(new), atol=1e-4)
    twin = make_head(head.spec)
    twin.load_state_dict(head.state_dict())
    torch.testing.assert_close(twin(rows), head(rows), rtol=0, atol=0)
    torch.testing.assert_close(head.project(head.standardise(rows)), head(rows), rtol=0, atol=0)


def test_a_column_that_never_moved_has_no_say() -> None:
    text, audio = made()
    still = np.concatenate([audio, np.full((30, 1), 2.0)], axis=1)
    sound = fit_kernel_cca(text, still, OWNER)[1]
    moved = still.copy()
    moved[:, -1] = 99.0
    np.testing.assert_array_equal(sound.embed(moved), sound.embed(still))


def test_landmarks_are_a_seeded_part_of_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "LANDMARKS", 20)
    text, audio = made()
    first, again, other = (fit_kernel_cca(text, audio, OWNER, seed=seed)[1] for seed in (0, 0, 1))
    assert len(first.landmarks) == 20
    np.testing.assert_array_equal(first.weight, again.weight)
    assert not np.array_equal(first.landmarks, other.landmarks)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dull", [0, 1])
def test_a_side_that_is_always_the_same_gives_finite_vectors(dull: int) -> None:
    sides = list(made())
    sides[dull] = np.ones_like(sides[dull])
    for side, vectors in zip(fit_kernel_cca(*sides, OWNER), sides, strict=True):
        assert np.isfinite(side.embed(vectors)).all()
        assert as_head(side)(torch.from_numpy(vectors.astype(np.float32))).isfinite().all()


def test_extreme_numbers_are_held() -> None:
    np.testing.assert_allclose(squash(np.array([-1e9, 0.0, 0.1, 1e9])), [-SQUASH, 0, 0.1, SQUASH], atol=1e-3)


@pytest.mark.parametrize("owner", [[0, 0, 0], [0, 1, 1]])
def test_tracks_without_captions_are_refused(owner: list[int]) -> None:
    text, audio = made()
    with pytest.raises(ValueError, match="captions"):
        fit_kernel_cca(text[:3], audio[:3] if owner[1] else audio[:1], np.array(owner))
