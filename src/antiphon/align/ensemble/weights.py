"""The weight of the member that an ensemble stands on, beside the one that was trained: a default, checked once on val.

While training goes on the weight is the default. After the last epoch val may move it, once, and by the same rule for
closed forms and for the frozen recipe under fine-tuning (``docs/decisions/shares.md`` says why, and why not in each
epoch).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


WEAK = 0.5
"""Share of what ``given`` comes to alone, below which a trained member is far weaker."""


def choose_weight(trained: Embeddings, given: Embeddings, val: PairSet, *, default: float) -> float:
    """Weight of ``given``, 0 … 1: the default, unless another is better on val by more than chance.

    A trained member that is surely less than half as good as ``given`` has no weight where val does not speak for it:
    a share of the cosine that says next to nothing is noise in all scores.

    Parameters
    ----------
    trained, given : texts and tracks of ``val``, of unit length, as either member embeds them.
    default : one of ``ALTERNATIVES``.
    """
    by_track = tracks_by_share(trained, given, val, ALTERNATIVES)
    gain = by_track - by_track[ALTERNATIVES.index(default)]
    if gain.shape[1] < 2:
        return default
    surely = _surely(gain)
    best = int(surely.argmax())
    if surely[best] > 0:
        return ALTERNATIVES[best]
    alone, without = by_track[ALTERNATIVES.index(0.0)], ALTERNATIVES.index(1.0)
    weak = _surely(WEAK * by_track[without] - alone) > 0 and gain[without].mean() > 0
    return 1.0 if weak else default


def _surely(gain: NDArray[np.floating]) -> NDArray[np.floating]:
    """The mean of (…, n) gains less ``STANDARD_ERRORS`` standard errors."""
    found: NDArray[np.floating] = (
        gain.mean(axis=-1) - STANDARD_ERRORS * gain.std(axis=-1, ddof=1) / gain.shape[-1] ** 0.5
    )
    return found
