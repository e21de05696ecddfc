"""Antiphon's figures of any system's run.

Conventions
-----------
queries
    those of the qrels with a correct item (grade above 0). One that the run lacks found nothing.
rank
    1 + the wrong items of the run that score at least as much as the best correct one: ties count against the query,
    where TREC's tools order them by the item's id. Without a correct item in the run it lies behind the last item
    and behind every K that is asked for, so that the query is a miss in all figures; TREC's reciprocal rank is 0 there.
items
    all that qrels and run name, unless their number is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError, ManifestError
from antiphon.evaluate.console import figure_lines
from antiphon.evaluate.trec.lines import Qrels, RunScores, read_qrels, read_run
from antiphon.metrics import bootstrap
from antiphon.metrics.correct import Correct
from antiphon.metrics.figures import KS
from antiphon.metrics.graded.describe import describe_lists
from antiphon.metrics.graded.lists import ResultLists, lists_from_scores
from antiphon.metrics.retrieval import chance, summarise
from antiphon.printed import counted

RULE = (
    "Queries are those of the qrels with a correct item; ties count against the query; a query without a correct item "
    "in the run stands behind all items. R@K in percent (a correct item in the first K), MRR 0-1, median rank by numpy."
)


class Answers(NamedTuple):
    """The queries of qrels with what a run says of them.

    Parameters
    ----------
    correct, grades, scores : correct items, their grades, their scores in the run (minus infinity where it lacks them).
    wrong : (q, K) scores of the best wrong items, minus infinity behind the last.
    ranks : (q,) of the best correct item.
    tied : queries whose best correct item scores the same as a wrong one.
    missing : queries without a correct item in the run.
    """

    correct: Correct
    grades: NDArray[np.float64]
    scores: NDArray[np.float64]
    wrong: NDArray[np.float64]
    ranks: NDArray[np.int64]
    tied: int
    missing: int


def judge_run(
    run: Path, qrels: Path, *, ks: Sequence[int] = KS, n_items: int | None = None, resamples: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """Figures of a run.

    Parameters
    ----------
    run, qrels : files in TREC's form.
    ks : K of the figures of whole lists, and of R@K beside 1, 5 and 10.
    n_items : items that were searched; None for those that the files name.
    resamples, seed : of the intervals, which take each query for independent of the others.

    Returns
    -------
    ``{"protocol", "run", "qrels", "n_queries", "n_items", "R@1", …, "median_rank", "chance", "ci95", "lists",
    "notes"}``

    Raises
    ------
    ManifestError : a file cannot be read, or no query has a correct item.
    ConfigError : there are fewer items than the files name.
    """
    judged, found = read_qrels(qrels), read_run(run)
    asked = {query: own for query, items in judged.items() if (own := {x: g for x, g in items.items() if g > 0})}
    if not asked:
        raise ManifestError(f"{qrels} has no query with a correct item.", fix="Grades of correct items are above 0.")
    named = {item for side in (judged, found) for items in side.values() for item in items}
    n = len(named) if n_items is None else n_items
    if n < len(named):
        raise ConfigError(f"--items {n} is fewer than the {len(named)} items that the files name.", fix="Leave it out.")
    answers = _answers(asked, found, max(ks), lost_rank=1 + max(n, *KS, *ks))
    return {
        "protocol": RULE,
        "run": str(run),
        "qrels": str(qrels),
        **_figures(answers, n, ks, resamples, seed),
        "notes": _notes(answers, judged, asked, found),
    }


def _answers(asked: Qrels, found: RunScores, depth: int, *, lost_rank: int) -> Answers:
    number: dict[str, int] = {}
    indices, grades, scores, ranks = [], [], [], []
    wrong = np.full((len(asked), depth), -np.inf)
    tied = missing = 0
    for i, (query, own) in enumerate(asked.items()):
        listed = found.get(query, {})
        others = np.sort([score for item, score in listed.items() if item not in own])[::-1]
        mine = [listed.get(item, -np.inf) for item in own]
        best = max(mine)
        wrong[i, : len(others[:depth])] = others[:depth]
        lost = best == -np.inf
        ranks.append(lost_rank if lost else 1 + int((others >= best).sum()))
        tied, missing = tied + int(not lost and bool((others == best).any())), missing + int(lost)
        indices += [number.setdefault(item, len(number)) for item in own]
        grades += [float(grade) for grade in own.values()]
        scores += mine
    indptr = np.cumsum([0, *(len(own) for own in asked.values())])
    correct = Correct(indptr.astype(np.int64), np.array(indices, np.int64))
    return Answers(correct, np.array(grades), np.array(scores), wrong, np.array(ranks), tied, missing)


def _figures(answers: Answers, n_items: int, ks: Sequence[int], resamples: int, seed: int) -> dict[str, Any]:
    clusters = (np.arange(len(answers.ranks)),)
    figures: dict[str, Any] = {"n_queries": len(answers.ranks), "n_items": n_items, **summarise(answers.ranks, ks)}
    figures["chance"] = chance(n_items, answers.correct.counts, ks)
    if resamples:
        figures["ci95"] = bootstrap.intervals(answers.ranks, clusters, ks=ks, resamples=resamples, seed=seed)
    figures["lists"] = describe_lists(
        _lists(answers, n_items), answers.correct, answers.grades, ks, clusters=clusters, resamples=resamples, seed=seed
    )
    return figures


def _lists(answers: Answers, n_items: int) -> ResultLists:
    n_queries, depth = answers.wrong.shape
    return lists_from_scores(
        answers.correct,
        answers.grades,
        answers.scores,
        answers.wrong,
        tie=np.zeros(n_queries),
        unscored=np.full(n_queries, depth),  # what the run does not list stands in no list
        ranks=answers.ranks,
        n_items=n_items,
    )


def _notes(answers: Answers, judged: Qrels, asked: Qrels, found: RunScores) -> list[str]:
    """What a reader of the figures has to know of these files, a sentence each."""
    said = []
    if answers.missing:
        said.append(
            f"{_queries(answers.missing)} without a correct item in the run: behind all items, where TREC's RR is 0."
        )
    if answers.tied:
        said.append(
            f"{_queries(answers.tied)} with a wrong item that ties with the best correct one: it counts against the "
            "query; TREC's tools go by the item's id there."
        )
    if len(judged) > len(asked):
        said.append(f"{_queries(len(judged) - len(asked))} of the qrels without a correct item: not asked.")
    if beyond := len(found.keys() - judged.keys()):
        said.append(f"{_queries(beyond)} of the run that the qrels do not have: passed over.")
    if not found.keys() & asked.keys():
        said.append("No query of the run is one of the qrels: are these the files of one another?")
    return said


def _queries(n: int) -> str:
    return counted(n, "query", "queries")


def judged_lines(result: dict[str, Any]) -> list[str]:
    """The result for people."""
    what = f"{_queries(result['n_queries'])}, {counted(result['n_items'], 'item')}"
    return [f"{result['run']} against {result['qrels']}: {what}", *figure_lines(result), *result["notes"]]
