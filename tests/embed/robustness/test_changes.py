"""Changes of sound do what they say, by the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.audio.decode import load
from antiphon.embed.robustness.changes import CHANGES, RATE, UNCHANGED
from tests.helpers.libraries.sounds import sweep

SOUND = sweep(2, RATE, channels=1)[0]
MP3, SOFTER, NOISE = CHANGES


def level_db(samples):
    return 10 * np.log10(np.square(samples, dtype=np.float64).mean())


def test_unchanged_sound_comes_back_sample_for_sample(tmp_path):
    np.testing.assert_array_equal(load(UNCHANGED.write(tmp_path / "same", SOUND, 0), RATE), SOUND)


def test_softer_is_softer_by_twelve_decibels(tmp_path):
    heard = load(SOFTER.write(tmp_path / "soft", SOUND, 0), RATE)
    assert level_db(heard) - level_db(SOUND) == pytest.approx(-12, abs=0.01)


def test_noise_lies_thirty_decibels_below_the_sound(tmp_path):
    heard = load(NOISE.write(tmp_path / "noise", SOUND, 3), RATE)
    assert level_db(SOUND) - level_db(heard - SOUND) == pytest.approx(30, abs=0.2)
    np.testing.assert_array_equal(heard, load(NOISE.write(tmp_path / "again", SOUND, 3), RATE))


def test_mp3_is_compressed_and_lines_up(tmp_path):
    path = MP3.write(tmp_path / "small", SOUND, 0)
    heard = load(path, RATE)
    n = min(len(heard), len(SOUND))
    assert abs(len(heard) - len(SOUND)) <= 1152
    assert 0.99 < np.corrcoef(heard[:n], SOUND[:n])[0, 1] < 1
    assert path.stat().st_size < 2 * 64_000 / 8 * 1.3
