"""Numbers of a field beside one of an expression, compared exactly: not every int64 is a float64, nor the reverse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from antiphon.arrow import arrow_number
from antiphon.search.filters.expression import Operator

COMPARE: dict[Operator, Callable[[Any, Any], Any]] = {
    "=": pc.equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
ABOVE = 2**63
"""The least number that no int64 reaches."""


def where_number(values: pa.Array, sign: Operator, wanted: int | float) -> pa.Array:
    """(m,) bool: which of int64 or float64 numbers compare so with one; null where a value is.

    Beside float64 a whole number is taken for the float64 that is nearest to it, as theirs were when they were read.
    """
    if pa.types.is_floating(values.type):
        return COMPARE[sign](values, arrow_number(float(wanted)))
    if not -ABOVE <= wanted < ABOVE:
        return _all(values, sign in ("<", "<=") if wanted > 0 else sign in (">", ">="))
    if sign == "=" and wanted != math.floor(wanted):
        return _all(values, False)
    # v < 1.5 is v < 2, and v > 1.5 is v > 1.
    whole = math.ceil(wanted) if sign in ("<", ">=") else math.floor(wanted)
    return COMPARE[sign](values, arrow_number(whole))


def _all(values: pa.Array, holds: bool) -> pa.Array:
    return (pc.equal if holds else pc.not_equal)(values, values)
