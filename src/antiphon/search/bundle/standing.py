"""Whether a bundle beat its baselines, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from antiphon.metrics.pairing import decided
from antiphon.metrics.retrieval import mean_of_directions

Standing = Literal["better", "undecided", "worse", "unknown"]
STANDINGS: Mapping[Standing, str] = {
    "better": "It beat the best of its baselines.",
    "undecided": "It did not measurably beat the best of its baselines.",
    "worse": "It did worse than the best of its baselines.",
    "unknown": "It was not compared with baselines: the library had no captions to judge it by.",
}


def standing(figures: Mapping[str, Any]) -> Standing:
    """Whether a checkpoint beat the best of its baselines: what the paired test of the difference in MRR says.

    Undecided also where its interval and its p value do not agree, as :func:`antiphon.metrics.pairing.decided` has it.
    """
    baselines = figures.get("baselines", {})
    if not baselines:
        return "unknown"
    best = max(baselines.values(), key=mean_of_directions)
    found = decided(best["training_minus_baseline"]["mean"]["MRR"])
    return "undecided" if found == "open" else found
