"""How many captioned tracks a test would need to decide between two systems that it cannot tell apart.

Conventions
-----------
power
    chance that a difference of the size that was seen is found significant, two-sided, at :data:`POWER`.
how it grows
    a difference's standard error, that between clusters (groups of tracks), falls with the root of their number. A
    test of mean d, whose standard error is e with n tracks, has that power from n · ((z_α/2 + z_power) · e / d)² tracks
    on (J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988, chapter 2).
what is taken for granted
    that the difference *is* what was seen, that further tracks come in groups like these, and that a few more
    candidates change it little. The first is the weak point: the smaller the difference beside its error, the less is
    known of it; beyond :data:`HOPELESS` times as many tracks no number is given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from antiphon.metrics.pairing import ALPHA, FEW, decided
from antiphon.printed import counted

POWER = 0.8
"""Chance at which a number of tracks counts as enough."""
HOPELESS = 20
"""Times as many tracks beyond which no number is given: it would rest on an estimate that is mostly noise."""


def tracks_needed(
    difference: float, standard_error: float, n_tracks: int, *, alpha: float = ALPHA, power: float = POWER
) -> float:
    """Tracks at which a difference is found with a given power.

    Parameters
    ----------
    difference, standard_error : of a paired test over ``n_tracks``.
    alpha : largest p value that counts; divide it by the number of tests that are made together.
    power : 0 … 1.

    Returns
    -------
    Tracks in all, a fraction as it comes; infinite where there is no difference.
    """
    if not difference:
        return math.inf
    normal = NormalDist()
    wanted = normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)
    return n_tracks * (wanted * standard_error / difference) ** 2


def more_tracks(test: Mapping[str, Any], n_tracks: int, *, p: float | None = None, tests: int = 1) -> float | None:
    """How many more captioned tracks would decide a test, in two digits; infinite beyond :data:`HOPELESS` times.

    None where it is decided, its groups are too few, or nothing is known.

    Parameters
    ----------
    test : ``difference``, ``ci95``, ``p``, ``clusters``, ``standard_error``, as
        :func:`antiphon.metrics.significance.paired_means` gives them.
    n_tracks : that it was made on.
    p : corrected for the number of tests, in place of the test's own.
    tests : how many are still open and made together; each gets that share of the level.
    """
    error = test.get("standard_error")
    if decided(test, p=p) != "open" or error is None or test.get("clusters", FEW) < FEW:
        return None
    needed = tracks_needed(test["difference"], error, n_tracks, alpha=ALPHA / tests)
    return math.inf if needed > HOPELESS * n_tracks else rounded(max(needed - n_tracks, 1))


def what_would_decide(test: Mapping[str, Any], n_tracks: int, *, where: str = "test") -> str:
    """A sentence on how many more captioned tracks would decide a test; "" where it is decided or nothing is known.

    Parameters
    ----------
    test, n_tracks : as :func:`more_tracks` has them.
    where : what the tracks belong to, to stand before "tracks"; "" for none.
    """
    groups = test.get("clusters", FEW)
    if decided(test) == "open" and groups < FEW and test.get("standard_error") is not None:
        few = counted(groups, "independent group")
        return f"{few} are too few even to say how many more tracks would decide it."
    more = more_tracks(test, n_tracks)
    if more is None:
        return ""
    if math.isinf(more):
        return (
            f"To find a difference as small as that takes more than {HOPELESS} times as many tracks; "
            "a real one may be as large as the interval says."
        )
    kind = f"captioned {where} tracks" if where else "captioned tracks"
    return f"If that difference is real, about {more:,} more {kind} would decide it ({POWER:.0%} power)."


def rounded(number: float) -> int:
    """Two digits of a number, upwards: more would claim to know more.

    >>> rounded(1234.5), rounded(7.2), rounded(40)
    (1300, 8, 40)
    """
    unit: int = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return math.ceil(number / unit) * unit
