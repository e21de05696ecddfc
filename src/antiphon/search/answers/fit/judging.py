"""What is said of how well answers fit a query; nothing where it was not calibrated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from antiphon.search.answers.fit.calibration import Calibration, Float32, path_of, read_calibration
from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.naming.first import NAME
from antiphon.search.queries.readable import readable
from antiphon.texts import normalised_text

NAME_LETTERS = 3
"""Words of at least so many letters may be a title's or an artist's."""
_WORD = re.compile(r"\w+")

OF_OTHER_THINGS = (
    "Nothing here may fit: the query is nearer to texts of other things than what people ask of music is. "
    "The answers are only the least far."
)
OF_GONE = (
    "Nothing here may fit: the query is nearest to captions of tracks that this library no longer has. "
    "The answers are only the least far."
)
"""What only who may learn what was in the library once is told."""


@runtime_checkable
class ReadsQueries(Protocol):
    """A searcher of one index, which can say how its text encoder reads a query."""

    @property
    def vectors_name(self) -> str:
        """Name of the index's file of vectors; "" where none is on disk."""

    def read(self, texts: Sequence[str]) -> Float32:
        """(n, d) texts that are not blank, as the text encoder reads them."""


class Judge:
    """Says of answers to words how well they fit.

    Parameters
    ----------
    root : the library.
    searcher : what answered.
    """

    def __init__(self, root: Path, searcher: object) -> None:
        self._reader = searcher if isinstance(searcher, ReadsQueries) and searcher.vectors_name else None
        self.calibration: Calibration | None = None
        if self._reader is not None:
            self.calibration = read_calibration(path_of(root, self._reader.vectors_name))

    def marked(self, hits: Hits) -> Hits:
        """Answers with what they are better than, as far as that is known."""
        return hits if self.calibration is None else self.calibration.marked(hits)

    def remarks(self, text: str, hits: Hits, *, of_gone: bool = True) -> list[str]:
        """A sentence on how well the best answer fits, or that none may.

        Parameters
        ----------
        text : the query, of words.
        hits : its answers, :meth:`marked`.
        of_gone : whether who asks may learn what was in the library once.
        """
        found, text = self.calibration, readable(text)
        if found is None or self._reader is None or not hits or not text.strip():
            return []
        if not _names(text, hits):
            raw = self._reader.read([text])[0]
            if found.is_of_other_things(raw):
                return [OF_OTHER_THINGS]
            if of_gone and found.is_of_music_that_left(raw):
                return [OF_GONE]
        share = hits[0].better_than
        if share is None:
            return []
        whose = f" of {found.library}'s own library" if found.library else ""
        above = "all" if share >= 100 else f"{share:g} % of"
        return [
            f"The best answer scores above {above} the tracks that {found.captions} val captions{whose} are not of."
        ]


def _names(text: str, hits: Iterable[Hit]) -> bool:
    """Whether a query names the title or artist of an answer: then it was found by no likeness of captions."""
    asked = set(_words(text))
    return any(hit.by == NAME or asked & set(_words(f"{hit.title} {hit.artist}")) for hit in hits)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(normalised_text(text)) if len(word) >= NAME_LETTERS]
