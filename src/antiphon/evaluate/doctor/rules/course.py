"""How the training went: decided once, from all curves together, so that no two findings can contradict.

Each verdict leaves out those that a worse one explains: a loss that never fell is not "complete", and R@1 that fell
back is not "still rising". What further rules say of the curves (:mod:`antiphon.evaluate.doctor.rules.signs`,
:mod:`antiphon.evaluate.doctor.rules.milestones`) they read from the same decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from antiphon.align.training.results.history import EpochRecord
from antiphon.evaluate.doctor.bands import as_in_guide
from antiphon.evaluate.doctor.case import Case, figure, val_loss
from antiphon.evaluate.doctor.trends import Trend, climb_of_noise, climbs, jaggedness, unrest
from antiphon.metrics.figures import DIRECTIONS

Verdict = Literal[
    "collapsed", "stuck", "jagged", "overfitting", "overconfident", "fell back", "early plateau", "still rising",
    "complete", "open",
]  # fmt: skip
STILL = 0.01
"""Change of the loss, as a share of its chance level, that counts as none."""
JAGGED = 0.35
"""Share of the loss's way that goes up instead of down from which a curve counts as jagged."""
VISIBLE = 0.15
"""Sum of what a jagged loss goes up, as a share of chance, below which nobody would see it."""
OWN_CHANGE = 1.0
"""Standard deviation of what one track's loss changes from epoch to epoch, at most about."""
LARGE_GAP = 1.0
"""How far val's loss lies above train's, both over as many candidates, where a model learns by heart."""
DRIVEN = 0.3
"""Share of the highest learning rate below which hardly anything moves any more."""
GOOD_PART = 0.25
"""Of all that R@1 gained: as much in the last driven epochs means that there was more to gain."""
RISING_EPOCHS = 5
LEVEL_EPOCHS = 5
"""Steps between epochs that the loss has to stand still for."""


