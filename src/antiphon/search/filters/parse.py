"""Text to expression: a parser by hand of the grammar below.

::

    some       = every ("or" every)*
    every      = one ("and" one)*
    one        = "not" one | "(" some ")" | comparison
    comparison = name ("=" | "!=" | "<" | "<=" | ">" | ">=") value
               | name ["not"] "in" "(" value ("," value)* ")"
               | name ["not"] "contains" value
               | name "is" ["not"] "missing"

Names and values are words, or any text in quotes. Keywords may be written in capitals.
"""

from __future__ import annotations

from typing import NoReturn, cast

from antiphon.search.filters.complaint import complaint
from antiphon.search.filters.expression import Every, Expression, FieldMissing, FieldTest, Not, Operator, Some
from antiphon.search.filters.tokens import Token, tokens_of

DEEPEST = 50
"""Parentheses and nots inside one another."""
EXAMPLE = (
    'Conditions are joined by and, or, not, such as: year >= 1970 and (genre = "hard bop" or genre in (jazz, blues)) '
    "and not title contains live"
)


def parse(expression: str) -> Expression:
    """What an expression asks.

    Raises
    ------
    ConfigError : it is empty, no text, or does not follow the grammar; the message points at the place.
    """
    if not expression.strip():
        raise complaint(expression, 0, 1, "The filter is empty.", fix=EXAMPLE)
    try:
        expression.encode()
    except UnicodeEncodeError as error:  # half of a surrogate pair: what a shell gives for a byte that is no UTF-8
        shown = expression.encode(errors="replace").decode()
        raise complaint(shown, error.start, error.end, "The filter is not text in UTF-8.", fix=EXAMPLE) from error
    return _Parser(expression).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        found = self._some()
        if self._next.kind != "end":
            self._refuse_rest()
        return found

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _takes(self, kind: str, text: str) -> bool:
        """Go past the next token if it is this one."""
        found = self._next.kind == kind and self._next.text == text
        self._at += found
        return found

    def _some(self) -> Expression:
        parts = [self._every()]
        while self._takes("keyword", "or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _every(self) -> Expression:
        parts = [self._one()]
        while self._takes("keyword", "and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"More than {DEEPEST} parentheses or nots stand inside one another.", EXAMPLE)
        found = self._within()
        self._depth -= 1
        return found

    def _within(self) -> Expression:
        if self._takes("keyword", "not"):
            return Not(self._one())
        if not self._takes("sign", "("):
            return self._comparison()
        found = self._some()
        if not self._takes("sign", ")"):
            self._refuse("A parenthesis does not close here.", "Put ) behind what belongs together.")
        return found

    def _comparison(self) -> Expression:
        name = self._named("the name of a field")
        if self._takes("keyword", "is"):
            negated = self._takes("keyword", "not")
            if not (self._next.kind == "word" and self._next.text.casefold() == "missing"):
                self._refuse(
                    "is asks whether a value is missing.", f"{name.text} is missing, {name.text} is not missing"
                )
            self._at += 1
            return Not(FieldMissing(name)) if negated else FieldMissing(name)
        negated = self._takes("keyword", "not")
        if self._takes("keyword", "in"):
            return FieldTest(name, "=", self._listed(), negated)
        if self._takes("keyword", "contains"):
            return FieldTest(name, "contains", (self._value(),), negated)
        return self._signed(name, negated)

    def _signed(self, name: Token, negated: bool) -> FieldTest:
        sign = self._next
        if negated or sign.kind != "sign" or sign.text in ("(", ")", ","):
            ways = "in or contains" if negated else "=, !=, <, <=, >, >=, in, contains, or is missing"
            shown = f"'{name.text}{' not' * negated}'"
            self._refuse(
                f"Behind {shown} comes {ways}.", 'Names and values of several words stand in quotes: "hard bop".'
            )
        self._at += 1
        if sign.text == "!=":
            return FieldTest(name, "=", (self._value(),), negated=True)
        return FieldTest(name, cast(Operator, sign.text), (self._value(),))

    def _listed(self) -> tuple[Token, ...]:
        if not self._takes("sign", "("):
            self._refuse("Behind in comes a list in parentheses.", "genre in (jazz, blues)")
        values = [self._value()]
        while self._takes("sign", ","):
            values.append(self._value())
        if not self._takes("sign", ")"):
            self._refuse("The list does not close here.", 'genre in (jazz, "hard bop")')
        return tuple(values)

    def _value(self) -> Token:
        return self._named("a value")

    def _named(self, what: str) -> Token:
        if self._next.kind not in ("word", "quoted"):
            where = "the expression ends" if self._next.kind == "end" else f"'{self._next.text}' stands"
            in_quotes = f'As a name or value it stands in quotes: "{self._next.text}". ' * (
                self._next.kind == "keyword"
            )
            self._refuse(f"Here {where}, where {what} is needed.", f"{in_quotes}{EXAMPLE}")
        return self._take()

    def _refuse_rest(self) -> NoReturn:
        if self._next.kind in ("word", "quoted"):
            last = self._tokens[self._at - 1]
            joined = f'"{self._text[last.start : self._next.end]}"'
            self._refuse(
                f"'{self._next.text}' is not expected here.",
                f"A value of several words stands in quotes ({joined}); between two conditions stands and, or or.",
            )
        self._refuse(f"'{self._next.text}' is not expected here.", EXAMPLE)

    def _refuse(self, problem: str, fix: str) -> NoReturn:
        raise complaint(self._text, self._next.start, self._next.end, problem, fix=fix)
