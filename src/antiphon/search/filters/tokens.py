"""An expression as its words and signs, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from antiphon.search.filters.complaint import complaint

KEYWORDS = frozenset({"and", "or", "not", "in", "contains", "is"})
"""Words of the language; as a field or value they stand in quotes."""
SIGNS = {"==": "=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!="}
"""Other ways to write a sign."""
QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»"}
_SIGN = re.compile(r"<=|>=|!=|==|<>|[=<>≤≥≠(),]")
_WORD = re.compile(r"[^\s=<>!≤≥≠(),\"“„«]+|!")


@dataclass(frozen=True)
class Token:
    """A word, a quoted text or a sign.

    Parameters
    ----------
    kind : "word" and "quoted" may be a field or value; "keyword" and "sign" have ``text`` in its one spelling.
    start, end : its characters in the expression, quotes included.
    """

    kind: Literal["word", "quoted", "keyword", "sign", "end"]
    text: str
    start: int
    end: int


def tokens_of(expression: str) -> list[Token]:
    """The tokens of an expression, then one of kind "end".

    Raises
    ------
    ConfigError : a quoted text does not end.
    """
    found: list[Token] = []
    at = 0
    while at < len(expression):
        if expression[at].isspace():
            at += 1
            continue
        found.append(_token(expression, at))
        at = found[-1].end
    return [*found, Token("end", "", len(expression), len(expression))]


def _token(expression: str, at: int) -> Token:
    if expression[at] in QUOTES:
        return _quoted(expression, at)
    if sign := _SIGN.match(expression, at):
        return Token("sign", SIGNS.get(sign.group(), sign.group()), at, sign.end())
    word = _WORD.match(expression, at)
    end = at + 1 if word is None else word.end()
    text = expression[at:end]
    if text.casefold() in KEYWORDS:
        return Token("keyword", text.casefold(), at, end)
    return Token("word", text, at, end)


def _quoted(expression: str, start: int) -> Token:
    """A text up to the quote that closes it; a backslash takes the character after it as it stands."""
    closing, text, at = QUOTES[expression[start]], "", start + 1
    while at < len(expression):
        mark = expression[at]
        if mark == closing:
            return Token("quoted", text, start, at + 1)
        if mark == "\\" and at + 1 < len(expression):
            at += 1
            mark = expression[at]
        text += mark
        at += 1
    raise complaint(expression, start, len(expression), "A quoted text does not end.", fix=f"Close it with {closing} .")
