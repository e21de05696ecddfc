"""What each encoder is best for: it follows from the figures and the tests alone."""

from __future__ import annotations

from dataclasses import replace

from antiphon.evaluate.compare.row import Row
from antiphon.evaluate.compare.slices.findings import is_found
from antiphon.evaluate.compare.table import Comparison
from antiphon.metrics.pairing import decided
from antiphon.metrics.significance import holm
from antiphon.printed import listing


def award(comparison: Comparison) -> Comparison:
    """Fill ``best_for`` of every trained encoder from the figures and the tests."""
    trained = comparison.trained
    given: dict[str, list[str]] = {row.name: [] for row in trained}
    best = trained[0]
    within = [row for row in trained if row is best or not _really(comparison, best, row)]
    if len(trained) == 1:
        given[best.name].append("the only one trained here" + _but_worse(comparison, best))
    else:
        rivals = [row.name for row in within if row is not best]
        ahead = f", not significantly ahead of {listing(rivals)}" if rivals else ""
        lost = _but_worse(comparison, best)
        given[best.name].append(f"retrieval {'of what was trained' if lost else 'in general'}{ahead}{lost}")
        smallest = min(within, key=lambda row: row.bytes_per_track)
        if smallest is not best:
            given[smallest.name].append("small vectors, not measurably worse than the best")
        _sizes(given, trained)
        _ahead_in_a_figure(given, comparison)
        _ahead_in_a_slice(given, comparison)
    rows = tuple(replace(row, best_for=tuple(given[row.name])) if row.name in given else row for row in comparison.rows)
    return replace(comparison, rows=rows)


def _but_worse(comparison: Comparison, row: Row) -> str:
    """What stands behind the title of a training that a baseline surely beats: nobody is crowned over that."""
    mine = [test for test in comparison.baseline_tests if test["trained"] == row.name]
    lost = [test["baseline"] for test in mine if decided(test["MRR"]) == "worse"]
    return f"; {listing(lost)} retrieves better" if lost else ""


def _sizes(given: dict[str, list[str]], trained: list[Row]) -> None:
    """Titles for what is worth its size: no encoder with vectors as small retrieves as well."""
    worth = [
        row
        for row in trained
        if not any(other.bytes_per_track <= row.bytes_per_track for other in trained[: trained.index(row)])
    ]
    for row in worth[1:]:
        if not given[row.name]:
            given[row.name].append("the smallest vectors" if row is worth[-1] else "a balance of quality and size")


def _really(comparison: Comparison, best: Row, other: Row) -> bool:
    test = comparison.test(best.name, other.name)
    return decided(test["MRR"], p=test["p_holm"]) != "open"


FIGURES = {
    "R@10": "long answer lists (R@10)",
    "R@1": "first answers (R@1)",
    "t2a_MRR": "searching in words (t2a)",
    "a2t_MRR": "describing tracks (a2t)",
}
"""Figures beside MRR that a system may be the best for → what that is good for."""


def _ahead_in_a_figure(given: dict[str, list[str]], comparison: Comparison) -> None:
    """A title for who is ahead of the best of all in another figure, surely: corrected for all that is asked here."""
    best, *others = comparison.trained
    asked = [(row, key, comparison.test(best.name, row.name)) for row in others for key in FIGURES]
    known = [(row, key, test) for row, key, test in asked if key in test]
    corrected = holm([test[key]["p"] for _, key, test in known])
    for (row, key, test), p in zip(known, corrected, strict=True):
        lost = "worse" if test["better"] == best.name else "better"
        if decided(test[key], p=p) == lost:
            given[row.name].append(FIGURES[key])


def _ahead_in_a_slice(given: dict[str, list[str]], comparison: Comparison) -> None:
    """A title for who is ahead of the best of all on some of the queries, surely."""
    for each in (comparison.slices or {}).get("slices", ()):
        for name, test in each["against_leader"].items():
            if name in given and is_found(test) and test["difference"] > 0:
                given[name].append(f"{comparison.slices['by']} {each['slice']}")  # type: ignore[index]
