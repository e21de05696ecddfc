"""An expression and a library's fields to one truth value a track."""

from __future__ import annotations

import logging
import operator
from functools import reduce
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from antiphon.arrow import arrow_text
from antiphon.library.tracks import Library
from antiphon.search.filters.comparing import where_number
from antiphon.search.filters.complaint import complaint
from antiphon.search.filters.expression import Every, Expression, FieldMissing, FieldTest, Not, Operator, Some
from antiphon.search.filters.fields import Field, Fields, Mask
from antiphon.search.filters.parse import parse
from antiphon.search.filters.readings import days_in, first_day, is_date, last_day, number, numbers_in
from antiphon.search.filters.tokens import Token
from antiphon.texts import normalised_text

LOG = logging.getLogger(__name__)
GUESSES = 3
"""Texts of one expression that no track has for which one is looked for that was meant: each takes milliseconds."""
Compared: TypeAlias = pa.Array
"""(m,) bool or null, for each of a field's values or different values; see :meth:`Field.tracks_where`."""


class TrackFilter:
    """Answers expressions about one library; the fields that they ask for stay in memory for the next.

    Parameters
    ----------
    library : whose tracks.
    """

    def __init__(self, library: Library) -> None:
        self._fields = Fields(library)

    def allowed(self, expression: str) -> Mask:
        """(n,) bool: which of the library's tracks an expression holds of, in the order of ``tracks.parquet``.

        Texts that a field has nowhere, and values that a comparison cannot read, are named in a warning.

        Raises
        ------
        ConfigError : the expression does not follow the grammar, names no field of the library, or compares a field
            with what is none of its type; the message points at the place.
        """
        return _Evaluation(self._fields, expression).of(parse(expression))


class _Evaluation:
    def __init__(self, fields: Fields, text: str) -> None:
        self._fields = fields
        self._text = text
        self._guesses = GUESSES

    def of(self, expression: Expression) -> Mask:
        match expression:
            case FieldTest():
                return self._compared(expression)
            case FieldMissing():
                return ~self._fields.find(expression.field, self._text).known
            case Not():
                return ~self.of(expression.of)
            case Every():
                return reduce(operator.and_, map(self.of, expression.of))
            case Some():
                return reduce(operator.or_, map(self.of, expression.of))

    def _compared(self, asked: FieldTest) -> Mask:
        field = self._fields.find(asked.field, self._text)
        found = np.zeros(field.n, bool)
        for value in asked.values:
            found |= field.tracks_where(self._values_where(field, asked.operator, value))
        return field.known & ~found if asked.negated else found

    def _values_where(self, field: Field, sign: Operator, value: Token) -> Compared:
        if sign == "contains":
            return self._containing(field, value)
        if field.kind == "number":
            return where_number(field.values, sign, self._number(field, value))
        if field.kind == "date":
            if not is_date(value.text):
                raise self._mistyped(field, value, "dates", "1999, 1999-05 or 1999-05-03")
            return _dates_where(field.different, sign, value.text)
        return self._equal_texts(field, value) if sign == "=" else self._ordered_texts(field, sign, value)

    def _containing(self, field: Field, value: Token) -> Compared:
        if field.kind in ("number", "date"):
            raise self._complain(
                value,
                f"contains looks into texts; {field.name} holds {field.kind}s.",
                fix=f"{field.name} = {value.text}",
            )
        return pc.match_substring(field.texts, normalised_text(value.text))

    def _number(self, field: Field, value: Token) -> int | float:
        found = number(value.text)
        if found is None:
            raise self._mistyped(field, value, "numbers", "1970 or 0.5")
        return found

    def _equal_texts(self, field: Field, value: Token) -> Compared:
        found = pc.equal(field.texts, arrow_text(normalised_text(value.text)))
        if not pc.any(found).as_py():
            LOG.warning("No track has %s '%s'.%s", field.name, value.text, self._guess(field, value))
        return found

    def _guess(self, field: Field, value: Token) -> str:
        """What a text that no track has may have been meant for: the end of a sentence."""
        if self._guesses == 0:
            return ""
        self._guesses -= 1
        like = field.most_like(value.text)
        return f" The most like it is '{like}'." if like else ""

    def _ordered_texts(self, field: Field, sign: Operator, value: Token) -> Compared:
        """Larger and smaller among texts: of those that are numbers, or dates, as the value is."""
        wanted, as_date = number(value.text), is_date(value.text)
        if wanted is None and not as_date:
            raise self._complain(
                value,
                f"{field.name} holds texts: '{value.text}' is neither larger nor smaller than one.",
                fix=f'{field.name} = "{value.text}", or {field.name} contains "{value.text}".',
            )
        nothing = pa.nulls(len(field.different), pa.bool_())
        by_number = nothing if wanted is None else where_number(numbers_in(field.different), sign, wanted)
        found = pc.coalesce(by_number, _dates_where(field.different, sign, value.text) if as_date else nothing)
        self._say_unread(field, found)
        return found

    def _say_unread(self, field: Field, found: Compared) -> None:
        unread = field.different.filter(pc.is_null(found))
        if len(unread):
            LOG.warning(
                "%s holds texts: %d of %d different ones cannot be compared here, such as '%s', and do not match.",
                field.name,
                len(unread),
                len(field.different),
                unread[0].as_py(),
            )

    def _mistyped(self, field: Field, value: Token, what: str, such_as: str) -> Exception:
        return self._complain(
            value, f"{field.name} holds {what}; '{value.text}' is none.", fix=f"Write {what} such as {such_as}."
        )

    def _complain(self, value: Token, problem: str, *, fix: str) -> Exception:
        return complaint(self._text, value.start, value.end, problem, fix=fix)


def _dates_where(dates: pa.Array, sign: Operator, value: str) -> Compared:
    """Where it is sure: of all days that a date may mean, and all that the value may mean (for "=", one of them)."""
    first, last = days_in(dates)
    early, late = arrow_text(first_day(value)), arrow_text(last_day(value))
    if sign == "=":
        return pc.and_(pc.greater_equal(first, early), pc.less_equal(last, late))
    if sign == "<":
        return pc.less(last, early)
    if sign == ">":
        return pc.greater(first, late)
    if sign == "<=":
        return pc.less_equal(last, late)
    return pc.greater_equal(first, early)
