"""Whether a bundle beat its baselines, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from antiphon.metrics.retrieval import mean_of_directions

Standing = Literal["better", "undecided", "worse", "unknown"]
STANDINGS: Mapping[Standing, str] = {
    "better": "It beat the best of its baselines.",
    "undecided": "It did not measurably beat the best of its baselines.",
    "worse": "It did worse than the best of its baselines.",
    "unknown": "It was not compared with baselines: the library had no captions to judge it by.",
}


def standing(figures: Mapping[str, Any]) -> Standing:
    """Whether a checkpoint beat the best of its baselines, by the interval of the difference in MRR.

    Undecided where there is none: a split that is a single group has figures whose ends are None.
    """
    baselines = figures.get("baselines", {})
    if not baselines:
        return "unknown"
    best = max(baselines.values(), key=mean_of_directions)
    low, high = best["training_minus_baseline"]["mean"]["MRR"]["ci95"]
    if low is None or high is None:
        return "undecided"
    return "better" if low > 0 else "worse" if high < 0 else "undecided"
