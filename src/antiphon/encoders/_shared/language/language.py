"""A language, by its name and codes; or several that cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Language(NamedTuple):
    """What a text is written in: its name for people, and the ISO 639-1 codes of the languages that it can be."""

    name: str
    codes: tuple[str, ...]


def one_of(languages: Sequence[Language]) -> Language:
    """Several languages as one that a text can be in.

    >>> one_of([Language("Spanish", ("es",)), Language("French", ("fr",)), Language("Italian", ("it",))]).name
    'Spanish, French or Italian'
    """
    *others, last = (name for language in languages for name in language.name.split(" or "))
    codes = tuple(dict.fromkeys(code for language in languages for code in language.codes))
    return Language(f"{', '.join(others)} or {last}" if others else last, codes)
