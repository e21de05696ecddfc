"""What each encoder is best for: it follows from the figures and the tests alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from antiphon.evaluate.compare.row import Row
from antiphon.evaluate.compare.table import Comparison
from antiphon.metrics.pairing import decided


def award(comparison: Comparison) -> Comparison:
    """Fill ``best_for`` of every trained encoder from the figures and the tests."""
    trained = comparison.trained
    given: dict[str, list[str]] = {row.name: [] for row in trained}
    best = trained[0]
    within = [row for row in trained if row is best or not _really(comparison, best, row)]
    if len(trained) == 1:
        given[best.name].append("the only one trained here" + _but_worse(comparison, best))
    else:
        rivals = " and ".join(row.name for row in within if row is not best)
        ahead = f", not significantly ahead of {rivals}" if rivals else ""
        lost = _but_worse(comparison, best)
        given[best.name].append(f"retrieval {'of what was trained' if lost else 'in general'}{ahead}{lost}")
        smallest = min(within, key=lambda row: row.bytes_per_track)
        if smallest is not best:
            given[smallest.name].append("small vectors, not measurably worse than the best")
        _sizes(given, trained)
        _crown(given, trained, "long answer lists (R@10)", lambda row: row.mean("R@10"))
        _crown(given, trained, "first answers (R@1)", lambda row: row.mean("R@1"))
        _crown(given, trained, "searching in words (t2a)", lambda row: row.figures["t2a"]["MRR"])
        _crown(given, trained, "describing tracks (a2t)", lambda row: row.figures["a2t"]["MRR"])
    rows = tuple(replace(row, best_for=tuple(given[row.name])) if row.name in given else row for row in comparison.rows)
    return replace(comparison, rows=rows)


def _but_worse(comparison: Comparison, row: Row) -> str:
    """What stands behind the title of a training that a baseline surely beats: nobody is crowned over that."""
    mine = [test for test in comparison.baseline_tests if test["trained"] == row.name]
    lost = [test["baseline"] for test in mine if decided(test["MRR"]) == "worse"]
    return f"; {' and '.join(lost)} retrieves better" if lost else ""


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


def _crown(given: dict[str, list[str]], rows: list[Row], title: str, key: Callable[[Row], float]) -> None:
    """A title for whoever leads in one figure, unless that is the one who leads altogether."""
    leader = max(rows, key=key)
    if leader is not rows[0] and key(leader) > key(rows[0]):
        given[leader.name].append(title)
