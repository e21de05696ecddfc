"""What values are compared as: texts, numbers, dates.

``text``    as the library compares captions: Unicode NFKC, case folded, white space collapsed
``number``  int64 or float64
``date``    the days that a date of ISO 8601 may mean, first and last: 1999 is all of that year. The time of day is not
            looked at. What is compared is what is sure: ``date >= 1999-05`` is not sure of a track of "1999".
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from antiphon.arrow import arrow_number, arrow_text, arrow_texts
from antiphon.library.metadata.types import DATE, NUMBER, WHOLE
from antiphon.texts import normalised_text

FIRST_DAY, LAST_DAY = "-01-01", "-12-31"
DAY = 10
"""Characters of a whole date."""
_SPACE = r"[ \t-\r\x1c-\x1f]"
_WIDE_SPACE = rf"^{_SPACE}|{_SPACE}{_SPACE}|[\t-\r\x1c-\x1f]|{_SPACE}$"
"""White space other than single spaces between words."""
LARGEST, LONGEST = 2**63 - 1, 20
"""The largest whole number that is kept as one, and the characters that it takes with its sign."""


def normalised(texts: pa.Array) -> pa.Array:
    """Each text as :func:`~antiphon.texts.normalised_text` has it: in bulk for those that are ASCII."""
    beyond_ascii = pc.invert(pc.string_is_ascii(texts))
    collapsed = pc.ascii_lower(texts)
    if pc.any(pc.match_substring_regex(collapsed, _WIDE_SPACE)).as_py():
        collapsed = pc.ascii_trim_whitespace(pc.replace_substring_regex(collapsed, rf"{_SPACE}+", " "))
    if not pc.any(beyond_ascii).as_py():
        return collapsed
    others = texts.filter(beyond_ascii).dictionary_encode()
    folded = arrow_texts([normalised_text(text) for text in others.dictionary.to_pylist()])
    return pc.replace_with_mask(collapsed, beyond_ascii, folded.take(others.indices))


def number(text: str) -> int | float | None:
    """A number as a program writes it; None for anything else.

    >>> number("120"), number("1.5e3"), number("fast")
    (120, 1500.0, None)
    """
    if len(text) <= LONGEST and re.fullmatch(WHOLE.strip("^$"), text) and abs(int(text)) <= LARGEST:
        return int(text)
    return float(text) if re.fullmatch(NUMBER.strip("^$"), text) else None


def numbers_in(texts: pa.Array) -> pa.Array:
    """float64, null for texts that are no numbers."""
    readable = pc.match_substring_regex(texts, NUMBER)
    return pc.cast(pc.if_else(readable, texts, pa.nulls(1, texts.type)[0]), pa.float64())


def is_date(text: str) -> bool:
    """Whether a text is a date, whole or partial."""
    return re.fullmatch(DATE.strip("^$"), text) is not None


def first_day(text: str) -> str:
    """The first day that a date may mean.

    >>> first_day("1999"), first_day("1999-05"), first_day("1999-05-03T10:00")
    ('1999-01-01', '1999-05-01', '1999-05-03')
    """
    return (text + FIRST_DAY[len(text) - DAY :])[:DAY] if len(text) < DAY else text[:DAY]


def last_day(text: str) -> str:
    """The last day that a date may mean; of every month the 31st, which no other month's days reach.

    >>> last_day("1999"), last_day("1999-02")
    ('1999-12-31', '1999-02-31')
    """
    return (text + LAST_DAY[len(text) - DAY :])[:DAY] if len(text) < DAY else text[:DAY]


def days_in(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """First and last day of each date, null for texts that are no dates."""
    dates = pc.if_else(pc.match_substring_regex(texts, DATE), texts, pa.nulls(1, texts.type)[0])
    length = pc.utf8_length(dates)

    def filled(rest: str) -> pa.Array:
        year = pc.binary_join_element_wise(dates, arrow_text(rest), arrow_text(""))
        month = pc.binary_join_element_wise(dates, arrow_text(rest[3:]), arrow_text(""))
        whole = pc.utf8_slice_codeunits(dates, 0, DAY)
        return pc.case_when(
            pc.make_struct(pc.equal(length, arrow_number(4)), pc.equal(length, arrow_number(7))), year, month, whole
        )

    return filled(FIRST_DAY), filled(LAST_DAY)
