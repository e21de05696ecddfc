"""A part of a file is exactly these samples, whatever the chunks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from antiphon.audio.decode import load
from antiphon.audio.duration import stated_seconds
from antiphon.errors import AudioError
from antiphon.library.addresses import Span, part_path, split_part

RATE = 8000


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 20 * RATE).astype(np.float32)
    soundfile.write(tmp_path / "full.wav", samples, RATE, subtype="FLOAT")
    return tmp_path / "full.wav"


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.5), (0.5, 1.0), (7.125, 19.0), (3.0, None), (19.5, 60.0)])
def test_a_part_is_its_samples(noise: Path, start: float, end: float | None) -> None:
    whole = load(noise, RATE)
    last = len(whole) if end is None else round(end * RATE)
    assert np.array_equal(load(part_path(str(noise), Span(start, end)), RATE), whole[round(start * RATE) : last])


def test_a_part_after_the_end_says_how_long_the_file_is(noise: Path) -> None:
    with pytest.raises(AudioError, match=r"after the end of the file, which is 20\.0 s"):
        load(f"{noise}#t=30,40", RATE)


def test_the_length_of_a_part_is_its_own(noise: Path) -> None:
    assert stated_seconds(f"{noise}#t=3,5.5") == 2.5


@pytest.mark.parametrize("path", ["a.wav", "a#t=1.wav", "a#b.wav", "#t=x", "s3://b/a.wav"])
def test_other_paths_name_whole_files(path: str) -> None:
    assert split_part(path) == (path, None)


def test_a_part_is_written_and_read_alike() -> None:
    assert part_path("a.wav", Span(30.0, 40.25)) == "a.wav#t=30,40.25"
    assert split_part("a.wav#t=30,40.25") == ("a.wav", Span(30.0, 40.25))
    assert split_part("a.wav#t=30") == ("a.wav", Span(30.0))


def test_a_file_that_ffmpeg_cannot_open_states_no_length(tmp_path: Path) -> None:
    (tmp_path / "broken.ape").write_bytes(b"MAC no sound" * 100)
    assert stated_seconds(str(tmp_path / "broken.ape")) is None
