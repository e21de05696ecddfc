"""Windows made beside vectors: by workers and by models, when asked, and always those of the vector that is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from antiphon import registry
from antiphon.audio import decode
from antiphon.embed import embed_audio
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.library.vectors.windows import INDEX, MEANS, Windows, has_windows, open_windows
from tests.helpers.encoders.fake_plugin import fakes  # noqa: F401 - a fixture
from tests.helpers.libraries.sounds import write
from tests.helpers.libraries.tone_library import RATE, library, vectors

pytestmark = pytest.mark.usefixtures("fakes")
NAMES = ["fake-signal", "fake-model"]


def rising(root: Path, name: str, seconds: float, start: float = 0.0) -> None:
    """A file that is the louder the later."""
    time = np.arange(round(seconds * RATE)) / RATE
    write(root / f"{name}.wav", ((start + time / 200) * np.sin(2 * np.pi * 440 * time))[None], RATE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, seconds in (("a", 34.0), ("b", 7.0), ("c", 36.5)):
        rising(tmp_path, name, seconds)
    return library(tmp_path, {name: f"{name}.wav" for name in "abc"})


def windows_of(root: Path, name: str) -> dict[str, Windows | None]:
    folder = Library(root).embedding_folder("audio", name)
    stored, windows = open_vectors(folder), open_windows(folder, 2)
    assert windows is not None
    return {track: windows.of(stored.take([track])[0]) for track in stored.ids}


@pytest.mark.parametrize("name", NAMES)
def test_a_window_is_the_mean_over_its_ten_seconds(root: Path, tmp_path: Path, name: str) -> None:
    embed_audio(root, NAMES, jobs=2, windows=True)
    found = windows_of(root, name)
    encoder = registry.load(name)
    assert {track: None if each is None else len(each.means) for track, each in found.items()} == {
        "a": 3,
        "b": 1,
        "c": 4,
    }
    for track, each in found.items():
        assert each is not None
        sound = decode.load(tmp_path / f"{track}.wav", RATE)
        assert each.seconds == pytest.approx(len(sound) / RATE)
        for number, mean in enumerate(each.means):
            last = number == len(each.means) - 1
            part = sound[number * 10 * RATE : None if last else (number + 1) * 10 * RATE]
            pieces = [part[at : at + RATE] for at in range(0, len(part), RATE)]
            frames = np.concatenate([encoder.frames(piece[None])[0] for piece in pieces])
            np.testing.assert_allclose(mean, frames.mean(axis=0), atol=2e-3)


def test_vectors_are_the_same_with_windows_and_without(root: Path, tmp_path: Path) -> None:
    embed_audio(root, NAMES, jobs=1)
    before = {name: vectors(root, name) for name in NAMES}
    assert not has_windows(Library(root).embedding_folder("audio", NAMES[0]))
    reports = embed_audio(root, NAMES, jobs=1, windows=True)
    assert [report.embedded for report in reports] == [3, 3]
    for name in NAMES:
        for track, vector in vectors(root, name).items():
            np.testing.assert_array_equal(vector, before[name][track])
        assert None not in windows_of(root, name).values()


def test_who_has_windows_gets_those_of_new_tracks_unasked_and_of_old_ones_once(root: Path, tmp_path: Path) -> None:
    embed_audio(root, ["fake-signal"], jobs=1, windows=True)
    rising(tmp_path, "d", 21.0)
    library(tmp_path, {name: f"{name}.wav" for name in "abcd"})
    (report,) = embed_audio(root, ["fake-signal"], jobs=1)
    assert (report.already, report.embedded) == (3, 1)
    found = windows_of(root, "fake-signal")
    assert found["d"] is not None
    assert len(found["d"].means) == 2


def test_a_file_that_changed_has_the_windows_of_what_it_is_now(root: Path, tmp_path: Path) -> None:
    embed_audio(root, ["fake-signal"], jobs=1, windows=True)
    rising(tmp_path, "c", 22.0, start=0.4)
    embed_audio(root, ["fake-signal"], jobs=1)
    found = windows_of(root, "fake-signal")["c"]
    assert found is not None
    assert len(found.means) == 2
    assert found.means[0, 1] > 0.2


def test_windows_that_were_lost_are_made_again_and_what_is_away_is_left_alone(root: Path, tmp_path: Path) -> None:
    embed_audio(root, ["fake-signal"], jobs=1, windows=True)
    folder = Library(root).embedding_folder("audio", "fake-signal")
    (folder / MEANS).unlink()
    (folder / INDEX).unlink()
    (tmp_path / "b.wav").unlink()
    (report,) = embed_audio(root, ["fake-signal"], jobs=1, windows=True)
    assert (report.embedded, report.failed) == (2, {})
    found = windows_of(root, "fake-signal")
    assert found["b"] is None
    assert None not in (found["a"], found["c"])


def test_a_track_of_another_name_with_the_same_sound_finds_the_same_windows(root: Path, tmp_path: Path) -> None:
    embed_audio(root, ["fake-signal"], jobs=1, windows=True)
    size = (Library(root).embedding_folder("audio", "fake-signal") / MEANS).stat().st_size
    shutil.copy(tmp_path / "c.wav", tmp_path / "e.wav")
    library(tmp_path, {name: f"{name}.wav" for name in "abce"})
    embed_audio(root, ["fake-signal"], jobs=1)
    found = windows_of(root, "fake-signal")
    assert found["e"] is not None
    assert found["c"] is not None
    np.testing.assert_array_equal(found["e"].means, found["c"].means)
    assert (Library(root).embedding_folder("audio", "fake-signal") / MEANS).stat().st_size == size
