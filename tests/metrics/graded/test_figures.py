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
from antiphon.metrics.correct import Correct, one_each
from antiphon.metrics.graded.ceiling import best_lists, same_rows
from antiphon.metrics.graded.chance import chance
from antiphon.metrics.graded.describe import describe_lists
from antiphon.metrics.graded.figures import keys, per_query
from antiphon.metrics.graded.lists import result_lists
from antiphon.metrics.nearest.answers import best_wrong
from antiphon.metrics.ranks import TIE, ranks
from antiphon.metrics.resampling import MANY
from tests.helpers.measured.result_lists import Case, graded_case

KS = (1, 3, 10)
GOLDEN = Path(__file__).parents[2] / "golden" / "graded_ranx.json"
"""What ranx 0.3.21 gave for ``graded_case()``; ``pytest -m slow`` computes it again where ranx is installed."""


def lists_of(case, depth=10):
    wrong = best_wrong(case.queries, case.items, case.correct, k=depth)
    found = ranks(case.queries, case.items, case.correct)
    return result_lists(case.queries, case.items, case.correct, wrong, found, case.grades)


def slow_figures(grades_in_order, own, n_correct, ks):
    """One query: the grades of the items as they stand in the list, and those of its correct items."""
    first = 1 + next(i for i, grade in enumerate(grades_in_order) if grade > 0)
    found = {"mean_rank": float(first), "MRR": 1 / first}
    for k in ks:
        top = grades_in_order[:k]
        hits = [grade > 0 for grade in top]
        found[f"success@{k}"] = 100.0 * any(hits)
        found[f"recall@{k}"] = 100.0 * sum(hits) / n_correct
        found[f"precision@{k}"] = 100.0 * sum(hits) / k
        found[f"mAP@{k}"] = sum(sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(hits) if hit) / n_correct
        for name, gain in (("nDCG", lambda g: g), ("nDCG_exp", lambda g: 2**g - 1)):
            got = sum(gain(g) / math.log2(i + 2) for i, g in enumerate(top))
            best = sum(gain(g) / math.log2(i + 2) for i, g in enumerate(sorted(own, reverse=True)[:k]))
            found[f"{name}@{k}"] = got / best
    return found


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


def slow_ceiling(correct, grades, n_items, same_item, ks):
    """The best of every figure over all orders in which a model can put items that it cannot tell apart."""
    own = {int(j): float(g) for j, g in zip(correct.indices, grades, strict=True)}
    best = {}
    for order in itertools.permutations(sorted(set(same_item))):
        listed = []
        for number in order:
            members = [j for j in range(n_items) if same_item[j] == number]
            listed += sorted(own.get(j, 0.0) for j in members)
        found = slow_figures(listed, list(own.values()), len(own), ks)
        for key, value in found.items():
            better = min if key == "mean_rank" else max
            best[key] = better(best.get(key, value), value)
    return best


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_model_passes_the_ceiling_and_with_one_correct_item_it_is_met(seed):
    rng = np.random.default_rng(seed)
    n, ks = 6, (1, 2, 4)
    same, c = rng.integers(0, 4, n), int(rng.integers(1, 4))
    correct = Correct(np.array([0, c]), rng.choice(n, c, replace=False))
    grades = rng.integers(1, 4, c).astype(np.float64)
    bound = per_query(best_lists(correct, grades, n, 4, same_item=same), ks)
    best = slow_ceiling(correct, grades, n, same, ks)
    for key, value in best.items():
        reached = bound[key][0]
        assert reached <= value + 1e-9 if key == "mean_rank" else reached >= value - 1e-9, key
        if c == 1:
            assert reached == pytest.approx(value), key
    assert bound["success@1"][0] == pytest.approx(best["success@1"])


def test_equal_texts_with_different_tracks_share_one_list():
    """Four queries of one text: two ask for item 0, one each for 1 and 2; best is 0 first, then the others."""
    correct = one_each(np.array([0, 0, 1, 2, 5]))
    best = best_lists(correct, np.ones(5), 6, 3, same_query=np.array([7, 7, 7, 7, 8]))
    assert best.first.tolist() == [1, 1, 2, 3, 1]
    assert per_query(best, (1,))["success@1"].mean() == 60.0


def served(items, same_item, order):
    """Rank of each of some items in the list that a model gives to one text, where it tells some items not apart."""
    ahead = {number: sum(same_item.count(other) for other in order[: i + 1]) for i, number in enumerate(order)}
    return [ahead[same_item[item]] for item in items]  # those that it cannot tell from the right one stand before it


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=5, max_size=6), st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_no_list_of_one_text_serves_more_queries_within_any_place(same_item, items):
    correct, ones = one_each(np.array(items)), np.ones(len(items))
    one_text = np.zeros(len(items), np.int64)
    bound = best_lists(correct, ones, len(same_item), 6, same_item=np.array(same_item), same_query=one_text).first
    for order in itertools.permutations(sorted(set(same_item))):
        found = served(items, same_item, order)
        assert all(sum(rank <= t for rank in found) <= sum(bound <= t) for t in range(1, 7))
        assert np.median(bound) <= np.median(found)
        assert np.mean(1 / bound) >= np.mean([1 / rank for rank in found])


def test_a_recording_that_is_there_twice_does_not_hold_back_others_of_the_same_text():
    """Items 0 and 1 are one recording: item 2 stands first, and either of the two third."""
    best = best_lists(
        one_each(np.array([0, 1, 2])), np.ones(3), 3, 3, same_item=np.array([0, 0, 1]), same_query=np.zeros(3, int)
    )
    assert best.first.tolist() == [2, 3, 1]


def test_the_median_rank_has_the_ceiling_that_duplicates_leave():
    """Where every track is there twice nobody can put one of the two before the other."""
    case = graded_case(seed=3)
    one = Case(case.queries, case.items, one_each(np.arange(len(case.queries)) % 20), np.ones(len(case.queries)))
    twice = np.arange(len(case.items)) // 2
    clusters = (np.arange(len(case.queries)),)
    plain, doubled = (
        describe_lists(lists_of(one), one.correct, one.grades, KS, clusters=clusters, same_item=same, resamples=50)
        for same in (None, twice)
    )
    assert (plain["median_rank"]["ceiling"], doubled["median_rank"]["ceiling"]) == (1.0, 2.0)
    assert plain["median_rank"]["value"] == np.median(lists_of(one).first)
    low, high = plain["median_rank"]["ci95"]
    assert low <= plain["median_rank"]["value"] <= high


def test_rows_that_are_the_same_get_one_number():
    rows = np.array([[1, 2], [3, 4], [1, 2], [3, 5]], np.float16)
    numbers = same_rows(rows)
    assert numbers[0] == numbers[2]
    assert len(set(numbers.tolist())) == 3


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
