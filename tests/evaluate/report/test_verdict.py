from __future__ import annotations

import copy

import pytest

from antiphon.evaluate.doctor.diagnose import examine
from antiphon.evaluate.report.verdict import typed_table, verdict_of
from tests.helpers.evaluated.made_course import healthy


@pytest.fixture
def figures(material):
    return copy.deepcopy(material.figures)


@pytest.fixture
def diagnosis(material):
    return material.trainings[0].diagnosis


def test_the_headline_says_the_figures_beside_guessing(figures, diagnosis):
    t2a = figures["t2a"]
    found = verdict_of(figures, diagnosis)
    assert found.headline == (
        f"{t2a['R@1']:.0f}\u00a0% of captions find their track first, {t2a['R@10']:.0f} % within the first ten of 24. "
        f"Guessing: {t2a['chance']['R@1']:.0f}\u00a0% and {t2a['chance']['R@10']:.0f}\u00a0%."
    )
    assert figures["verdict"] in found.sentences
    assert found.sentences[1] == f"The training doctor says: {diagnosis.summary}"


def test_few_tracks_have_no_first_ten(figures, diagnosis):
    figures["t2a"]["n_items"] = 9
    assert "first ten" not in verdict_of(figures, diagnosis).headline


def test_in_a_large_library_guessing_is_next_to_nothing(figures, diagnosis):
    figures["t2a"]["chance"]["R@1"] = 0.003
    assert "Guessing: less than 0.1\u00a0% and" in verdict_of(figures, diagnosis).headline


@pytest.mark.parametrize(("difference", "p", "mood"), [(0.1, 0.001, "good"), (-0.1, 0.001, "bad"), (0.1, 0.5, "open")])
def test_its_mood_is_that_of_the_test_against_the_best_baseline(figures, difference, p, mood):
    best = max(figures["baselines"].values(), key=lambda each: each["t2a"]["MRR"] + each["a2t"]["MRR"])
    half = abs(difference) / 2 if p < 0.05 else 1.0
    best["training_minus_baseline"]["mean"]["MRR"].update(
        difference=difference, p=p, ci95=[difference - half, difference + half], clusters=50
    )
    assert verdict_of(figures, examine(healthy())).mood == mood


def test_no_better_than_chance_is_bad_whatever_the_baselines_are(figures, diagnosis):
    for way in ("t2a", "a2t"):
        figures[way]["ci95"]["MRR"] = [0.0, 1.0]
    assert verdict_of(figures, diagnosis).mood == "bad"


def test_tiles_hold_value_interval_chance_and_baseline_on_one_scale(figures, diagnosis):
    tiles = {tile.name: tile for tile in verdict_of(figures, diagnosis).tiles["a2t"]}
    assert set(tiles) == {"R@1", "R@10", "MRR", "median rank"}
    assert tiles["MRR"].places["value"] == pytest.approx(100 * figures["a2t"]["MRR"], abs=0.01)
    assert tiles["R@10"].places["chance"] == pytest.approx(figures["a2t"]["chance"]["R@10"], abs=0.01)
    assert tiles["median rank"].places is None


def test_without_baselines_there_are_figures_all_the_same(figures, diagnosis):
    figures["baselines"] = {}
    found = verdict_of(figures, diagnosis)
    assert found.best_baseline == ""
    assert found.mood == "open"
    assert found.tiles["t2a"][0].places["baseline"] is None


def test_what_people_type_is_a_table_where_it_was_asked():
    kind = {"n_queries": 30, "R@10": 50.0, "MRR": 0.3, "chance": {"MRR": 0.1}, "ci95": {"MRR": [0.2, 0.4]}}
    beside = {"as_caption": {"MRR": 0.4, "share": -0.25}, "examples": ["slow piano"]}
    table = typed_table({"kinds": {"caption": kind, "tags": kind | beside, "question": {"n_queries": 0}}})
    assert [row[0] for row in table.rows] == ["whole caption", "tags"]
    assert table.rows[1][1:] == (
        "slow piano",
        "30",
        "50.0\u00a0%",
        "0.300 (0.200–0.400)",
        "0.100",
        "0.400 (-25%)",
    )
    assert typed_table({"missing": "the text encoder is away"}) is None
    assert typed_table(None) is None
