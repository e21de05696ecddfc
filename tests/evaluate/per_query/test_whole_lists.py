"""Figures of whole result lists of a checkpoint on a split, and grades that people gave."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from antiphon.align.data.pair_set import PairSet
from antiphon.cli import app
from antiphon.errors import ConfigError
from antiphon.evaluate.console import direction_lines
from antiphon.evaluate.per_query.list_table import list_lines
from antiphon.evaluate.per_query.whole_lists import figures_of_lists, required_ks, same_recordings
from antiphon.metrics.correct import Correct
from antiphon.metrics.figures import METRICS
from antiphon.metrics.graded.figures import keys
from antiphon.metrics.graded.grades import graded

KS = (1, 5, 7)


def test_the_command_gives_every_figure_at_every_k(root, capsys):
    checkpoint = str(root / "checkpoints" / "clear_best_r1.pt")
    given = ["evaluate", checkpoint, "--no-baselines", "--k", "7", "1", "--json", "--library", str(root)]
    app(given, result_action="return_value")
    result = json.loads(capsys.readouterr().out)
    for way in ("t2a", "a2t"):
        found = result[way]
        assert set(found["lists"]) == {"median_rank", *keys((1, 7))}
        assert found["lists"]["median_rank"]["value"] == found["median_rank"]
        assert found["lists"]["median_rank"]["ci95"] == found["ci95"]["median_rank"]
        assert found["lists"]["median_rank"]["chance"] == found["chance"]["median_rank"]
        assert {*METRICS, "R@7"} <= set(found)
        assert found["lists"]["success@7"]["value"] == pytest.approx(found["R@7"])
        assert found["lists"]["success@7"]["chance"] == pytest.approx(found["chance"]["R@7"])
        assert found["ci95"]["R@7"][0] <= found["R@7"] <= found["ci95"]["R@7"][1]
        said = "\n".join(direction_lines(way, found))
        assert "R@7" in said
        (line,) = [line for line in said.splitlines() if line.startswith("  nDCG ") and "[" in line]
        assert f"{found['lists']['nDCG@7']['value']:.3f} [" in line
        assert "nDCG exp@K is nDCG@K here." in said


def test_without_k_the_contract_is_as_it_was(root, capsys):
    checkpoint = str(root / "checkpoints" / "clear_best_r1.pt")
    app(["evaluate", checkpoint, "--no-baselines", "--json", "--library", str(root)], result_action="return_value")
    result = json.loads(capsys.readouterr().out)
    assert set(result["t2a"]) == {"n_queries", "n_items", "n_groups", *METRICS, "chance", "ci95"}


def test_a_grade_of_0_takes_an_answer_away_and_another_adds_one(split):
    vectors, both = split
    pairs = vectors.pairs
    plain = figures_of_lists(vectors, KS, resamples=0)["t2a"]
    wrong = np.flatnonzero(both.t2a.ranks > 1)
    grades = {(pairs.caption_ids[i], both.t2a.wrong_ids[i]): 3.0 for i in wrong}
    better = figures_of_lists(vectors, KS, grades=grades, resamples=0)["t2a"]
    assert plain["success@1"]["value"] < better["success@1"]["value"] == 100.0
    assert better["nDCG_exp@5"]["value"] != better["nDCG@5"]["value"]
    gone = {(pairs.caption_ids[i], both.t2a.correct_ids[i]): 0.0 for i in wrong}
    fewer = figures_of_lists(vectors, KS, grades=gone, resamples=0)["t2a"]
    assert fewer["success@1"]["value"] == 100.0  # the queries that lost their only answer are not asked
    back = figures_of_lists(vectors, KS, grades=gone, resamples=0)["a2t"]
    assert back["recall@7"]["value"] != figures_of_lists(vectors, KS, resamples=0)["a2t"]["recall@7"]["value"]


def test_grades_replace_what_is_assumed():
    correct = Correct(np.array([0, 2, 3, 4]), np.array([0, 1, 1, 2]))
    given = {("p", "a"): 2.0, ("p", "c"): 3.0, ("q", "b"): 0.0, ("r", "x"): 1.0, ("y", "a"): 1.0}
    found = graded(correct, ["p", "q", "r"], ["a", "b", "c"], given)
    assert found.asked.tolist() == [True, False, True]
    assert found.correct.indptr.tolist() == [0, 3, 4]
    assert found.correct.indices.tolist() == [0, 1, 2, 2]
    assert found.grades.tolist() == [2.0, 1.0, 3.0, 1.0]
    with pytest.raises(ValueError, match="from 0 on"):
        graded(correct, ["p", "q", "r"], ["a", "b", "c"], {("p", "a"): -1.0})


def test_recordings_with_the_same_vector_are_known(split):
    vectors, _ = split
    assert len(np.unique(same_recordings(vectors))) == 60
    matrix = vectors.raw.audio.matrix
    repeated = np.repeat(vectors.raw.audio.rows[:30], 2)
    twice = type(vectors.raw.audio)(matrix, repeated)
    doubled = replace(vectors, raw=PairSet(twice, *list(vars(vectors.raw).values())[1:]))
    assert same_recordings(doubled).tolist() == np.repeat(np.arange(30), 2).tolist()


@pytest.mark.parametrize("ks", [(), (0, 5), (20_000,)])
def test_k_without_use_is_refused(ks):
    with pytest.raises(ConfigError, match="K must lie in"):
        required_ks(ks)


def test_figures_that_are_the_same_as_others_are_named_in_a_line_and_have_no_rows() -> None:
    def figure(value: float) -> dict[str, float]:
        return {"value": value, "chance": 0.1, "ceiling": 1.0}

    def success(value: float, ceiling: float = 100.0) -> dict[str, float]:
        return {"value": value, "chance": 0.1, "ceiling": ceiling}

    at_k = {"recall": (10, 15), "nDCG": (0.1, 0.2), "nDCG_exp": (0.1, 0.2)}
    lists = {f"{name}@{k}": figure(v) for name, own in at_k.items() for k, v in zip((1, 5), own, strict=True)}
    lists = {"success@1": success(10), "success@5": success(20), **lists}
    shown = list_lines({"mean_rank": figure(12.3456), **lists}, {"R@1": 10.0, "R@5": 20.0, "R@10": 30.0, "MRR": 0.2})
    assert shown[-2:] == ["  success@K is R@K here.", "  nDCG exp@K is nDCG@K here."]
    assert [line.split()[0] for line in shown[:-2]] == ["mean", "at", "recall", "chance", "nDCG", "chance"]
    assert shown[0].split()[2].startswith("12.3")
    assert shown[1].split()[-2:] == ["@1", "@5"]
    assert shown[4].split() == ["nDCG", "0.100", "0.200"]
    assert shown[5].split() == ["chance", "/", "ceiling", "0.100", "/", "1.000", "0.100", "/", "1.000"]
    for told in (
        list_lines(lists, {"R@1": 10.0, "R@5": 19.0}),
        list_lines(lists | {"success@1": success(10, 90)}, {"R@1": 10.0, "R@5": 20.0}),
    ):
        assert any(line.split()[0] == "success" for line in told)


@pytest.mark.parametrize(("key", "ceiling", "shown"), [("MRR", 0.9, "0.9000"), ("median_rank", 2.0, "2")])
def test_a_figure_of_ranks_has_a_row_where_its_ceiling_tells_something(key: str, ceiling: float, shown: str) -> None:
    free = {"value": 0.2, "chance": 0.1, "ceiling": 1.0}
    assert list_lines({key: free}, {key: 0.2}) == []
    (line,) = list_lines({key: free | {"ceiling": ceiling}}, {key: 0.2})
    assert line.endswith(f"ceiling {shown}")


def test_many_k_stand_in_blocks_that_a_terminal_holds() -> None:
    figure = {"value": 100.0, "chance": 0.1, "ceiling": 100.0, "ci95": [99.9, 100.0]}
    lists = {f"recall@{k}": figure for k in (1, 5, 10, 50, 100)}
    shown = list_lines(lists, {"R@1": 10.0})
    assert [line.split()[4:] for line in shown[::3]] == [["@1", "@5", "@10"], ["@50", "@100"]]
    assert max(map(len, shown)) <= 80


def test_without_k_there_is_nothing_to_show() -> None:
    assert list_lines({}, {"R@1": 10.0}) == []
