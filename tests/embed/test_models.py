"""Batches for models: equal lengths, bounded memory, and one window's trouble kept to its track."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.audio.pooling import pool
from antiphon.embed.workers.models import HOPELESS, Batcher
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard

CARD = EncoderCard(
    name="fake", kind="audio", summary="test", layout=Layout(1, 2, 3), rate=100, window_s=1.0, hop_s=1.0,
    pooling="mean-rsigma-diff", parameters=1,
)  # fmt: skip


class Encoder:
    card = CARD
    weights_id = "0" * 64

    def __init__(self, most: int = 10**9):
        self.shapes: list[tuple[int, int]] = []
        self._most = most

    def frames(self, windows):
        self.shapes.append(windows.shape)
        if len(windows) > self._most:
            raise RuntimeError("CUDA out of memory")
        if (windows == 9).any():
            raise ValueError("a nine\nmore lines")
        return np.stack([windows.mean(axis=1), windows.max(axis=1)], axis=-1)[:, None, :]


def tracks(count: int, seed: int = 0) -> dict[int, list[np.ndarray]]:
    """Tracks of 0 to 4 whole windows and one odd tail each."""
    rng = np.random.default_rng(seed)
    return {
        n: [
            rng.normal(size=length).astype(np.float32) for length in [100] * rng.integers(0, 5) + [rng.integers(1, 100)]
        ]
        for n in range(count)
    }


def run(batcher: Batcher, windows: dict[int, list[np.ndarray]]) -> dict[int, np.ndarray | str]:
    out = {}
    for number, given in windows.items():
        for window in given:  # one after the other, as from a long file
            batcher.add(number, [window])
            out.update(batcher.run())
        batcher.complete(number)
    out.update(batcher.run(flush=True))
    return out


def expected(given: list[np.ndarray]) -> np.ndarray:
    return pool(np.concatenate([Encoder().frames(window[None])[0] for window in given]), CARD.layout)


@pytest.mark.parametrize("batch_seconds", [0.001, 1, 3.5, 1000])
def test_every_track_gets_its_own_vector_whatever_the_batch(batch_seconds):
    windows = tracks(30)
    out = run(Batcher(Encoder(), batch_seconds=batch_seconds), windows)
    assert set(out) == set(windows)
    for number, given in windows.items():
        np.testing.assert_allclose(out[number], expected(given), atol=1e-6)


def test_batches_are_full_and_never_longer_than_asked_for():
    encoder = Encoder()
    run(Batcher(encoder, batch_seconds=4), {n: [np.ones(100, np.float32)] * 5 for n in range(8)})
    assert encoder.shapes == [(4, 100)] * 10


def test_no_more_than_two_batches_wait():
    batcher = Batcher(Encoder(), batch_seconds=3)
    for number, given in tracks(60).items():
        for window in given:
            batcher.add(number, [window])
            list(batcher.run())
            assert batcher._held <= 2 * 300
        batcher.complete(number)


def test_a_track_with_an_odd_tail_does_not_wait_for_the_end():
    batcher = Batcher(Encoder(), batch_seconds=2)
    batcher.add(0, [np.ones(37, np.float32)])
    batcher.complete(0)
    done = {}
    for number in range(1, 8):
        batcher.add(number, [np.ones(100 - number, np.float32)])
        batcher.complete(number)
        done.update(batcher.run())
    assert 0 in done


def test_a_window_that_fails_costs_its_track_alone():
    windows = {n: [np.full(100, n, np.float32)] * 2 for n in range(12)}
    out = run(Batcher(Encoder(), batch_seconds=8), windows)
    assert out.pop(9) == "fake failed: ValueError: a nine"
    for number, vector in out.items():
        np.testing.assert_allclose(vector, expected(windows[number]))


def test_windows_that_follow_a_failed_one_are_not_taken_for_a_track():
    windows = {0: [np.full(100, 9, np.float32), *[np.ones(100, np.float32)] * 3], 1: [np.ones(100, np.float32)] * 2}
    out = run(Batcher(Encoder(), batch_seconds=1), windows)
    assert out[0] == "fake failed: ValueError: a nine"
    np.testing.assert_allclose(out[1], expected(windows[1]))


def test_a_batch_that_exceeds_memory_is_halved_from_then_on():
    encoder = Encoder(most=2)
    out = run(Batcher(encoder, batch_seconds=8), {n: [np.ones(100, np.float32)] for n in range(32)})
    assert len(out) == 32
    assert not any(isinstance(vector, str) for vector in out.values())
    assert [shape[0] for shape in encoder.shapes].count(8) == 1
    assert encoder.shapes[-1][0] <= 2


def test_a_dropped_track_leaves_nothing_behind():
    encoder = Encoder()
    batcher = Batcher(encoder, batch_seconds=100)
    batcher.add(0, [np.ones(100, np.float32)] * 3)
    batcher.add(1, [np.ones(100, np.float32)])
    batcher.drop(0)
    batcher.complete(1)
    assert [number for number, _ in batcher.run(flush=True)] == [1]
    assert encoder.shapes == [(1, 100)]


def test_a_model_that_fails_on_everything_stops_the_run():
    batcher = Batcher(Encoder(), batch_seconds=1)
    with pytest.raises(EncoderError, match="fails on everything: fake failed: ValueError"):
        run(batcher, {n: [np.full(100, 9, np.float32)] for n in range(HOPELESS + 1)})


def test_frames_of_the_wrong_shape_are_a_mistake_of_the_plugin():
    encoder = Encoder()
    encoder.frames = lambda windows: np.ones((1, 2), np.float32)
    batcher = Batcher(encoder, batch_seconds=1)
    with pytest.raises(EncoderError, match=r"gave \(1, 2\) for 1 windows"):
        run(batcher, {0: [np.ones(100, np.float32)]})
