"""An expression, understood: what it asks of a track, before any library is looked at.

Conventions. A comparison is false of a track that has no value in the field, the negated ones too: ``genre != jazz``
asks for tracks whose genre is known and is another. ``not`` turns what stands behind it around: ``not genre = jazz``
holds for tracks without a genre as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from antiphon.search.filters.tokens import Token

Operator = Literal["=", "<", "<=", ">", ">=", "contains"]


@dataclass(frozen=True)
class FieldTest:
    """A field beside values: true where it has a value, and some value of it compares with some of these.

    Parameters
    ----------
    field, values : as they stand in the expression; several values are those of ``in``, whose operator is "=".
    negated : true where it has a value, and the comparison without this is false.
    """

    field: Token
    operator: Operator
    values: tuple[Token, ...]
    negated: bool = False


@dataclass(frozen=True)
class FieldMissing:
    """True where a field has no value."""

    field: Token


@dataclass(frozen=True)
class Not:
    """True where the other is false."""

    of: Expression


@dataclass(frozen=True)
class Every:
    """True where all are ("and")."""

    of: tuple[Expression, ...]


@dataclass(frozen=True)
class Some:
    """True where one is ("or")."""

    of: tuple[Expression, ...]


Expression: TypeAlias = "FieldTest | FieldMissing | Not | Every | Some"


def fields_asked(expression: Expression) -> set[str]:
    """Names of the fields that an expression asks for, as they stand in it."""
    match expression:
        case FieldTest() | FieldMissing():
            return {expression.field.text}
        case Not():
            return fields_asked(expression.of)
        case Every() | Some():
            return set().union(*map(fields_asked, expression.of))
