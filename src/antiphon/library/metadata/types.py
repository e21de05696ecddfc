"""The type of a field: what all of its values can be read as.

``number``: every value is one, written as a program would write it (``007`` is a name). ``date``: every value is a date
of ISO 8601, whole or partial, and not all are years alone, which are numbers. ``list``: some track has several values.
``text``: anything else. One value that does not fit makes a whole field text, so that it is kept as it stands.
"""

from __future__ import annotations

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

FieldType = Literal["text", "list", "number", "date"]
MARK = b"antiphon"
"""Key of the field's note in the file that says its type: Parquet itself knows no partial dates."""
EXACT_FLOAT = 2**53
WHOLE = r"^-?(0|[1-9][0-9]*)$"
NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$"
_TIME = r"[T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]+)?)?(Z|[+-][0-2][0-9]:?[0-5][0-9])?"
DATE = rf"^[0-9]{{4}}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])({_TIME})?)?)?$"
NEARLY = 0.9
"""Share of values that are numbers from which the others are worth a word."""


def typed(values: pa.Array) -> tuple[pa.Array, FieldType]:
    """A field's values as the type that holds all of them.

    Parameters
    ----------
    values : (n,) texts, or lists of texts; null where a track has none.
    """
    if pa.types.is_list(values.type):
        return values, "list"
    numbers = _numbers(values)
    if numbers is not None:
        return numbers, "number"
    return values, "date" if _all_match(values, DATE) else "text"


def odd_values(values: pa.Array) -> tuple[int, str]:
    """How many values keep a field of numbers from being one, and the first of them; 0 where most are no numbers."""
    if pa.types.is_list(values.type):
        return 0, ""
    present = values.drop_null()
    odd = present.filter(pc.invert(pc.match_substring_regex(present, NUMBER)))
    few = len(odd) > 0 and len(present) - len(odd) >= NEARLY * len(present)
    return (len(odd), odd[0].as_py()) if few else (0, "")


def field(name: str, values: pa.Array, kind: FieldType) -> pa.Field:
    """The column of a field in the file."""
    return pa.field(name, values.type, metadata={MARK: kind.encode()})


def type_of(column: pa.Field) -> FieldType:
    """The type of a column that was written; where its note is gone, as far as its Arrow type says it."""
    noted = (column.metadata or {}).get(MARK, b"").decode("utf-8", "replace")
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return "list"
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return "number"
    return "date" if noted == "date" else "text"


def _all_match(values: pa.Array, pattern: str) -> bool:
    """Whether every value that is there looks like ``pattern``, and there is one."""
    return bool(pc.all(pc.match_substring_regex(values, pattern), min_count=1).as_py())


def _numbers(values: pa.Array) -> pa.Array | None:
    """Whole numbers as int64, others as float64; None where one of them would change."""
    if not _all_match(values, NUMBER):
        return None
    try:
        if _all_match(values, WHOLE):
            return pc.cast(values, pa.int64())
        numbers = pc.cast(values, pa.float64())
    except pa.ArrowInvalid:  # more digits than a number has
        return None
    whole = pc.match_substring_regex(values, WHOLE)
    largest = pc.max(pc.abs(pc.if_else(whole, numbers, 0.0))).as_py() or 0.0
    exact = largest < EXACT_FLOAT and pc.all(pc.is_finite(numbers)).as_py()
    return numbers if exact else None
