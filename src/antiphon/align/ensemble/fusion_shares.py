"""Which share each training of a fusion gets.

Shares are of *scaled* cosines: each training's are first multiplied by its learned scale (1 / temperature), so that a
sharp and a blunt one compare. The weights of plain cosines, which an ensemble takes, follow from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError
from antiphon.metrics.selection import Scores, optimism, votes

Float64 = NDArray[np.float64]
STEPS = {2: 20, 3: 10, 4: 6}
"""Into how many steps 0 … 1 is cut when shares are tried, by the number of trainings; 4 for more of them."""


def weights_of(shares: Float64, temperatures: Sequence[float]) -> Float64:
    """(n,) weights of plain cosines, sum 1, from shares of those that each training scales by 1 / temperature."""
    scaled = shares / np.asarray(temperatures)
    return np.asarray(scaled / scaled.sum())


def simplex(members: int, steps: int) -> Iterator[Float64]:
    """Every way to cut 1 into ``members`` shares that are multiples of 1 / ``steps``."""
    for marks in combinations(range(steps + members - 1), members - 1):
        yield (np.diff([-1, *marks, steps + members - 1]) - 1) / steps


def choose_shares(score: Callable[[Float64], Scores], members: int) -> tuple[Float64, int]:
    """Shares between equal ones and those that resamples of val elect; and how many were compared.

    Equal shares are hard to beat, and the best on a small val split are mostly luck: they are left only as far as the
    elected ones do better on the tracks that their resample did not draw.

    Parameters
    ----------
    score : shares → reciprocal ranks on val.
    """
    equal = equal_shares(members)
    tried = sorted([equal, *simplex(members, STEPS.get(members, 4))], key=lambda s: float(np.square(s - equal).sum()))
    candidates = [score(shares) for shares in tried]
    elected, judged = votes(candidates) @ np.stack(tried), optimism(candidates)
    trust = 0.0 if judged is None else judged.trust
    return np.asarray(trust * elected + (1 - trust) * equal), len(tried)


def equal_shares(members: int) -> Float64:
    """The same for all; sum 1."""
    return np.full(members, 1 / members)


def checked_shares(shares: Sequence[float], members: int) -> Float64:
    """Shares that a user gave, scaled to sum 1.

    Raises
    ------
    ConfigError : they are not one a training, or not ≥ 0 with one above.
    """
    values = np.asarray(shares, dtype=np.float64)
    if len(values) != members or not np.isfinite(values).all() or values.min() < 0 or values.sum() <= 0:
        raise ConfigError(
            f"{members} encoders need {members} shares of at least 0, one of them above, not {list(shares)}."
        )
    return np.asarray(values / values.sum())
