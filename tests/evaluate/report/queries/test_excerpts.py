from __future__ import annotations

import base64

import numpy as np
import pytest

from antiphon.audio.decode import load
from antiphon.errors import AudioError
from antiphon.evaluate.report.queries.excerpts import RATE, SECONDS, Excerpts, excerpt, mp3
from tests.helpers.libraries.plain import plain_library
from tests.helpers.libraries.sounds import sweep, write


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    write(folder / "long.wav", sweep(20.0, 8_000, channels=1), 8_000)
    write(folder / "short.wav", sweep(2.0, 8_000), 8_000)
    (folder / "broken.wav").write_bytes(b"RIFF" + bytes(200))
    return folder


def test_it_is_from_the_middle_and_fades_in_and_out(sounds):
    found = excerpt(str(sounds / "long.wav"))
    whole = load(str(sounds / "long.wav"), RATE)
    assert len(found) == SECONDS * RATE
    middle = slice(RATE, 2 * RATE)
    start = (len(whole) - len(found)) // 2
    assert np.corrcoef(found[middle], whole[start:][middle])[0, 1] > 0.99
    assert abs(found[0]) < 1e-6
    assert abs(found[-1]) < 1e-6


def test_a_short_track_is_there_as_a_whole_and_a_part_is_that_part(sounds):
    assert len(excerpt(str(sounds / "short.wav"))) == pytest.approx(2 * RATE, abs=100)
    part = excerpt(f"{sounds / 'long.wav'}#t=3,5")
    assert len(part) == pytest.approx(2 * RATE, abs=100)


def test_what_cannot_be_read_is_an_error(sounds):
    for name in ("broken.wav", "gone.wav"):
        with pytest.raises(AudioError):
            excerpt(str(sounds / name))


def test_an_mp3_sounds_like_what_it_was_made_of(tmp_path):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE).astype(np.float32)
    (tmp_path / "a.mp3").write_bytes(mp3(tone))
    again = load(tmp_path / "a.mp3", RATE)
    spectrum = np.abs(np.fft.rfft(again[RATE : 2 * RATE]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)
    assert len(again) == pytest.approx(3 * RATE, abs=RATE // 10)


@pytest.fixture
def library(sounds, tmp_path):
    paths = {"a": "long.wav", "b": "short.wav", "c": "broken.wav", "d": "", "e": "s3://bucket/e.wav"}
    return plain_library(tmp_path / "lib", dict.fromkeys(paths, "test"), paths=paths, audio_root=str(sounds))


def test_they_are_data_of_the_page_made_once(library):
    excerpts = Excerpts(library)
    assert excerpts.of("a") is excerpts.of("a")
    kind, data = excerpts.of("a").split(",")
    assert kind == "data:audio/mpeg;base64"
    assert base64.b64decode(data)
    assert [excerpts.of(track) for track in "cde"] == ["", "", ""]
    assert "1 excerpts of 8 s" not in excerpts.says()
    assert excerpts.says().startswith("One excerpt of 8 s is embedded")
    assert "of 3 tracks no file could be read here" in excerpts.says()


def test_the_budget_is_kept_and_what_had_no_room_is_said(library):
    large = len(Excerpts(library).of("a"))
    excerpts = Excerpts(library, large / 1e6 * 0.9)
    assert excerpts.of("a") == ""
    assert excerpts.of("b")
    assert "1 had no room" in excerpts.says()


def test_none_are_made_where_none_are_wanted(library):
    excerpts = Excerpts(library, 0)
    assert excerpts.of("a") == ""
    assert excerpts.says() == "No sound is embedded, as was asked for."


def test_a_page_that_shows_no_track_does_not_blame_the_files(library):
    assert Excerpts(library).says() == "There is no sound here, as no track is shown."
