"""Figures of result lists against the definitions word for word, ir-measures, ranx, simulation and hand-made cases."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.metrics.bootstrap import intervals_of_means
from antiphon.metrics.correct import Correct
from antiphon.metrics.graded.chance import chance
from antiphon.metrics.graded.describe import describe_lists
from antiphon.metrics.graded.figures import keys, per_query
from antiphon.metrics.ranks import TIE, ranks
from antiphon.metrics.resampling import MANY
from tests.helpers.measured.result_lists import Case, graded_case, lists_of, slow_figures

KS = (1, 3, 10)
GOLDEN = Path(__file__).parents[2] / "golden" / "graded_ranx.json"
"""What ranx 0.3.21 gave for ``graded_case()``; ``pytest -m slow`` computes it again where ranx is installed."""


def slow_order(case, query):
    """Grades of all items in the list's order: a wrong item that ties stands first, then the lower grade."""
    scores, own = case.scores()[query], case.graded(query)
    tie = TIE * np.linalg.norm(case.queries[query].astype(np.float64))
    tie *= np.linalg.norm(case.items.astype(np.float64), axis=1).max()
    keys = [(scores[j] if j in own else scores[j] + tie * 1.01, -own.get(j, 0.0)) for j in range(len(scores))]
    order = sorted(range(len(scores)), key=lambda j: (-np.float32(keys[j][0]), j in own, own.get(j, 0.0)))
    return [own.get(j, 0.0) for j in order]


@pytest.mark.parametrize("seed", range(5))
def test_every_query_has_the_figures_of_a_plain_loop(seed):
    case = graded_case(seed=seed)
    found = per_query(lists_of(case), KS)
    assert tuple(found) == keys(KS)
    for i in range(len(case.queries)):
        own = list(case.graded(i).values())
        slow = slow_figures(slow_order(case, i), own, len(own), KS)
        assert {key: values[i] for key, values in found.items()} == pytest.approx(slow)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2]))
def test_ties_count_against_the_query_in_every_figure(seed, grid):
    """Vectors on a coarse grid: many items score the same."""
    rng = np.random.default_rng(seed)
    made = graded_case(6, 9, dims=2, most=5, seed=seed)
    items = rng.integers(-grid, grid + 1, made.items.shape).astype(np.float32)
    case = Case(rng.integers(-grid, grid + 1, made.queries.shape).astype(np.float32), items, made.correct, made.grades)
    found = per_query(lists_of(case, 9), (1, 2, 9))
    for i in range(6):
        own = list(case.graded(i).values())
        slow = slow_figures(slow_order(case, i), own, len(own), (1, 2, 9))
        assert {key: values[i] for key, values in found.items()} == pytest.approx(slow)
    best = ranks(case.queries, case.items, case.correct)
    assert np.array_equal(found["success@2"] == 100, best <= 2)


def test_figures_equal_those_of_ir_measures():
    case = graded_case()
    measures = {
        f"{ours}@{k}": ir_measures.parse_measure(f"{theirs}@{k}")
        for k in KS
        for ours, theirs in (
            ("success", "Success"),
            ("recall", "R"),
            ("precision", "P"),
            ("mAP", "AP"),
            ("nDCG", "nDCG"),
        )
    }
    theirs = ir_measures.calc_aggregate(measures.values(), case.qrels(), case.run())
    ours = {key: float(values.mean()) for key, values in per_query(lists_of(case), KS).items()}
    for key, measure in measures.items():
        scale = 1.0 if key.startswith(("mAP", "nDCG")) else 100.0
        assert ours[key] == pytest.approx(scale * theirs[measure]), key
    reciprocal = ir_measures.calc_aggregate([ir_measures.RR], case.qrels(), case.run())[ir_measures.RR]
    assert np.mean(1 / lists_of(case).first) == pytest.approx(reciprocal)


RANX = {
    "success": "hit_rate",
    "recall": "recall",
    "precision": "precision",
    "mAP": "map",
    "nDCG": "ndcg",
    "nDCG_exp": "ndcg_burges",
}
ASK_RANX = """
import json, sys
from ranx import Qrels, Run, evaluate
qrels, run, names = json.load(sys.stdin)
print(json.dumps({n: float(v) for n, v in evaluate(Qrels(qrels), Run(run), names).items()}))
"""


