"""Sound in which nothing is to be heard: it cancels, stands still, or lasts no time at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.audio import decode
from antiphon.errors import AudioError
from tests.helpers.libraries.sounds import sweep, write

RATE = 44_100
TONE = sweep(1.0, RATE, channels=1)[0]


@pytest.mark.parametrize(
    ("kind", "channels"),
    [
        ("wav", [TONE, -TONE]),
        ("wav", [TONE * 0.3, -TONE * 0.3]),
        ("u8.wav", [TONE, -TONE]),
        ("flac", [TONE, -0.995 * TONE]),
        ("f32.wav", [TONE, -TONE]),
        ("mp3", [TONE, -TONE]),
        ("flac", [TONE, -TONE, TONE, -TONE, 0 * TONE, 0 * TONE]),
    ],
)
def test_channels_that_cancel_but_for_rounding_are_called_so(tmp_path: Path, kind: str, channels: list) -> None:
    path = write(tmp_path / f"a.{kind}", np.stack(channels), RATE, kind)
    with pytest.raises(AudioError, match="silent: its channels cancel out"):
        decode.load(path, 22_050)


@pytest.mark.parametrize("channels", [[TONE, -0.5 * TONE], [TONE, -np.roll(TONE, 500)], [TONE, 0 * TONE]])
def test_channels_that_leave_something_are_music(tmp_path: Path, channels: list) -> None:
    assert len(decode.load(write(tmp_path / "a.wav", np.stack(channels), RATE), RATE)) == RATE


@pytest.mark.parametrize("value", [0.5, -0.9, 0.01])
@pytest.mark.parametrize("kind", ["wav", "flac", "f32.wav"])
def test_a_constant_is_no_sound(tmp_path: Path, kind: str, value: float) -> None:
    path = write(tmp_path / f"a.{kind}", np.full((1, RATE), value), RATE, kind)
    with pytest.raises(AudioError, match="silent: nothing in it moves, every sample is about"):
        decode.load(path, RATE)


def test_a_constant_that_trembles_by_one_step_is_none_either_but_quiet_music_on_one_is(tmp_path: Path) -> None:
    steps = np.random.default_rng(0).integers(0, 2, RATE) / 32_768
    with pytest.raises(AudioError, match="nothing in it moves"):
        decode.load(write(tmp_path / "a.wav", 0.5 + steps[None], RATE), RATE)
    assert len(decode.load(write(tmp_path / "b.wav", 0.5 + 0.01 * TONE[None], RATE), RATE)) == RATE
    assert len(decode.load(write(tmp_path / "c.wav", steps[None], RATE), RATE)) == RATE


def test_rates_that_nobody_hears_at_are_refused_before_they_are_resampled(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sweep(1.0, 65_536, channels=1), 65_536)
    data = bytearray(path.read_bytes())
    for rate in (1, 100, 999):
        data[24:28] = rate.to_bytes(4, "little")
        path.write_bytes(data)
        with pytest.raises(AudioError, match=f"sample rate of {rate} Hz; below 1000 Hz"):
            decode.load(path, 22_050)


@pytest.mark.parametrize("loudest", [1e38, 1e14])
def test_numbers_that_are_no_sound_are_named_where_they_are_read(tmp_path: Path, loudest: float) -> None:
    path = write(tmp_path / "a.wav", loudest * TONE[None], RATE, "f32.wav")
    with pytest.raises(AudioError, match=r"holds a sample of \d\.\de\+\d\d, about 0\.0 s in, where full scale is 1"):
        decode.load(path, 16_000)


def test_whole_numbers_that_were_called_fractions_are_sound(tmp_path: Path) -> None:
    assert len(decode.load(write(tmp_path / "b.wav", 2.0**31 * TONE[None], RATE, "f32.wav"), RATE)) == RATE
