"""What a training has to report: the usual course with its figures, and the page that lists where each item stands."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.evaluate.doctor.bands import band
from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.diagnose import examine
from antiphon.metrics.retrieval import chance
from tests.helpers.evaluated.made_course import LEVEL, case, course, found, one

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "concepts" / "what-a-training-reports.md").read_text(encoding="utf-8")
OF_32 = LEVEL / math.log(32)
"""What a loss over 32 candidates is over as many as the made courses have."""


def half_way() -> Case:
    """Ten of twenty epochs: losses 3.5 → 1.82 and 1.90 on the scale of a batch of 32, R@1 12.45 %, R@5 31.22 %."""
    x = np.linspace(0, 1, 10)
    train = OF_32 * (3.5 - (3.5 - 1.8234) * x)
    made = course(train, train + OF_32 * (1.9012 - 1.8234) * x, 0.22 + (12.45 - 0.22) * x)
    figures = {"R@1": 12.45, "R@5": 31.22, "R@10": 42.18, "MRR": 0.2156, "median_rank": 14.0}
    last = replace(made[-1], val={"t2a": figures, "a2t": figures})
    return case((*made[:-1], last), config=TrainConfig(epochs=20))


def test_half_way_it_is_learning_well_and_on_track_for_thirty_percent():
    stage = one(half_way(), "As expected for epochs 5–10, learning")
    assert "train loss 1.82 (1.3–2.4), val loss 1.90 (1.3–2.5), R@1 12.4% (5–15%), R@5 30.9% (fair)" in stage.evidence
    assert stage.advice == "On track for an R@1 above 30 % by epoch 20."
    told = examine(half_way())
    assert not [f for f in told.findings if f.severity in ("warning", "problem")], told.lines()
    assert "MRR 0.2156 is a harmonic mean rank of 4.6" in one(half_way(), "Val t2a R@1 is fair").evidence


@pytest.mark.parametrize(("n", "name"), [(450, "no better than chance"), (10_000, "very early")])
def test_figures_of_a_first_epoch_are_held_against_chance(n, name):
    """0.22 % first, 1.57 % among five, MRR 0.0127: luck over 450 tracks, the first steps over 10,000."""
    by_chance = chance(n, 1)
    for key, value in {"R@1": 0.22, "R@5": 1.57, "R@10": 2.47, "MRR": 0.0127}.items():
        assert band(key, value, by_chance) == name


def test_a_model_beyond_chance_in_a_large_gallery_is_no_problem():
    large = {"t2a": chance(10_000, 1), "a2t": chance(10_000, 1)}
    figures = {"R@1": 0.22, "R@5": 1.57, "R@10": 2.47, "MRR": 0.0127, "median_rank": 2000.0}
    first = replace(course([9.0], [9.0], [0.22])[0], loss_chance=math.log(10_000), val={"t2a": figures, "a2t": figures})
    assert one(case((first,), chance=large, n_val=10_000), "Val t2a R@1 is very early").severity == "note"
    lost = {"R@1": 0.04, "R@5": 0.05, "R@10": 0.1, "MRR": 0.001, "median_rank": 5000.0}
    blind = replace(first, val={"t2a": lost, "a2t": lost})
    assert one(case((blind,), chance=large, n_val=10_000), "no better than chance, in both").severity == "problem"


def test_converged_as_is_usual_by_twenty():
    x = np.linspace(0, 1, 20)
    train = OF_32 * (3.5 * np.exp(-1.6 * x))
    good = case(course(train, train + 0.2 * x, np.minimum(40, 50 * x)), config=TrainConfig(epochs=20))
    assert one(good, "As expected for epochs 15–20, convergence").severity == "good"
    assert one(good, "above 30% by epoch 20").title.endswith("EXCELLENT")
    assert one(good, "Val loss stays within 0.3 of train loss").severity == "good"


def test_losses_above_what_is_usual_are_said_where_r1_alone_is_as_expected():
    """R@1 of 35 % beside losses of 1.6 and 2.3, where 1.2 and 1.3 are the most: the title must not hide them."""
    x = np.linspace(0, 1, 20)
    course_of = course(OF_32 * (3.4 - 1.8 * x), OF_32 * (3.4 - 1.1 * x), np.minimum(35, 50 * x))
    heads = case(course_of, config=TrainConfig(epochs=20))
    title = one(heads, "As expected for epochs 15–20").title
    assert title.endswith(", convergence, by R@1; train and val loss above what is usual")
    ensemble = one(replace(heads, closed_form_weight=0.85), "As expected for epochs 15–20")
    assert ensemble.title.endswith(", convergence")  # the evidence says whose losses they are


def test_loss_that_rises_on_val_alone_ends_the_question_whether_to_train_longer():
    train = OF_32 * np.linspace(3.5, 0.5, 20)
    val = np.concatenate([train[:8], np.linspace(train[7], 3.0 * OF_32, 12)])
    told = case(course(train, val, [*np.linspace(0, 30, 8), *np.linspace(29, 20, 12)]), config=TrainConfig(epochs=20))
    assert found(told, "train longer") == [one(told, "overfitting, do not train longer")]


def _rows() -> list[list[str]]:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_page_lists_every_item_once_with_a_place_and_a_test():
    rows = _rows()
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= 81
    assert all(len(row) == 4 and all(row) for row in rows)
    assert len({row[1] for row in rows}) == len(rows)


def test_the_tests_that_the_page_names_are_there():
    named = [match for row in _rows() for match in re.findall(r"`([\w/]+\.py)::(\w+)`", row[3])]
    assert len(named) >= 81
    by_file = {path: _tests(ROOT / "tests" / path) for path, _ in named}
    assert [f"{path}::{test}" for path, test in named if test not in by_file[path]] == []


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