def _against_ranx(theirs):
    ours = {key: float(values.mean()) for key, values in per_query(lists_of(graded_case()), KS).items()}
    for key in keys(KS)[2:]:
        name, k = key.split("@")
        scale = 1.0 if name in ("mAP", "nDCG", "nDCG_exp") else 100.0
        assert ours[key] == pytest.approx(scale * theirs[f"{RANX[name]}@{k}"], abs=1e-6), key


def test_figures_equal_those_that_ranx_gave():
    _against_ranx(json.loads(GOLDEN.read_text())["figures"])


@pytest.mark.slow
def test_ranx_still_gives_them(tmp_path):
    """ranx brings numba and more, so it gets a folder of its own: ``$ANTIPHON_PEERS/ranx``, or a temporary one."""
    case, folder = graded_case(), Path(os.environ.get("ANTIPHON_PEERS", tmp_path)) / "ranx"
    if not folder.is_dir():
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), "ranx==0.3.21"]
        subprocess.run(command, check=True)
    names = [f"{theirs}@{k}" for theirs in RANX.values() for k in KS]
    given = json.dumps([case.qrels(), case.run(), names])
    there = {**os.environ, "PYTHONPATH": str(folder)}
    ran = subprocess.run([sys.executable, "-c", ASK_RANX], input=given, capture_output=True, text=True, env=there)
    assert ran.returncode == 0, ran.stderr
    theirs = json.loads(ran.stdout.splitlines()[-1])
    _against_ranx(theirs)
    assert theirs == pytest.approx(json.loads(GOLDEN.read_text())["figures"], abs=1e-9)


def test_chance_is_the_mean_over_all_orders_of_the_items():
    """Every order of six items, each as likely as any other."""
    grades = np.array([2.0, 1.0, 3.0])
    correct, ks = Correct(np.array([0, 3]), np.array([0, 1, 2])), (1, 2, 4, 8)
    orders = itertools.permutations([2.0, 1.0, 3.0, 0.0, 0.0, 0.0])
    every = [slow_figures(list(order), [2.0, 1.0, 3.0], 3, ks) for order in orders]
    expected = {key: np.mean([found[key] for found in every]) for key in keys(ks)}
    assert chance(correct, grades, 6, ks) == pytest.approx(expected)


def test_a_random_space_scores_as_chance():
    rng = np.random.default_rng(0)
    made = graded_case(2000, 60, most=5)
    case = Case(
        rng.standard_normal((2000, 8)).astype(np.float32), rng.standard_normal((60, 8)).astype(np.float32), *made[2:]
    )
    expected = chance(case.correct, case.grades, 60, KS)
    for key, values in per_query(lists_of(case), KS).items():
        assert abs(values.mean() - expected[key]) < 5 * values.std() / math.sqrt(2000) + 0.05 * expected[key], key


def test_description_holds_value_chance_ceiling_and_interval():
    case = graded_case()
    clusters = (np.arange(40) // 2,)
    found = describe_lists(lists_of(case), case.correct, case.grades, KS, clusters=clusters, resamples=200)
    assert tuple(found) == ("median_rank", *keys(KS))
    for key, own in found.items():
        low, high = own["ci95"]
        assert low <= own["value"] <= high, key
        if not key.endswith("_rank"):
            assert own["chance"] <= own["value"] <= own["ceiling"] + 1e-9, key
    assert found["mean_rank"]["ceiling"] == 1.0
    assert "ci95" not in describe_lists(lists_of(case), case.correct, case.grades, KS, clusters=clusters)["mAP@10"]


def test_intervals_of_few_many_and_constant_queries():
    rng = np.random.default_rng(0)
    values = rng.random(4 * MANY)
    ranges = {"a": (0.0, 1.0)}
    many = intervals_of_means({"a": values}, (np.arange(4 * MANY) // 2,), ranges)["a"]
    assert many[0] < values.mean() < many[1]
    assert many[1] - many[0] == pytest.approx(2 * 1.96 * values.std() / math.sqrt(4 * MANY), rel=0.1)
    same = intervals_of_means({"a": np.full(20, 0.5)}, (np.arange(20),), ranges)["a"]
    assert same[0] < 0.5 < same[1]
    assert intervals_of_means({"a": values[:9]}, (np.zeros(9),), ranges)["a"] == [None, None]
    dependent = intervals_of_means(
        {"a": np.repeat(values[:30], 4)}, (np.arange(120), np.repeat(np.arange(30), 4)), ranges
    )["a"]
    independent = intervals_of_means({"a": np.repeat(values[:30], 4)}, (np.arange(120),), ranges)["a"]
    assert dependent[1] - dependent[0] > 1.5 * (independent[1] - independent[0])
