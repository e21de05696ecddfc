"""Words as people type them, read as a query.

===========================  ======================================================================================
``slow sad piano``           one description
``piano:2 rain``             two, the first counting twice; ``"slow piano":2`` weighs several words
``piano, no drums``          not drums; also behind but, and, or with; a query that begins with "no" is a name
``piano without drums``      the same; "or", "and" and "nor" join several: without drums or vocals
``Klavier ohne Schlagzeug``  the same in other languages: sans, senza, sem, zonder, bez, utan, uden, uten, без
``piano -drums``             the same; ``-"female vocals"`` excludes several words
===========================  ======================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from antiphon.search.queries.query import Part, Query
from antiphon.search.queries.readable import readable

_QUOTED = r'"[^"]*"'
_SIGNED = re.compile(rf'(?:(?<=\s)|^)-({_QUOTED}|[^\W\d_][^\s,;"]*)')
_WEIGHED = re.compile(rf'(?:(?<=[\s,;])|^)({_QUOTED}|[^\W\d_][^\s,;:"]*):(-?\d+(?:\.\d+)?)(?=[\s,;]|$)')
_ELSEWHERE = "ohne|sans|senza|sem|zonder|bez|utan|uden|uten|без"
"""What "without" is called elsewhere, where English has no such word: Spanish "sin" is a title's word too often."""
_NEGATED = re.compile(
    r"(?:[,;]\s*(?:but\s+|and\s+|with\s+)?(?:no|not)\s+|\b(?:but|and|with)\s+(?:no|not)\s+|(?<=\s)without\s+(?:any\s+)?"
    rf"|(?<=\s)(?:{_ELSEWHERE})\s+)"
    rf"([^,;]+?)(?=\s*(?:[,;]|\s(?:but|with|without|{_ELSEWHERE})\s|$))",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s+(?:or|nor|and|oder|ou|oppure|lub|или)\s+(?:no\s+|not\s+)?", re.IGNORECASE)
_EDGES = " \t\r\n,;"


def read_query(
    text: str,
    *,
    excluded: Iterable[str] = (),
    like: Iterable[str] = (),
    unlike: Iterable[str] = (),
    files: Iterable[str] = (),
) -> Query:
    """What a text asks.

    Parameters
    ----------
    text : words; may be blank where there are tracks.
    excluded : further texts that are not wanted.
    like, unlike : ids of tracks that it is like, and must not be like.
    files : audio files that it is like.

    Raises
    ------
    LibraryError, ConfigError : as :class:`Query`.

    Examples
    --------
    >>> query = read_query("piano:2 slow rain, no drums or vocals")
    >>> query.wanted
    (Part(text='piano', weight=2.0), Part(text='slow rain', weight=1.0))
    >>> query.excluded
    ('drums', 'vocals')
    """
    unwanted: list[str] = []
    weighed: list[Part] = []

    def turn_away(found: re.Match[str]) -> str:
        unwanted.extend(filter(None, (each.strip(_EDGES + '"') for each in _JOINED.split(found[1]))))
        return ", "

    def weigh(found: re.Match[str]) -> str:
        weighed.append(Part(found[1].strip('"').strip(), float(found[2])))
        return " "

    rest = _NEGATED.sub(turn_away, _SIGNED.sub(lambda found: turn_away(found)[1:], readable(text)))
    rest = _WEIGHED.sub(weigh, rest)
    if weighed or unwanted:
        rest = re.sub(r"\s*,(?:\s*,)*\s*", ", ", re.sub(r"\s+", " ", rest)).strip(_EDGES)
    parts = [*weighed, *([Part(rest)] if rest.strip() else [])]
    return Query(
        wanted=tuple(part for part in parts if part.text),
        excluded=tuple(dict.fromkeys([*unwanted, *(each for each in map(readable, excluded) if each.strip())])),
        like=tuple(dict.fromkeys(like)),
        unlike=tuple(dict.fromkeys(unlike)),
        files=tuple(dict.fromkeys(files)),
        typed=readable(text),
    )
