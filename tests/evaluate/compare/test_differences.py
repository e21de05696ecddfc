"""What is said of many pairs: those of the best in a table, those that differ by name, the rest counted."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from antiphon.evaluate.compare.differences import Differences
from antiphon.metrics.pairing import decided

NAMES = [f"encoder{k}" for k in range(10)]


def pair(better: str, worse: str, *, sure: bool, clusters: int = 40) -> dict[str, Any]:
    """A paired test between two trainings."""
    ends = [0.05, 0.15] if sure else [-0.05, 0.25]
    gain = {"difference": 0.1, "ci95": ends, "p": 0.001 if sure else 0.2, "clusters": clusters, "standard_error": 0.08}
    return {"better": better, "worse": worse, "MRR": gain, "p_holm": 0.004 if sure else 0.6}


def against(trained: str, baseline: str, difference: float, *, sure: bool, clusters: int = 40) -> dict[str, Any]:
    """A paired test of a training against a baseline."""
    ends = sorted([difference * 0.5, difference * 1.5]) if sure else [difference - 1, difference + 1]
    gain = {"difference": difference, "ci95": ends, "p": 0.001 if sure else 0.4, "clusters": clusters}
    return {"trained": trained, "baseline": baseline, "MRR": {**gain, "standard_error": 0.1}}


def differences(tests: list[dict[str, Any]], baselines: list[dict[str, Any]] | None = None) -> Differences:
    return Differences(tests=tests, baseline_tests=baselines or [], n_tracks=100, where="test")


def test_of_ten_trainings_that_cannot_be_told_apart_two_sentences_and_nine_rows_are_left() -> None:
    found = differences([pair(a, b, sure=False) for a, b in combinations(NAMES, 2)])
    grid = found.grid()
    assert grid is not None
    assert [row[:2] for row in grid.rows] == [("encoder0", name) for name in NAMES[1:]]
    assert found.lines() == [
        f"encoder0 cannot be told apart from {', '.join(NAMES[1:-1])} and encoder9.",
        "None of the 36 other pairs of trainings can be told apart; the JSON form has each test.",
    ]
    assert "for all 45 pairs." in grid.notes[0]


def test_every_significant_pair_is_named_once_and_every_other_counted() -> None:
    """The slow twin: what is said is read back, and is what the tests say pair by pair."""
    tests = [pair(a, b, sure=int(b[-1]) - int(a[-1]) >= 4) for a, b in combinations(NAMES, 2)]
    said = differences(tests).lines()
    read = set()
    for line in said:
        name, significant, rest = line.partition(" is significantly better than ")
        named = rest.split(", and cannot")[0].rstrip(".").replace(" and ", ", ").split(", ") if significant else []
        read |= {(name, other) for other in named}
    assert read == {(t["better"], t["worse"]) for t in tests if decided(t["MRR"], p=t["p_holm"]) == "better"}
    level = sum(decided(t["MRR"], p=t["p_holm"]) == "open" for t in tests if t["better"] != "encoder0")
    assert f"The {level} other pairs of trainings cannot be told apart; the JSON form has each test." in said


def test_a_row_says_how_sure_it_is_and_how_many_tracks_would_decide() -> None:
    baselines = [against("a", "a cca", 0.1, sure=True), against("b", "b cca", -0.1, sure=True)]
    grid = differences([pair("a", "b", sure=False)], baselines).grid()
    assert grid is not None
    assert grid.rows == (
        ("a", "b", "+0.100", "-0.050 to +0.250", "0.6", "no", "410"),
        ("a", "a cca", "+0.100", "+0.050 to +0.150", "0.001", "yes", "–"),
        ("b", "b cca", "-0.100", "-0.150 to -0.050", "0.001", "yes, worse", "–"),
    )
    assert "captioned test tracks would decide it (80% power)" in grid.notes[0]
    assert "Holm" not in grid.notes[0]


def test_of_few_groups_it_is_said_once_that_nobody_knows_how_many_more_would_do() -> None:
    tests = [pair(a, b, sure=False, clusters=9) for a, b in combinations(NAMES[:4], 2)]
    tests[0]["MRR"]["ci95"] = [0.01, 0.2]
    found = differences(tests, [against("encoder0", "cca", 0.1, sure=False, clusters=9)])
    grid, few = found.grid(), [line for line in found.lines() if "groups" in line]
    assert grid is not None
    assert "more tracks" not in grid.headings
    assert few == [
        "With only 9 independent groups intervals are too narrow, and p alone decides what is significant; how many "
        "more tracks would decide cannot be said."
    ]
    tests = [pair("a", "b", sure=False)]
    tests[0]["MRR"]["ci95"] = [0.01, 0.2]
    assert differences(tests).lines()[-1] == (
        "Where an interval leaves out 0 and p is above 0.05, the difference counts as not significant."
    )


def test_baselines_are_named_where_a_training_has_several() -> None:
    tests = [
        against("muq", "muq cca", -0.1, sure=True),
        against("muq", "muq native", 0.1, sure=False),
        against("mert", "mert cca", 0.1, sure=False),
        against("clap", "clap cca", 0.1, sure=True),
    ]
    assert differences([], tests).lines() == [
        "Training is worse than its baseline: muq (muq cca).",
        "Training does not measurably beat its baseline: muq (muq native) and mert.",
    ]
    level = [against(name, f"{name} cca", 0.1, sure=False) for name in NAMES]
    assert differences([], level).lines() == ["No training measurably beats its baseline."]


def test_one_training_alone_has_no_table() -> None:
    assert differences([]).grid() is None
    assert differences([]).lines() == []
