"""Windows of a track: means over every 10 s, however an encoder cuts its sound, against a twin that has all frames."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.audio.pooling import pool
from antiphon.audio.track_pool import TrackPool, WindowMeans
from antiphon.audio.windows import Tail, cut
from antiphon.layout import Layout

RATE = 20
LAYOUT = Layout(1, 2, 3)


def frames_of(piece: np.ndarray, count: int) -> np.ndarray:
    """(count, 2) the mean of each of so many equal parts of a piece, and its square."""
    means = np.array([part.mean() for part in np.array_split(piece, count)], np.float32)
    return np.stack([means, means**2], axis=1)


def described(sound: np.ndarray, *, piece_s: float, hop_s: float, each_s: float | None, tail: Tail) -> TrackPool:
    """What is collected of a track of one frame every ``each_s`` seconds, or of one a piece."""
    collected = TrackPool(LAYOUT, "mean-rsigma-diff", WindowMeans(piece_s, hop_s))
    for piece in cut([sound], rate=RATE, window_s=piece_s, hop_s=hop_s, tail=tail):
        seconds = len(piece) / RATE
        count = 1 if each_s is None else max(1, round(seconds / each_s))
        collected.add(frames_of(piece, count), seconds)
    return collected


def clock_sound(seconds: float) -> np.ndarray:
    """Sound that says where it is: every sample is its own time in seconds."""
    return (np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


@pytest.mark.parametrize(
    ("piece_s", "hop_s", "each_s", "tail"),
    [(30.0, 30.0, 0.5, "short"), (3.0, 3.0, None, "align"), (10.0, 10.0, None, "align"), (10.0, 10.0, None, "short")],
    ids=["signal", "musicnn", "clap", "ten seconds"],
)
@pytest.mark.parametrize("seconds", [4.0, 14.9, 15.1, 30.0, 64.0, 66.0])
def test_every_encoder_has_the_same_windows_and_each_is_its_own_ten_seconds(
    piece_s: float, hop_s: float, each_s: float | None, tail: Tail, seconds: float
) -> None:
    made = described(clock_sound(seconds), piece_s=piece_s, hop_s=hop_s, each_s=each_s, tail=tail).described(seconds)
    windows = made.windows
    assert windows is not None
    count = max(1, int(seconds / 10 + 0.5))
    assert windows.means.shape == (count, 2)
    assert (windows.width_s, windows.seconds) == (10.0, seconds)
    ends = [*(10.0 * np.arange(1, count)), seconds]
    middles = (10.0 * np.arange(count) + ends) / 2
    resolution = max(each_s or piece_s / 2, 0.1)
    assert np.abs(windows.means[:, 0] - middles).max() <= resolution + 1.0
    assert (np.diff(windows.means[:, 0]) > 0).all()


def test_frames_are_counted_once_each_in_the_window_of_their_middle() -> None:
    sound = np.random.default_rng(0).standard_normal(round(47.0 * RATE)).astype(np.float32)
    made = described(sound, piece_s=30.0, hop_s=30.0, each_s=0.5, tail="short").described(47.0)
    frames = frames_of(sound, 94)
    middles = 0.25 + 0.5 * np.arange(94)
    expected = [frames[np.minimum(middles // 10, 4) == window].mean(axis=0) for window in range(5)]
    assert made.windows is not None
    np.testing.assert_allclose(made.windows.means, expected, atol=1e-6)
    np.testing.assert_array_equal(made.vector, pool(frames, LAYOUT))


def test_a_window_without_a_frame_of_its_own_takes_the_nearest_one() -> None:
    made = described(clock_sound(60.0), piece_s=30.0, hop_s=5.0, each_s=None, tail="align").described(60.0)
    assert made.windows is not None
    means = made.windows.means[:, 0]
    assert len(means) == 6
    assert means[0] == means[1]
    assert means[4] == means[5]
    assert (np.diff(means[1:5]) > 0).all()


def test_what_nobody_asked_for_is_not_made() -> None:
    collected = TrackPool(LAYOUT, "mean-rsigma-diff")
    collected.add(np.ones((3, 2), np.float32), 1.0)
    assert collected.described(1.0).windows is None
