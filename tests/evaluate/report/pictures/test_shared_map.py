from __future__ import annotations

import numpy as np
import pytest

from antiphon.errors import LibraryError
from antiphon.evaluate.report import drawn
from antiphon.evaluate.report.drawn import map_of
from antiphon.evaluate.report.pictures.shared_map import MOST_CLASSES, REST, colouring, neighbours_kept, places_in_plane


def test_what_lies_on_a_plane_keeps_all_its_distances():
    rng = np.random.default_rng(0)
    plane = np.linalg.qr(rng.normal(size=(12, 2)))[0].T
    text, audio = (rng.normal(size=(n, 2)) @ plane for n in (30, 20))
    words, sound, kept = places_in_plane(text, audio)
    assert kept == pytest.approx(1)
    assert np.linalg.norm(words[3] - words[7]) == pytest.approx(np.linalg.norm(text[3] - text[7]))
    assert np.linalg.norm(sound[1] - sound[2]) == pytest.approx(np.linalg.norm(audio[1] - audio[2]))


def test_the_gap_between_the_two_sides_is_taken_off():
    rng = np.random.default_rng(1)
    both = rng.normal(size=(40, 6))
    words, sound, _ = places_in_plane(both + 50, both)
    np.testing.assert_allclose(words, sound, atol=1e-9)


def test_the_same_points_get_the_same_places_whichever_way_axes_point():
    rng = np.random.default_rng(2)
    text, audio = rng.normal(size=(30, 5)), rng.normal(size=(20, 5))
    for one, other in zip(
        places_in_plane(text, audio)[:2], places_in_plane(text.copy(), audio.copy())[:2], strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("n", "d"), [(1, 4), (2, 1), (5, 1)])
def test_few_points_and_one_dimension_have_places_too(n, d):
    values = np.random.default_rng(3).normal(size=(n, d))
    words, sound, kept = places_in_plane(values, values)
    assert words.shape == sound.shape == (n, 2)
    assert 0 <= kept <= 1.0001


def test_neighbours_that_are_kept_are_counted_as_one_would_by_hand():
    rng = np.random.default_rng(4)
    full, flat = rng.normal(size=(25, 6)), rng.normal(size=(25, 2))
    shared = 0
    for i in range(25):
        there = sorted((np.linalg.norm(full[i] - full[j]), j) for j in range(25) if j != i)[:4]
        here = sorted((np.linalg.norm(flat[i] - flat[j]), j) for j in range(25) if j != i)[:4]
        shared += len({j for _, j in there} & {j for _, j in here})
    found, by_chance = neighbours_kept(full, flat, 4)
    assert found == pytest.approx(shared / 100)
    assert by_chance == pytest.approx(4 / 24)
    assert neighbours_kept(full, full, 4)[0] == 1


def test_rare_values_of_a_column_share_a_colour_and_columns_that_tell_nothing_are_none():
    values = [f"v{i}" for i in range(MOST_CLASSES + 3) for _ in range(MOST_CLASSES + 4 - i)]
    found = colouring("mood", values)
    assert found.classes == (*(f"v{i}" for i in range(MOST_CLASSES)), REST)
    assert [found.classes[k] for k in found.of_track] == [
        value if int(value[1:]) < MOST_CLASSES else REST for value in values
    ]
    assert colouring("one", ["a"] * 5) is None
    assert colouring("each", list("abcde")) is None


def test_a_sample_of_a_large_split_is_said_and_its_captions_are_of_its_tracks(material, monkeypatch):
    monkeypatch.setattr(drawn, "MOST_TRACKS", 10)
    monkeypatch.setattr(drawn, "MOST_CAPTIONS", 15)
    found = map_of(material)
    assert (len(found.titles), len(found.texts)) == (10, 15)
    assert found.says().startswith("10 of 24 tracks and 15 of 48 captions")
    for text, owner in zip(found.texts, found.track_of_caption, strict=True):
        assert text.split(" ")[3] == found.titles[owner].split(" ")[-1]
    again = map_of(material)
    assert again.titles == found.titles


def test_the_map_is_coloured_by_the_column_that_was_asked_for(material):
    assert map_of(material, "year").colourings[0].name == "year"
    with pytest.raises(LibraryError, match="No column 'nope' tells these tracks apart") as refused:
        map_of(material, "nope")
    assert "mood" in refused.value.fix
