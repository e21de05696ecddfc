"""What can be said of the differences: a table of those that are read first, and the rest in a few sentences.

n trainings are n (n − 1) / 2 pairs: a sentence for each is a wall from five trainings on. Whoever compares asks first
how far the best one is ahead of each other, and whether training beats its baselines: these are rows of a table. Of
the other pairs those that differ significantly are named, and the rest is counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from antiphon.evaluate.compare.power import HOPELESS, POWER, more_tracks
from antiphon.evaluate.tables.grid import Grid
from antiphon.metrics.pairing import ALPHA, FEW, caution, decided, interval_text
from antiphon.printed import counted, listing

Test = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Differences:
    """Paired tests of a comparison.

    Parameters
    ----------
    tests, baseline_tests : as :class:`antiphon.evaluate.compare.table.Comparison` has them.
    n_tracks : that they were made on.
    where : what further tracks would have to belong to, as it stands before "tracks"; "" for none.
    """

    tests: Sequence[Test]
    baseline_tests: Sequence[Test]
    n_tracks: int
    where: str

    def grid(self) -> Grid | None:
        """The best training against every other one, and each against its baselines; None where nothing was tested."""
        rows = [self._row(t["better"], t["worse"], t, p=t["p_holm"], tests=self._open) for t in self._of_best]
        rows += [self._row(t["trained"], t["baseline"], t, p=t["MRR"]["p"]) for t in self.baseline_tests]
        if not rows:
            return None
        headings: tuple[str, ...] = ("training", "against", "MRR", "95 %", "p", "significant", "more tracks")
        if not any(row is not None for row in self._more()):
            headings, rows = headings[:-1], [row[:-1] for row in rows]
        return Grid(
            title="Differences of MRR",
            headings=headings,
            rows=tuple(rows),
            words=frozenset({"training", "against", "significant"}),
            notes=(self._explained(),),
        )

    def lines(self) -> list[str]:
        """Who is better than whom, and what the figures cannot decide."""
        return [*self._ahead(), *self._against_baselines(), *self._cautions()]

    @property
    def is_open(self) -> bool:
        """Whether a pair of trainings cannot be told apart."""
        return self._open > 0

    @property
    def _open(self) -> int:
        return sum(_winner(test) is None for test in self.tests)

    @property
    def _of_best(self) -> list[Test]:
        """The tests of the best training, which stands first."""
        return [test for test in self.tests if test["better"] == self.tests[0]["better"]]

    def _row(self, training: str, other: str, test: Test, *, p: float, tests: int = 1) -> tuple[str, ...]:
        gain = test["MRR"]
        found = {"better": "yes", "worse": "yes, worse", "open": "no"}[decided(gain, p=p)]
        more = more_tracks(gain, self.n_tracks, p=p, tests=tests)
        many = "–" if more is None else f"> {HOPELESS} ×" if math.isinf(more) else f"{more:,.0f}"
        interval = interval_text(gain).removeprefix("95% ")
        return training, other, f"{gain['difference']:+.3f}", interval, f"{p:.2g}", found, many

    def _explained(self) -> str:
        """What stands in the columns."""
        said = ["MRR: the training's less the other's, mean of both directions."]
        if len(self.tests) > 1:
            own = "; against a baseline it is the test's own" if self.baseline_tests else ""
            said.append(f"p between trainings is after Holm's correction for all {len(self.tests)} pairs{own}.")
        more = [each for each in self._more() if each is not None]
        if more:
            kind = f"captioned {self.where} tracks" if self.where else "captioned tracks"
            many = f"; > {HOPELESS} ×: more than that many times as many, and it may be as large as the interval says"
            said.append(
                f"More tracks: about how many more {kind} would decide it ({POWER:.0%} power), if the difference is "
                f"real{many if math.inf in more else ''}."
            )
        return " ".join(said)

    def _more(self) -> list[float | None]:
        between = [more_tracks(t["MRR"], self.n_tracks, p=t["p_holm"], tests=self._open) for t in self._of_best]
        return [*between, *(more_tracks(t["MRR"], self.n_tracks) for t in self.baseline_tests)]

    def _ahead(self) -> list[str]:
        """A sentence on the best training, one on each other that is better than some, one on the rest."""
        if not self.tests:
            return []
        best = self.tests[0]["better"]
        won, level = _beaten(self._of_best), [t["worse"] for t in self._of_best if _winner(t) is None]
        said = [_sentence(best, won, level)]
        rest = [test for test in self.tests if test["better"] != best]
        others = {name: _beaten([t for t in rest if t["better"] == name]) for name in _firsts(rest)}
        said += [_sentence(name, beaten, []) for name, beaten in others.items() if beaten]
        left = sum(_winner(test) is None for test in rest)
        if left:
            which = "None of the" if left == len(rest) > 1 else "The"
            verb = "can" if left == len(rest) > 1 else "cannot"
            pairs = counted(left, "other pair of trainings", "other pairs of trainings")
            said.append(f"{which} {pairs} {verb} be told apart; the JSON form has each test.")
        return said

    def _against_baselines(self) -> list[str]:
        """Which trainings are worse than a baseline, or do not measurably beat it."""
        worse = [test for test in self.baseline_tests if decided(test["MRR"]) == "worse"]
        level = [test for test in self.baseline_tests if decided(test["MRR"]) == "open"]
        said = [f"Training is worse than its baseline: {self._trainings(worse)}."] if worse else []
        if len(level) == len(self.baseline_tests) > 1:
            said.append("No training measurably beats its baseline.")
        elif level:
            said.append(f"Training does not measurably beat its baseline: {self._trainings(level)}.")
        return said

    def _trainings(self, tests: Sequence[Test]) -> str:
        """Those of some tests; with the baseline where a training has several."""
        each = Counter(test["trained"] for test in self.baseline_tests)
        return listing([t["trained"] + (f" ({t['baseline']})" if each[t["trained"]] > 1 else "") for t in tests])

    def _cautions(self) -> list[str]:
        """Where interval and p value disagree, and where there are too few groups to say more."""
        asked = [(test["MRR"], test.get("p_holm", test["MRR"]["p"])) for test in (*self.tests, *self.baseline_tests)]
        doubted = [(gain, p) for gain, p in asked if decided(gain, p=p) == "open"]
        groups = min((gain.get("clusters", FEW) for gain, _ in doubted), default=FEW)
        if groups == 1:
            return [caution(gain, p=p) for gain, p in doubted][:1]
        if groups < FEW:
            return [
                f"With only {groups} independent groups intervals are too narrow, and p alone decides what is "
                "significant; how many more tracks would decide cannot be said."
            ]
        if any(caution(gain, p=p) for gain, p in doubted):
            return [
                f"Where an interval leaves out 0 and p is above {ALPHA:g}, the difference counts as not significant."
            ]
        return []


def _winner(test: Test) -> str | None:
    """Who is better by more than chance; None for nobody."""
    return str(test["better"]) if decided(test["MRR"], p=test["p_holm"]) == "better" else None


def _beaten(tests: Sequence[Test]) -> list[str]:
    return [test["worse"] for test in tests if _winner(test) is not None]


def _firsts(tests: Sequence[Test]) -> list[str]:
    """Names of those who are ahead in one of them, best first."""
    return list(dict.fromkeys(test["better"] for test in tests))


def _sentence(name: str, won: Sequence[str], level: Sequence[str]) -> str:
    said = [f"is significantly better than {listing(won)}"] if won else []
    said += [f"cannot be told apart from {listing(level)}"] if level else []
    return f"{name} {', and '.join(said)}."
