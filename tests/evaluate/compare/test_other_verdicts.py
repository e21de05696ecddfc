"""Paired tests with judgements are told where they decide otherwise than those without."""

from __future__ import annotations

from typing import Any

from antiphon.evaluate.compare.judged import other_verdicts


def gain(difference: float, *, sure: bool) -> dict[str, Any]:
    low, high = (difference - 0.01, difference + 0.01) if sure else (difference - 1, difference + 1)
    return {"difference": difference, "ci95": [low, high], "p": 0.001 if sure else 0.4, "clusters": 40}


def between(better: str, worse: str, *, sure: bool) -> dict[str, Any]:
    test = gain(0.1, sure=sure)
    return {"better": better, "worse": worse, "MRR": test, "p_holm": test["p"]}


def against(difference: float, *, sure: bool) -> dict[str, Any]:
    return {"trained": "muq", "baseline": "muq cca", "MRR": gain(difference, sure=sure)}


def test_a_test_that_is_decided_only_with_judgements_is_told() -> None:
    judged = {"tests": [between("muq", "mert", sure=True)], "baseline_tests": [against(0.1, sure=True)]}
    said = other_verdicts([between("muq", "mert", sure=False)], [against(0.1, sure=False)], judged)
    assert said[0].startswith("With judgements muq is significantly better than mert: MRR +0.100")
    assert said[1].startswith("With judgements muq is better than muq cca: MRR +0.100")


def test_one_that_turns_or_is_open_again_is_told() -> None:
    before = [between("muq", "mert", sure=True)]
    assert (
        "mert is significantly better than muq"
        in other_verdicts(before, [], {"tests": [between("mert", "muq", sure=True)]})[0]
    )
    assert "cannot be told apart" in other_verdicts(before, [], {"tests": [between("muq", "mert", sure=False)]})[0]
    assert (
        "is worse than muq cca"
        in other_verdicts([], [against(0.1, sure=True)], {"baseline_tests": [against(-0.1, sure=True)]})[0]
    )


def test_the_same_verdicts_are_one_sentence_and_none_is_none() -> None:
    same = {"tests": [between("muq", "mert", sure=True)], "baseline_tests": [against(0.1, sure=False)]}
    said = other_verdicts([between("muq", "mert", sure=True)], [against(0.1, sure=False)], same)
    assert said == ["Every paired test is decided the same with them."]
    assert other_verdicts([], [], {}) == []
