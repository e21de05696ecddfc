"""A filter as Milvus's own expression, so that the collection answers it beside the vectors.

What it has no expression for is refused, never answered differently: ordering of texts, and texts inside lists.
"""

from __future__ import annotations

import json

from antiphon.library.tracks import Library
from antiphon.search.filters.complaint import complaint
from antiphon.search.filters.evaluate import TrackFilter
from antiphon.search.filters.expression import Every, Expression, FieldMissing, FieldTest, Not, Some
from antiphon.search.filters.fields import Field, Fields
from antiphon.search.filters.parse import parse
from antiphon.search.filters.readings import first_day, last_day, number
from antiphon.search.filters.tokens import Token
from antiphon.search.milvus.rows import FIRST, LAST, day_number
from antiphon.texts import normalised_text

WILD = frozenset('%_\\"')
"""Characters that mean something inside a pattern."""


def milvus_expression(library: Library, where: str) -> str:
    """What Milvus is to be asked.

    Raises
    ------
    ConfigError : the filter is wrong, as for any index; or Milvus has no expression for it.
    """
    TrackFilter(library).allowed(where)  # complains of names, types and grammar as any search does
    return _Translation(Fields(library), where).of(parse(where))


class _Translation:
    def __init__(self, fields: Fields, text: str) -> None:
        self._fields = fields
        self._text = text

    def of(self, expression: Expression) -> str:
        match expression:
            case FieldTest():
                return self._compared(expression)
            case FieldMissing():
                return f"not {_known(self._fields.find(expression.field, self._text))}"
            case Not():
                return f"not ({self.of(expression.of)})"
            case Every():
                return "(" + " and ".join(map(self.of, expression.of)) + ")"
            case Some():
                return "(" + " or ".join(map(self.of, expression.of)) + ")"

    def _compared(self, asked: FieldTest) -> str:
        field = self._fields.find(asked.field, self._text)
        one = " or ".join(self._one(field, asked.operator, value) for value in asked.values)
        return f"({_known(field)} and {'not ' * asked.negated}({one}))"

    def _one(self, field: Field, sign: str, value: Token) -> str:
        if sign == "contains":
            return self._containing(field, value)
        if field.kind == "number":
            return f"{_key(field.name)} {_signed(sign)} {number(value.text)!r}"
        if field.kind == "date":
            return _dated(field.name, sign, value.text)
        if sign != "=":
            raise self._impossible(value, f"larger and smaller texts ({field.name} holds texts)")
        text = json.dumps(normalised_text(value.text), ensure_ascii=False)
        if field.kind == "list":
            return f"json_contains({_key(field.name)}, {text})"
        return f"{_key(field.name)} == {text}"

    def _containing(self, field: Field, value: Token) -> str:
        text = normalised_text(value.text)
        if field.kind == "list":
            raise self._impossible(value, f"texts inside lists ({field.name} holds lists)")
        if WILD & set(text):
            raise self._impossible(value, 'patterns with one of % _ \\ "')
        return f'{_key(field.name)} like "%{text}%"'

    def _impossible(self, value: Token, what: str) -> Exception:
        return complaint(
            self._text,
            value.start,
            value.end,
            f"Milvus has no expression for {what}.",
            fix="Search without --index: the library's own index answers every filter.",
        )


def _key(name: str) -> str:
    return f"meta[{json.dumps(name, ensure_ascii=False)}]"


def _known(field: Field) -> str:
    return f"exists {_key(field.name + FIRST * (field.kind == 'date'))}"


def _signed(sign: str) -> str:
    return "==" if sign == "=" else sign


def _dated(name: str, sign: str, value: str) -> str:
    first, last = _key(name + FIRST), _key(name + LAST)
    early, late = day_number(first_day(value)), day_number(last_day(value))
    return {
        "=": f"({first} >= {early} and {last} <= {late})",
        "<": f"{last} < {early}",
        ">": f"{first} > {late}",
        "<=": f"{last} <= {late}",
        ">=": f"{first} >= {early}",
    }[sign]
