"""Windows of a stream, against a twin that slices the whole signal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.audio.windows import WindowCutter, cut
from antiphon.errors import ConfigError


def slow_twin(signal: np.ndarray, window: int, hop: int, tail: str) -> list[np.ndarray]:
    n = len(signal)
    starts = list(range(0, n - window + 1, hop))
    covered, following = (starts[-1] + window, starts[-1] + hop) if starts else (0, 0)
    windows = [signal[start : start + window] for start in starts]
    if covered < n and following < n:
        rest = signal[following:]
        ends = {"align": signal[-window:], "short": rest, "wrap": np.append(rest, signal[: window - len(rest)])}
        windows.append(ends[tail])
    return windows


@settings(max_examples=300, deadline=None)
@given(
    n=st.integers(0, 120),
    window=st.integers(1, 40),
    hop=st.integers(1, 60),
    tail=st.sampled_from(["align", "short", "wrap"]),
    cuts=st.lists(st.integers(0, 120), max_size=8),
)
def test_windows_equal_slices_of_the_whole_signal_however_it_was_cut_into_blocks(n, window, hop, tail, cuts):
    signal = np.arange(n, dtype=np.float32)
    cutter = WindowCutter(window, hop, tail)
    found = [w for block in np.split(signal, sorted(min(c, n) for c in cuts)) for w in cutter.add(block)]
    found += cutter.finish()
    assert [w.tolist() for w in found] == [w.tolist() for w in slow_twin(signal, window, hop, tail)]


def windows_of(seconds: float, **settings) -> list[np.ndarray]:
    signal = np.arange(round(seconds * 100), dtype=np.float32)
    return list(cut([signal], **{"rate": 100, "window_s": 10, "hop_s": 10, **settings}))


def test_align_moves_the_last_window_back_to_end_with_the_track():
    windows = windows_of(25)
    assert [len(w) for w in windows] == [1000, 1000, 1000]
    assert windows[-1][-1] == 2499


def test_short_gives_a_shorter_last_window():
    windows = windows_of(25, tail="short")
    assert [len(w) for w in windows] == [1000, 1000, 500]
    assert windows[-1][0] == 2000


def test_wrap_fills_the_last_window_up_from_the_start_of_the_track():
    windows = windows_of(25, tail="wrap")
    assert [len(w) for w in windows] == [1000, 1000, 1000]
    assert windows[-1].tolist() == [*range(2000, 2500), *range(500)]


@pytest.mark.parametrize(("seconds", "expected"), [(7, [*range(700), *range(300)]), (2, [*range(200), *range(200)])])
def test_wrap_adds_the_start_of_a_short_track_to_it_at_most_once(seconds, expected):
    (window,) = windows_of(seconds, tail="wrap")
    assert window.tolist() == expected


@pytest.mark.parametrize("tail", ["align", "short"])
def test_a_track_shorter_than_a_window_is_one_window_of_its_own_length(tail):
    assert [len(w) for w in windows_of(0.3, tail=tail)] == [30]


@pytest.mark.parametrize("tail", ["align", "short", "wrap"])
def test_a_track_of_whole_windows_gets_no_further_window(tail):
    assert [len(w) for w in windows_of(20, tail=tail)] == [1000, 1000]
    assert len(windows_of(20, hop_s=5, tail=tail)) == 3


@pytest.mark.parametrize("tail", ["align", "short", "wrap"])
def test_no_more_than_a_window_and_a_block_is_held(tail):
    cutter = WindowCutter(1000, 700, tail)
    for _ in range(200):
        cutter.add(np.zeros(333, np.float32))
        assert len(cutter._held) <= 1000
        assert len(cutter._start) <= 1000


def test_a_window_is_a_copy():
    block = np.ones(10, np.float32)
    (window,) = WindowCutter(10, 10).add(block)
    window[:] = 0
    assert block.all()


def test_lengths_below_a_sample_are_refused():
    with pytest.raises(ConfigError, match="at least 1 sample"):
        WindowCutter(0, 1)


def test_a_very_short_window_in_seconds_is_still_one_sample():
    assert WindowCutter.of(8000, 1e-9, 1e-9).window == 1


def test_an_unknown_tail_is_refused():
    with pytest.raises(ConfigError, match="Unknown tail 'pad'"):
        WindowCutter(2, 2, "pad")
