"""Scores as players read them: a likeness from 0 to 1, where 1 is the same, and a distance from 0.

A training scores by cosines, whose negative half says no more than "not alike". Before any training scores count
spreads of the library and go beyond 1: those become the share of a normal distribution that lies below them. Both keep
the order of answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

COSINES = 1 + 1e-6
"""Scores above this are no cosines."""


def likenesses(scores: Sequence[float]) -> list[float]:
    """Of the scores of one answer, 0 … 1."""
    if any(score > COSINES for score in scores):
        return [round(0.5 * (1 + math.erf(score / math.sqrt(2))), 6) for score in scores]
    return [round(min(max(score, 0.0), 1.0), 6) for score in scores]


def distance(likeness: float) -> float:
    """How far from the same, 0 … 1."""
    return round(1 - likeness, 6)