@dataclass(frozen=True)
class Course:
    """The curves of one training, and what they come to."""

    case: Case

    @cached_property
    def verdict(self) -> Verdict:
        """The first that holds, the worst first."""
        holds: tuple[tuple[Verdict, Callable[[], bool]], ...] = (
            ("collapsed", self._collapsed),
            ("stuck", self._stuck),
            ("jagged", lambda: bool(self.jagged_curves)),
            ("overfitting", lambda: self.turned is not None and (self.mrr.fell or self.since_turn.ends_below)),
            ("overconfident", lambda: self.turned is not None),
            ("fell back", lambda: self.r1.fell or self.mrr.fell),
            ("early plateau", self._early_plateau),
            ("still rising", self._still_rising),
            ("complete", self._complete),
        )
        return next((verdict for verdict, is_so in holds if is_so()), "open")

    def trend(self, key: str, way: str) -> Trend:
        """Of val R@K or MRR; there has to be an epoch that was judged."""
        return self._trend([figure(r, key, way) for r in self.case.judged], 1.0 if key == "MRR" else 100.0)

    def _trend(self, values: Sequence[float], top: float) -> Trend:
        return Trend.of(values, self._chance_of(values, top))

    def _mrr_of(self, some: Sequence[EpochRecord]) -> Trend:
        """Of some judged epochs; how unrestful the curve is they cannot tell alone, where they are few."""
        values = [r.mean_mrr or 0.0 for r in some]
        return Trend.of(
            values, self._chance_of(values, 1.0), noise=unrest([r.mean_mrr or 0.0 for r in self.case.judged])
        )

    def _chance_of(self, values: Sequence[float], top: float) -> float:
        """What chance makes of figures of 0 … ``top``: a standard error of so many val tracks, one track at least.

        Epochs are judged on the same tracks, so their difference is surer than that; the best of them was picked, so
        it is less sure.
        """
        shares = np.clip(np.asarray(values) / top, 0, 1)
        n = max(self.case.n_val, 1)
        return float(top * max(1 / n, np.sqrt(shares * (1 - shares)).max() / n**0.5))

    @cached_property
    def r1(self) -> Trend:
        """Of val t2a R@1; level where nothing was judged."""
        return self.trend("R@1", "t2a") if self.case.judged else Trend.of([0.0])

    @cached_property
    def mrr(self) -> Trend:
        """Of the mean of both directions' val MRR; level where nothing was judged."""
        return self._trend([r.mean_mrr or 0.0 for r in self.case.judged] or [0.0], 1.0)

    @cached_property
    def turned(self) -> EpochRecord | None:
        """The epoch of the lowest val loss, if since then, for three epochs or more, val rose while train fell; by more
        than it jumps from epoch to epoch."""
        if not self.case.judged:
            return None
        lowest, last = min(self.case.judged, key=val_loss), self.case.judged[-1]
        val = Trend.of([-val_loss(r) for r in self.case.judged], STILL * last.loss_chance)
        fell = lowest.train_loss - last.train_loss > STILL * last.loss_chance
        return lowest if last.epoch - lowest.epoch >= 3 and val.ends_below_peak and fell else None

    @cached_property
    def since_turn(self) -> Trend:
        """Of the mean of both directions' MRR, from the turn of the val loss to the end."""
        assert self.turned is not None
        return self._mrr_of([r for r in self.case.judged if r.epoch >= self.turned.epoch])

    @cached_property
    def gap(self) -> float:
        """Val loss less train loss in the best epoch; 0 where nothing was judged."""
        best = self.case.best
        return 0.0 if best is None else val_loss(best) - best.train_loss

    @property
    def learns_by_heart(self) -> bool:
        """Whether the heads know their training tracks far better than others; closed forms do so by nature."""
        return self.gap >= LARGE_GAP and not self.case.closed_form_weight

    @cached_property
    def jagged_curves(self) -> dict[str, float]:
        """Losses that go up and down by what one can see → share of their way that goes up."""
        curves = {
            "step loss": self.case.step_losses,
            "train loss": [r.train_loss for r in self.case.history],
            "val loss": [val_loss(r) for r in self.case.judged],
        }
        level, few = self.case.history[0].loss_chance, OWN_CHANGE / max(self.case.n_val, 1) ** 0.5
        noise = {"step loss": 0.0, "train loss": few, "val loss": few}  # both losses are of as many tracks as val has
        seen = {name: curve for name, curve in curves.items() if len(curve) >= 6}
        visible = {name: VISIBLE * level + climb_of_noise(noise[name], len(curve)) for name, curve in seen.items()}
        rough = {name: jaggedness(curve) for name, curve in seen.items() if climbs(curve)[0] > visible[name]}
        return {name: share for name, share in rough.items() if share > JAGGED and not _turns_once(curves[name])}

    def _collapsed(self) -> bool:
        case = self.case
        if len(case.judged) < 3:
            return False
        last = case.judged[-1]
        worst = all(figure(last, "median_rank", way) > 1.6 * case.chance[way]["median_rank"] for way in DIRECTIONS)
        blind = last.train_loss > 0.97 * last.loss_chance and figure(last, "MRR") <= 1.5 * case.chance["t2a"]["MRR"]
        spread = case.space is not None and not case.space.collapsed
        return worst or (blind and not spread)  # spread vectors have learned nothing, which is another thing

    def _stuck(self) -> bool:
        """Whether the train loss stands still after epoch 5, or from the start, although there is far to go."""
        history, case = self.case.history, self.case
        last = history[-1]
        if last.epoch < 5 or len(history) < 2:
            return False
        driven = [r for r in history[4:] if self._is_driven(r)]  # with a small rate any loss stands still
        later = driven if len(driven) >= 3 else history
        drop = later[0].train_loss - later[-1].train_loss
        skill = 0.0 if case.best is None else case.skill(case.best)
        far = as_in_guide(last.train_loss, last.loss_chance, last.temperature) > 2.0
        return drop < STILL * last.loss_chance and far and skill <= 30

    def _early_plateau(self) -> bool:
        """Whether ranks stopped improving before epoch 10, far from good, by heads that learn from nothing.

        Closed forms stand in the first epoch with all that they know: their level start is no sign.
        """
        case = self.case
        if case.best is None or case.judged[-1].epoch < 10 or case.closed_form_weight:
            return False
        return self.reached.epoch < min(10, self.driven[-1].epoch) and case.skill(case.best) <= 50

    @cached_property
    def reached(self) -> EpochRecord:
        """The first epoch whose MRR is within 1 % of the best, or within what one track makes."""
        peak = max(r.mean_mrr or 0.0 for r in self.case.judged)
        enough = min(0.99 * peak, peak - self.mrr.tolerance / 2)
        return next(r for r in self.case.judged if (r.mean_mrr or 0.0) >= enough)

    def _still_rising(self) -> bool:
        """Whether R@1, and MRR with it, rose by more than chance as long as the learning rate let them.

        The rate follows half a cosine: a curve levels off in the last epochs whatever there was left to learn. So it
        counts, too, if a good part of all that was gained came in the last epochs before the rate had fallen.
        """
        judged, case = self.case.judged, self.case
        if len(judged) <= RISING_EPOCHS or case.best is None or self.learns_by_heart:
            return False
        if judged[-1].epoch < case.config.planned_epochs:
            return False
        return self._rises(judged[-RISING_EPOCHS:]) or self._rose_to_the_end_of_the_rate()

    def _rises(self, some: Sequence[EpochRecord]) -> bool:
        r1 = self._trend([figure(r, "R@1") for r in some], 100.0)
        return r1.rises and self._mrr_of(some).rises and not (self.r1.fell or self.mrr.fell)

    def _rose_to_the_end_of_the_rate(self) -> bool:
        driven = self.driven[-RISING_EPOCHS:]
        if len(driven) < RISING_EPOCHS or len(self.driven) == len(self.case.judged):
            return False
        gained = figure(driven[-1], "R@1") - figure(driven[0], "R@1")
        return self._rises(driven) and gained > GOOD_PART * (self.r1.end - self.r1.start)

    @cached_property
    def driven(self) -> tuple[EpochRecord, ...]:
        """Judged epochs up to the last whose learning rate was not yet small."""
        last = max((r.epoch for r in self.case.judged if self._is_driven(r)), default=0)
        return tuple(r for r in self.case.judged if r.epoch <= last)

    def _is_driven(self, record: EpochRecord) -> bool:
        return record.lr >= DRIVEN * self._highest_rate

    @cached_property
    def _highest_rate(self) -> float:
        return max(record.lr for record in self.case.history)

    def _complete(self) -> bool:
        losses = [val_loss(r) for r in self.case.judged[-LEVEL_EPOCHS - 1 :]]
        level = self.case.history[-1].loss_chance
        return len(losses) > LEVEL_EPOCHS and max(losses) - min(losses) < STILL * level


def _turns_once(curve: list[float]) -> bool:
    """Whether it falls to its lowest point and then rises: that is a turn, not unrest."""
    low = int(np.argmin(curve))
    before, after = np.asarray(curve[: low + 1]), np.asarray(curve[low:])
    return jaggedness(list(before)) <= JAGGED / 2 and jaggedness(list(-after)) <= JAGGED / 2
