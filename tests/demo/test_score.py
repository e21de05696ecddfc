"""The demo's composition: what a recipe says is what the notes do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from antiphon.demo.catalogue import make_catalogue
from antiphon.demo.recipe import SCALES
from antiphon.demo.sound.drums import GROOVES
from antiphon.demo.sound.score import Composer, Score, compose
from tests.helpers.libraries.made_recipe import PLAIN

RECIPES = [piece.recipe for piece in make_catalogue(150, 3)]


def lead_rate(score: Score) -> float:
    return sum(note.part == "lead" for note in score.notes) / score.seconds


def test_the_same_recipe_gives_the_same_score() -> None:
    assert compose(PLAIN) == compose(PLAIN)
    assert compose(PLAIN) != compose(replace(PLAIN, seed=6))


def test_a_transposed_copy_differs_in_pitch_only() -> None:
    original, copy = compose(PLAIN), compose(replace(PLAIN, transpose=1))
    assert [n._replace(pitch=n.pitch + 1) for n in original.notes] == copy.notes
    assert original.hits == copy.hits


@pytest.mark.parametrize("tempo_bpm", [("slow", 65.0), ("moderate", 100.0), ("fast", 150.0)])
def test_a_busy_lead_plays_at_least_twice_as_many_notes_as_a_sparse_one_at_any_tempo(
    tempo_bpm: tuple[str, float],
) -> None:
    tempo, bpm = tempo_bpm
    base = replace(PLAIN, tempo=tempo, bpm=bpm)
    sparse, busy = (
        np.mean([lead_rate(compose(replace(base, density=density, seed=seed))) for seed in range(8)])
        for density in ("sparse", "busy")
    )
    assert sparse < 1.5
    assert busy > 2.8
    assert busy > 2 * sparse


@pytest.mark.parametrize("mode", ["major", "minor", "dorian", "phrygian", "pentatonic"])
def test_all_notes_belong_to_the_scale(mode: str) -> None:
    allowed = {(9 + step) % 12 for step in SCALES[mode]}
    for seed in range(6):
        notes = compose(replace(PLAIN, mode=mode, seed=seed)).notes
        assert {note.pitch % 12 for note in notes} <= allowed


def test_the_last_note_of_the_lead_is_the_tonic() -> None:
    for recipe in RECIPES:
        if recipe.texture == "arpeggio" and not recipe.backing:
            continue
        last = max((n for n in compose(recipe).notes if n.part == "lead"), key=lambda n: n.start)
        assert (last.pitch - recipe.transpose) % 12 == recipe.tonic


def test_every_piece_lasts_six_to_ten_seconds_and_its_notes_begin_within_it() -> None:
    for recipe in RECIPES:
        score = compose(recipe)
        assert 5.5 < score.seconds < 10.0
        assert all(0 <= n.start < score.seconds + 0.05 and 0 < n.velocity <= 1 for n in score.notes)
        assert all(20 <= n.pitch <= 115 for n in score.notes)


def test_only_the_parts_that_the_recipe_names_play() -> None:
    for recipe in RECIPES:
        score = compose(recipe)
        expected = {"lead"} | ({"backing"} if recipe.backing else set()) | ({"bass"} if recipe.bass else set())
        assert {note.part for note in score.notes} == expected
        drums = set(GROOVES[recipe.groove]) if recipe.groove else set()
        assert {hit.drum for hit in score.hits} == drums


@pytest.mark.parametrize(("contour", "sign"), [("rising", 1), ("falling", -1)])
def test_rising_melodies_rise_and_falling_ones_fall(contour: str, sign: int) -> None:
    steps = []
    for seed in range(10):
        lead = [n for n in compose(replace(PLAIN, contour=contour, seed=seed)).notes if n.part == "lead"]
        steps += list(np.sign(np.diff([n.pitch for n in lead])))
    # Each bar starts anew on the other side, so not every step goes the same way.
    assert np.mean(steps) * sign > 0.25


def test_leaping_melodies_move_in_wider_steps_than_winding_ones() -> None:
    def width(contour: str) -> float:
        leads = [compose(replace(PLAIN, contour=contour, seed=seed)).notes for seed in range(10)]
        return float(np.mean([np.abs(np.diff([n.pitch for n in notes if n.part == "lead"])).mean() for notes in leads]))

    assert width("leaping") > 1.7 * width("winding")


def test_staccato_notes_are_less_than_half_as_long_as_legato_ones() -> None:
    short, long = (
        np.mean([n.seconds for n in compose(replace(PLAIN, lead="flute", articulation=how)).notes if n.part == "lead"])
        for how in ("staccato", "legato")
    )
    assert short < 0.5 * long


def test_a_drone_is_held_from_beginning_to_end() -> None:
    score = compose(replace(PLAIN, texture="drone", bass=False, groove=""))
    drone = [note for note in score.notes if note.part == "backing"]
    assert len({note.pitch % 12 for note in drone}) == 2
    assert all(note.seconds == pytest.approx(score.seconds) for note in drone)


def test_a_swung_groove_delays_the_off_beat_and_nothing_else() -> None:
    straight, swung = Composer(PLAIN), Composer(replace(PLAIN, groove="shuffle"))
    assert swung.seconds_at(0.5) == pytest.approx(straight.seconds_at(0.5) * 4 / 3)
    assert swung.seconds_at(3.0) == straight.seconds_at(3.0)
    times = [swung.seconds_at(b) for b in np.arange(0, 4, 0.25)]
    assert times == sorted(times)


def test_groove_lines_fill_their_bar() -> None:
    for name, groove in GROOVES.items():
        assert {len(line) for line in groove.values()} == {12 if name == "waltz" else 16}
