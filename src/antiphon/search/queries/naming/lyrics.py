"""Lines of lyrics in a query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from antiphon.search.queries.naming.keys import Words, as_words
from antiphon.search.zero_shot.ways.words import plain

if TYPE_CHECKING:
    from antiphon.library.tracks import Library

LINE = 5
"""Words of a query from which it may be a line of lyrics: fewer stand in some song by chance."""
_FIELD = re.compile(r"(^|[^a-z])lyrics")


class Lyrics:
    """The lyrics of a library's tracks.

    Parameters
    ----------
    texts : gives (n,) texts, "" where there are none, or none at all; asked where a query may be a line of them.
    """

    def __init__(self, texts: Callable[[], Iterable[str]]) -> None:
        self._texts = texts

    def sung(self, words: Words) -> set[int]:
        """Rows in whose lyrics words follow one another."""
        if len(words) < LINE:
            return set()
        line, longest = f" {' '.join(words)} ", max(words, key=len)
        holding = (row for row, text in enumerate(self._plain) if longest in text)
        return {row for row in holding if line in f" {' '.join(as_words(self._plain[row]).split())} "}

    @cached_property
    def _plain(self) -> list[str]:
        return [plain(text).replace("'", "").replace("’", "") for text in self._texts()]


def lyrics_field(fields: Iterable[str]) -> str | None:
    """The field of metadata that holds lyrics; None where none is called so."""
    return next((name for name in fields if _FIELD.search(name.casefold())), None)


def lyrics_of(library: Library) -> list[str]:
    """(n,) the lyrics of a library's tracks, "" where there are none; empty where none has any."""
    name = lyrics_field(library.metadata.names)
    return [] if name is None else [_as_text(value) for value in library.metadata.column(name)]


def _as_text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
