"""Where paired tests say something else once judgements count, for every system alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from antiphon.evaluate.compare.text_side import better_than
from antiphon.metrics.pairing import decided, interval_text

Test = Mapping[str, Any]


def other_verdicts(tests: Sequence[Test], baseline_tests: Sequence[Test], judgements: Mapping[str, Any]) -> list[str]:
    """A sentence for each test that is decided otherwise with judgements, or one that none is.

    Parameters
    ----------
    tests, baseline_tests : without judgements, as :class:`antiphon.evaluate.compare.table.Comparison` has them.
    judgements : its ``tests`` and ``baseline_tests`` with them.
    """
    between, against = judgements.get("tests", ()), judgements.get("baseline_tests", ())
    if not (between or against):
        return []
    before = {frozenset((test["better"], test["worse"])): _winner(test) for test in tests}
    said = [
        f"With judgements {better_than(test['better'], test['worse'], test, corrected=HOLM)}."
        for test in between
        if _winner(test) != before.get(frozenset((test["better"], test["worse"])))
    ]
    beaten = {(test["trained"], test["baseline"]): decided(test["MRR"]) for test in baseline_tests}
    said += [
        _against(test) for test in against if decided(test["MRR"]) != beaten.get((test["trained"], test["baseline"]))
    ]
    return said or ["Every paired test is decided the same with them."]


HOLM = " after Holm's correction"


def _winner(test: Test) -> str:
    """Who is better by more than chance; "" for nobody."""
    return str(test["better"]) if decided(test["MRR"], p=test["p_holm"]) == "better" else ""


def _against(test: Test) -> str:
    gain = test["MRR"]
    verbs = {"better": "is better than", "worse": "is worse than", "open": "does not measurably beat"}
    verb = verbs[decided(gain)]
    by = f"MRR {gain['difference']:+.3f} ({interval_text(gain)})"
    return f"With judgements {test['trained']} {verb} {test['baseline']}: {by}."
