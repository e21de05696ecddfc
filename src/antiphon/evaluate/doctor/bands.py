"""Which figures are good: the bands of the training guide, made to hold for galleries and batches of any size.

The guide's percentages assume some hundreds to thousands of items, where chance is near 0. With 15 tracks R@10 is 67 %
by chance. So a figure is first corrected for chance, (value − chance) / (perfect − chance), and then looked up: for
a large gallery nothing changes, in a small one "good" stays equally hard to reach by luck. The bounds of the median
rank shrink likewise where chance puts it below 100.

The guide's loss bounds assume batches of about 32, where a model that knows nothing has the loss ln 32 = 3.47, and a
temperature at which a perfect model has about 0. Over n candidates chance is ln n (more exactly the history's
``loss_chance``); at a high temperature t a perfect model still has ln(1 + (n − 1) · exp(−1 / t)), its own pairs at
cosine 1 and all others at 0: 2.0 for a thousand candidates at 0.2. So the bounds are kept as shares of the way from
that floor to chance: 3.5 is 1, 1.5–2.0 is 0.43–0.58, 0.5–1.0 is 0.14–0.29. A *difference* of two losses over the same
candidates needs none of this.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

GUIDE_CHANCE_LOSS = math.log(32)
NO_BETTER = "no better than chance"
VERY_EARLY = "very early"
CERTAIN = "certain by chance"
"""Of a figure that any model has, such as R@10 of ten tracks or fewer."""
TIMES_CHANCE = 3.0
"""Beyond so many times chance a figure is no luck, however far from the first band; in a gallery of thousands chance is
next to nothing."""
LEVELS: dict[str, tuple[tuple[float, str], ...]] = {
    "R@1": ((50, "excellent"), (30, "good"), (10, "fair"), (1, "early")),
    "R@5": ((75, "excellent"), (60, "good"), (30, "fair"), (3, "early")),
    "R@10": ((85, "excellent"), (70, "good"), (40, "fair"), (5, "early")),
    "MRR": ((70, "excellent"), (50, "good"), (30, "decent"), (3, "early")),
}
BANDED = (*LEVELS, "median_rank")
"""Figures that the guide has bands for."""
MEDIAN_RANKS = ((5, "excellent"), (10, "good"), (20, "acceptable"), (50, "fair"))
LOSSES = ((0.5, "excellent"), (1.0, "strong alignment"), (2.0, "learning"), (3.2, "early"))


def above_chance(value: float, chance: float, perfect: float) -> float:
    """Percent of the way from chance to perfect; negative below chance, 0 where chance is perfect already."""
    return 0.0 if math.isclose(perfect, chance) else 100.0 * (value - chance) / (perfect - chance)


def band(key: str, value: float, chance: Mapping[str, float]) -> str:
    """The band of one figure.

    Parameters
    ----------
    key : ``"R@1"``, ``"R@5"``, ``"R@10"`` (percent), ``"MRR"`` (0–1) or ``"median_rank"``.
    value : the figure.
    chance : all figures by chance for the same queries and items.
    """
    perfect = 1.0 if key in ("MRR", "median_rank") else 100.0
    if math.isclose(chance[key], perfect):
        return CERTAIN
    if key == "median_rank":
        shrunk = min(1.0, chance[key] / 100)
        reached = (name for bound, name in MEDIAN_RANKS if value <= 1 or value < bound * shrunk)
        return next(reached, "needs more training")
    corrected = above_chance(value, chance[key], perfect)
    low = VERY_EARLY if value > TIMES_CHANCE * chance[key] else NO_BETTER
    return next((name for bound, name in LEVELS[key] if corrected > bound), low)


def loss_floor(chance: float, temperature: float) -> float:
    """The loss of a perfect model, whose pairs have cosine 1 and all others 0.

    Parameters
    ----------
    chance : the loss of a model that knows nothing, ln n.
    temperature : of the loss, above 0.
    """
    return math.log1p(max(0.0, math.exp(chance) - 1) * math.exp(-1 / temperature))


def loss_band(loss: float, chance: float, temperature: float) -> str:
    """The band of a loss whose chance level and temperature are known."""
    equivalent = as_in_guide(loss, chance, temperature)
    return next((name for bound, name in LOSSES if equivalent < bound), "near chance")


def as_in_guide(loss: float, chance: float, temperature: float) -> float:
    """The loss that means the same in a batch of 32 at a low temperature: the guide's scale, on which 3.5 is random."""
    floor = loss_floor(chance, temperature)
    return (loss - floor) / (chance - floor) * GUIDE_CHANCE_LOSS if chance > floor else 0.0
