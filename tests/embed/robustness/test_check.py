"""An encoder whose vectors depend on the level is found out, one that hears harmony is not."""

from __future__ import annotations

import json

import numpy as np
import pytest

from antiphon.cli import app
from antiphon.embed.robustness.changes import CHANGES
from antiphon.embed.robustness.check import check_encoders, least_median, most_of, moved
from antiphon.embed.robustness.result import Displacement, Robustness, read_robustness
from antiphon.errors import EncoderError, LibraryError
from antiphon.library.tracks import Library
from tests.helpers.encoders.fake_plugin import fakes
from tests.helpers.evaluated.in_use import make_chords
from tests.helpers.libraries.made_vectors import make_library, write_vectors

__all__ = ["fakes"]
NAMES = [change.name for change in CHANGES]


@pytest.fixture(scope="module")
def chords(tmp_path_factory):
    return make_chords(tmp_path_factory.mktemp("chords")).root


@pytest.fixture
def found(chords, fakes):
    checked = check_encoders(Library(chords), ["harmony", "fake-signal"])
    return {each.encoder: each for each in checked}


def test_an_encoder_of_loudness_does_not_hold_and_one_of_harmony_does(found):
    harmony, loudness = found["harmony"].moved, found["fake-signal"].moved
    assert {each.change: each.holds for each in harmony} | {"mp3 at 128 kbit/s": True} == dict.fromkeys(NAMES, True)
    assert not dict(zip(NAMES, loudness, strict=True))["12 dB softer"].holds
    assert harmony[1].cosine > 0.999
    assert found["fake-signal"].tracks == 6


def test_the_command_says_so_and_keeps_it_beside_the_vectors(chords, fakes, capsys):
    library = Library(chords)
    write_vectors(chords, "audio", "fake-signal", library.column("track_id").tolist(), np.random.rand(6, 6))
    folder = library.embedding_folder("audio", "fake-signal")
    with pytest.raises(SystemExit) as done:
        app(["encoders", "--check", "fake-signal", "--library", str(chords), "--json"])
    assert not done.value.code
    said = json.loads(capsys.readouterr().out)
    assert said[0]["holds"] is False
    assert read_robustness(folder) is not None
    with pytest.raises(SystemExit):
        app(["encoders", "--check", "fake-signal", "--library", str(chords)])
    assert "DOES NOT HOLD" in capsys.readouterr().out


def test_what_was_found_of_other_weights_is_forgotten(tmp_path):
    folder = make_library(tmp_path).embedding_folder("audio", "made")
    one = Displacement(change="12 dB softer", cosine=0.7, others=0.0, itself=0.5, way=0.6)
    checked = Robustness(encoder="made", weights_id="none", version="1", tracks=3, seconds=30.0, moved=(one,))
    assert read_robustness(folder) is None
    checked.write(folder)
    version = json.loads((folder / "provenance.json").read_text())["version"]
    Robustness(**{**vars(checked), "version": version}).write(folder)
    assert read_robustness(folder).moved == (one,)
    Robustness(**{**vars(checked), "weights_id": "other"}).write(folder)
    assert read_robustness(folder) is None


def test_vectors_that_change_places_are_not_themselves():
    rows = np.eye(4, dtype=np.float32)
    assert moved("turned", rows, np.roll(rows, 1, axis=0)).itself == 0
    same = moved("nothing", rows, rows)
    assert (same.itself, same.way, same.holds) == (1.0, 0.0, True)
    assert moved("half", rows, 0.5 * rows).way == pytest.approx(0.5 / 2**0.5)


@pytest.mark.parametrize("seed", range(3))
def test_up_to_half_of_the_way_to_the_nearest_a_track_stays_nearest_to_itself_wherever_it_goes(seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(8, 3)).astype(np.float32)
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=2) + 1e9 * np.eye(8)
    towards = rows[apart.argmin(1)] - rows
    for share, stays in ((0.49, True), (0.51, False)):  # straight to the other one is the worst that it can do
        after = rows + np.float32(share) * towards
        distances = np.linalg.norm(after[:, None] - rows[None], axis=2)
        assert (distances.argmin(1) == np.arange(8)).all() == stays
        assert moved("towards", rows, after).to_nearest == pytest.approx(share, abs=1e-3)


def test_what_moves_beyond_half_of_the_way_does_not_hold():
    known = {"change": "softer", "cosine": 0.7, "others": 0.0, "itself": 1.0, "way": 0.3, "most_itself": 1.0}
    assert Displacement(**known, least_way=0.4, to_nearest=0.55, least_to_nearest=0.45).holds
    assert not Displacement(**known, least_way=0.2, to_nearest=0.7, least_to_nearest=0.6).holds


def test_a_figure_just_beyond_a_bound_is_no_finding_of_so_few_tracks():
    near = {"change": "mp3", "cosine": 0.9, "others": 0.0, "itself": 0.85, "way": 0.34}
    assert not Displacement(**near).holds  # as results of earlier versions are read
    assert Displacement(**near, most_itself=most_of(17, 20), least_way=0.28).holds
    assert not Displacement(**{**near, "itself": 1.0, "way": 0.5}, most_itself=1.0, least_way=0.4).holds
    assert not Displacement(**{**near, "itself": 0.7, "way": 0.2}, most_itself=most_of(14, 20), least_way=0.1).holds


@pytest.mark.parametrize("n", [5, 16, 20])
def test_limits_are_passed_by_chance_as_seldom_as_they_say(n):
    rng = np.random.default_rng(n)
    medians = [least_median(np.sort(rng.lognormal(size=n))) > 1.0 for _ in range(2000)]  # the median is 1
    shares = [most_of(int((rng.random(n) < 0.9).sum()), n) < 0.9 for _ in range(2000)]
    assert np.mean(medians) < 0.07
    assert np.mean(shares) < 0.07


def test_without_sound_there_is_nothing_to_check(tmp_path):
    with pytest.raises(LibraryError, match="can be heard"):
        check_encoders(make_library(tmp_path), ["harmony"])
    with pytest.raises(EncoderError):
        check_encoders(make_library(tmp_path / "other"), ["nonsense"])
