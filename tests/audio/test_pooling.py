"""Pooling over time, against a twin that works on all frames at once, in float64, one channel after the other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.audio.pooling import CAPACITY, NONE, FramePool, pool
from antiphon.errors import EncoderError
from antiphon.layout import Layout


def slow_twin(frames: np.ndarray, layout: Layout) -> np.ndarray:
    out = np.zeros((layout.layers, layout.dims, 3))
    for channel in range(frames.shape[1]):
        x = frames[:, channel].astype(np.float64)
        differences = [b - a for a, b in pairwise(x)]
        ordered = sorted(x)

        def quantile(q: float, ordered: list[float] = ordered) -> float:
            position = q * (len(ordered) - 1)
            below = int(position)
            above = min(below + 1, len(ordered) - 1)
            return ordered[below] + (ordered[above] - ordered[below]) * (position - below)

        layer, dim = divmod(channel, layout.dims)
        out[layer, dim, 0] = sum(x) / len(x)
        out[layer, dim, 1] = (quantile(0.75) - quantile(0.25)) / 1.349
        out[layer, dim, 2] = sum(differences) / len(differences) if differences else 0.0
    return out.reshape(-1)


def frames_of(n: int, channels: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(2.0, 3.0, (n, channels)).astype(np.float32)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 17, 500])
def test_the_three_statistics_equal_the_slow_twin(n):
    layout = Layout(2, 5, 3)
    frames = frames_of(n, 10)
    np.testing.assert_allclose(pool(frames, layout), slow_twin(frames, layout), rtol=2e-6, atol=1e-6)


def test_the_vector_reshapes_to_layers_dims_statistics():
    frames = frames_of(50, 6)
    cube = pool(frames, Layout(3, 2, 3)).reshape(3, 2, 3)
    np.testing.assert_allclose(cube[2, 1, 0], frames[:, 5].mean(), rtol=1e-5)
    np.testing.assert_allclose(cube[0, 1, 2], np.diff(frames[:, 1]).mean(), atol=1e-6)


def test_robust_sigma_is_the_standard_deviation_of_normal_frames():
    frames = np.random.default_rng(1).normal(0.0, 3.0, (4000, 1)).astype(np.float32)
    assert pool(frames, Layout(1, 1, 3))[1] == pytest.approx(3.0, rel=0.05)


def test_one_outlier_moves_robust_sigma_little():
    frames = frames_of(400, 1)
    spoilt = frames.copy()
    spoilt[7] = 1e4
    assert pool(spoilt, Layout(1, 1, 3))[1] == pytest.approx(pool(frames, Layout(1, 1, 3))[1], rel=0.02)


def test_a_single_frame_has_no_spread_and_no_course():
    cube = pool(np.full((1, 4), 7.0), Layout(1, 4, 3)).reshape(4, 3)
    np.testing.assert_array_equal(cube, [[7.0, 0.0, 0.0]] * 4)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 300), cuts=st.lists(st.integers(0, 300), max_size=6), capacity=st.sampled_from([4, 16, 64, 512])
)
def test_the_vector_does_not_depend_on_how_frames_were_batched(n, cuts, capacity):
    frames = frames_of(n, 3, seed=n)
    whole = FramePool(Layout(1, 3, 3), capacity=capacity)
    whole.add(frames)
    parts = FramePool(Layout(1, 3, 3), capacity=capacity)
    for part in np.split(frames, sorted(min(c, n) for c in cuts)):
        parts.add(part)
    np.testing.assert_array_equal(whole.vector(), parts.vector())


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 400), capacity=st.sampled_from([4, 16, 64]))
def test_beyond_capacity_the_percentiles_are_those_of_every_2nd_4th_8th_frame(n, capacity):
    frames = frames_of(n, 2, seed=n)
    pooled = FramePool(Layout(1, 2, 3), capacity=capacity)
    pooled.add(frames)
    stride = 1
    while len(frames[::stride]) > capacity:
        stride *= 2
    expected = np.subtract(*np.percentile(frames[::stride], (75, 25), axis=0)) / 1.349
    np.testing.assert_allclose(pooled.vector().reshape(2, 3)[:, 1], expected, rtol=1e-5, atol=1e-6)
    assert pooled._n_kept == len(frames[::stride])


def test_memory_is_bounded_and_mean_and_difference_stay_exact_beyond_capacity():
    frames = frames_of(3 * CAPACITY + 5, 2)
    pooled = FramePool(Layout(1, 2, 3))
    for start in range(0, len(frames), 100):
        pooled.add(frames[start : start + 100])
        assert sum(len(k) for k in pooled._kept) <= CAPACITY
    cube = pooled.vector().reshape(2, 3)
    np.testing.assert_allclose(cube[:, 0], frames.astype(np.float64).mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(cube[:, 2], np.diff(frames.astype(np.float64), axis=0).mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(cube[:, 1], slow_twin(frames, Layout(1, 2, 3)).reshape(2, 3)[:, 1], rtol=0.05)


def test_the_callers_frames_are_left_alone_and_may_be_overwritten_later():
    frames = frames_of(20, 3)
    before = frames.copy()
    pooled = FramePool(Layout(1, 3, 3))
    pooled.add(frames)
    np.testing.assert_array_equal(frames, before)
    frames[:] = 0
    np.testing.assert_array_equal(pooled.vector(), pool(before, Layout(1, 3, 3)))


def test_final_vectors_of_several_windows_are_averaged():
    np.testing.assert_allclose(pool([[1.0, 2.0], [3.0, 6.0]], Layout(1, 2, 1), NONE), [2.0, 4.0])


def test_no_frames_is_an_error():
    with pytest.raises(EncoderError, match="no frames"):
        FramePool(Layout(1, 2, 3)).vector()


def test_frames_of_the_wrong_width_are_refused():
    with pytest.raises(EncoderError, match=r"\(4, 5\) do not fit: \(n, 2\)"):
        FramePool(Layout(1, 2, 3)).add(np.zeros((4, 5), np.float32))


def test_an_unknown_pooling_is_refused_with_the_choices():
    with pytest.raises(EncoderError, match="Unknown pooling 'max'") as caught:
        FramePool(Layout(1, 2, 3), "max")
    assert "mean-rsigma-diff" in str(caught.value)


def test_three_statistics_need_a_layout_of_three():
    with pytest.raises(EncoderError, match="makes 3 statistics"):
        FramePool(Layout(1, 2, 1))
