"""The weight of the member that an ensemble stands on, beside the one that was trained: a default, checked once on val.

While training goes on the weight is the default. After the last epoch val may move it, once, and by the same rule for
closed forms and for the frozen recipe under fine-tuning (``docs/decisions/shares.md`` says why, and why not in each
epoch).
"""

from __future__ import annotations

from dataclasses import dataclass

from antiphon.align.data.pair_set import PairSet
from antiphon.arrays import Embeddings
from antiphon.metrics.shares import tracks_by_share


@dataclass(frozen=True)
class DefaultWeight:
    """A member's weight until val has been asked, and its name in a checkpoint's ``val``."""

    name: str
    value: float


CLOSED_FORM_WEIGHT = DefaultWeight("closed_form_weight", 0.85)
"""Of closed forms beside trained heads."""
FROZEN_WEIGHT = DefaultWeight("frozen_weight", 0.7)
"""Of what was trained on frozen text vectors, beside what was fine-tuned."""
ALTERNATIVES = (0.85, 0.7, 0.5, 0.25, 1.0, 0.0)
STANDARD_ERRORS = 3.0
"""By which the gain of another weight has to pass 0: five alternatives have five chances of luck."""


def choose_weight(trained: Embeddings, given: Embeddings, val: PairSet, *, default: float) -> float:
    """Weight of ``given``, 0 … 1: the default, unless another is better on val by more than chance.

    Parameters
    ----------
    trained, given : texts and tracks of ``val``, of unit length, as either member embeds them.
    default : one of ``ALTERNATIVES``.
    """
    by_track = tracks_by_share(trained, given, val, ALTERNATIVES)
    gain = by_track - by_track[ALTERNATIVES.index(default)]
    n = gain.shape[1]
    if n < 2:
        return default
    surely = gain.mean(axis=1) - STANDARD_ERRORS * gain.std(axis=1, ddof=1) / n**0.5
    best = int(surely.argmax())
    return ALTERNATIVES[best] if surely[best] > 0 else default
