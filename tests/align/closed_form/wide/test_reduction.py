"""Wide vectors made narrow, against everything done at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from antiphon.align.closed_form.kernel_cca import fit_kernel_cca
from antiphon.align.closed_form.relevance import Predictor, factors, predicted
from antiphon.align.closed_form.scaling import squash
from antiphon.align.closed_form.wide import reduction as module
from antiphon.align.closed_form.wide.blocks import InMemory, blocks
from antiphon.align.closed_form.wide.informative import informative
from antiphon.align.closed_form.wide.reduction import Reduced, reduce
from antiphon.metrics.retrieval import retrieval

LAYERS, WIDTH = 6, 40


def layered(n: int, speaking: tuple[int, ...], *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Captions and six layers, of which some tell their causes among noise of their own."""
    rng = np.random.default_rng(seed)
    cause = rng.normal(size=(n, 4))
    audio = rng.normal(size=(n, LAYERS, WIDTH))
    for layer in speaking:
        audio[:, layer] += cause @ rng.normal(size=(4, WIDTH))
    return cause.astype(np.float32), audio.reshape(n, -1).astype(np.float32)


def reduced(text: np.ndarray, audio: np.ndarray, **settings: Any) -> Reduced:
    return reduce(InMemory(audio), text, np.arange(len(text)), **settings)


def standard(audio: np.ndarray) -> np.ndarray:
    """Every column at once, in float64."""
    return squash((audio - audio.mean(0, dtype=np.float64)) / audio.std(0, dtype=np.float64))


def squared_distances(x: np.ndarray) -> np.ndarray:
    return np.array([[((a - b) ** 2).sum() for b in x] for a in x])


@pytest.mark.parametrize("sources", [(), (3 * WIDTH, 3 * WIDTH), (WIDTH, 5 * WIDTH)])
def test_distances_are_those_of_all_balanced_columns_side_by_side(
    sources: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVENED", 0.0)
    text, audio = layered(30, tuple(range(LAYERS)))
    layers = [width // WIDTH for width in sources or (audio.shape[1],)]
    found = reduced(text, audio, sources=sources, layers=layers)
    assert found.coordinates.shape == (30, 29 * LAYERS)
    alike = [np.full(width, (audio.shape[1] / (len(sources) * width)) ** 0.5) for width in sources]
    relevant = factors(predicted(text, standard(audio).astype(np.float32)))
    balance = relevant * np.concatenate(alike) if sources else relevant
    np.testing.assert_allclose(found.balance, balance, rtol=1e-3)
    np.testing.assert_allclose(
        squared_distances(found.coordinates), squared_distances(standard(audio) * balance), rtol=5e-3, atol=1e-3
    )


def test_predictions_a_slice_at_a_time_are_predictions_of_everything() -> None:
    text, audio = layered(50, (1, 4))
    words, whole = Predictor.from_rows(text), standard(audio).astype(np.float32)
    sliced = np.concatenate([words.shares(whole[:, start : start + 7]) for start in range(0, whole.shape[1], 7)])
    np.testing.assert_allclose(sliced, predicted(text, whole), atol=1e-5)


def kept_layers(n: int, speaking: tuple[int, ...], seed: int) -> list[int]:
    text, audio = layered(n, speaking, seed=seed)
    own = blocks(audio.shape[1], layers=[LAYERS])
    rng = np.random.default_rng(seed)
    (kept,) = informative(InMemory(audio), np.arange(n), Predictor.from_rows(text), own, rng)
    return [block.start // WIDTH for block in kept]


def test_layers_that_captions_speak_of_are_kept() -> None:
    kept = [kept_layers(120, (1, 4), seed) for seed in range(5)]
    assert all({1, 4} <= set(own) for own in kept)
    assert sum(map(len, kept)) <= 2 * 5 + 4  # of 20 layers that mean nothing few are kept, by luck
    assert kept_layers(120, tuple(range(LAYERS)), 0) == list(range(LAYERS))


def test_where_captions_tell_nothing_all_layers_are_kept() -> None:
    text, audio = layered(40, ())
    (kept,) = informative(
        InMemory(audio),
        np.arange(40),
        Predictor.from_rows(np.ones_like(text)),
        blocks(audio.shape[1], layers=[LAYERS]),
        np.random.default_rng(0),
    )
    assert len(kept) == LAYERS


def test_a_source_of_one_block_is_always_kept() -> None:
    text, audio = layered(120, (1,))
    found = reduced(text, audio, sources=(5 * WIDTH, WIDTH), layers=[5, 1])
    assert found.reduction.columns[-1] == slice(5 * WIDTH, 6 * WIDTH)
    assert len(found.reduction.columns) < LAYERS


def test_axes_are_held_to_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    text, audio = layered(60, tuple(range(LAYERS)))
    monkeypatch.setattr(module, "AXES_NUMBERS", audio.shape[1] * 9)
    found = reduced(text, audio, layers=[LAYERS])
    assert sum(axes.size for axes in found.reduction.axes) <= audio.shape[1] * 9
    whole = squash((audio - found.scaling.mean) / found.scaling.scale) * found.balance
    np.testing.assert_allclose(found.reduction.coordinates(whole), found.coordinates, rtol=1e-3, atol=1e-3)


def test_axes_that_are_evened_count_alike_and_keep_their_total() -> None:
    variance = np.array([100.0, 4.0, 1.0, 1.0])
    even = variance * module.evened(variance) ** 2
    np.testing.assert_allclose(even.sum(), variance.sum())
    assert even[0] / even[2] < 0.25 * variance[0] / variance[2]


def test_loud_directions_do_not_drown_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Captions tell of directions beside which each layer has louder ones that nobody speaks of."""
    rng = np.random.default_rng(0)
    cause = rng.normal(size=(160, 6))
    layers = [
        cause @ rng.normal(size=(6, WIDTH)) + 12 * rng.normal(size=(160, 3)) @ rng.normal(size=(3, WIDTH))
        for _ in range(LAYERS)
    ]
    audio = np.concatenate(layers, 1).astype(np.float32)
    owner = np.arange(100)

    def mrr() -> float:
        form = fit_kernel_cca(cause[:100].astype(np.float32), audio[:100], owner, layers=[LAYERS])
        same = np.arange(60)
        found = retrieval(form.embed_text(cause[100:]), form.embed_audio(audio[100:]), same, same)
        return float(found["t2a"]["MRR"])

    evened = mrr()
    monkeypatch.setattr(module, "EVENED", 0.0)
    assert evened > 1.5 * mrr()


def test_a_column_that_never_moved_has_no_say() -> None:
    text, audio = layered(30, tuple(range(LAYERS)))
    audio[:, 5] = 2.0
    found = reduced(text, audio, layers=[LAYERS])
    assert found.balance[5] == 0


def test_no_more_than_a_block_is_read_at_once() -> None:
    text, audio = layered(30, (2,))
    widest: list[int] = []

    class Watched(InMemory):
        def block(self, rows: Any, columns: slice) -> np.ndarray:
            part = super().block(rows, columns)
            widest.append(part.shape[1])
            return part

    reduce(Watched(audio), text, np.arange(30), layers=[LAYERS])
    assert max(widest) == WIDTH
