"""When two titles name one song: all but what says which version it is.

A remix is another piece, and so is a cover by another artist.
"""

from __future__ import annotations

import re

from antiphon.library.leakage.artists import known_artist
from antiphon.texts import normalised_text

_FIRST = (
    r"live|acoustic|unplugged|demo|mono|stereo|take \d+|bonus|recorded (?:live|at|in)"
    r"|(?:digitally |newly )?(?:re-?master(?:ed)?|re-?recorded)"
    r"|(?:radio|single|album|extended|original|alternat(?:e|ive)|full|long|short|studio|early|mono|stereo)"
    r" (?:edit|version|mix|take|cut|length|demo)"
)
_LAST = (
    r"live|version|edit|re-?master(?:ed)?|re-?recording|take(?: \d+)?|sessions?|demo|edition|mono|stereo"
    r"|bonus(?: track)?|unplugged|anniversary mix"
)
_VERSION = re.compile(rf"(?:\d{{4}}\s)?(?:{_FIRST})\b.*|.*\b(?:{_LAST})(?:\s\d{{4}})?|\d{{4}}")
_GUEST = re.compile(r"(?:feat\.?|ft\.?|featuring)\s.*")
_BRACKETS = re.compile(r"\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])")
_TAIL = re.compile(r"^(.+?)\s+[-–—/]\s+([^-–—/]+)$")
_ADDED = re.compile(r"[(\[]|\s[-–—/]\s|\s(?:feat|ft)")
"""Without one of these nothing is added to a title."""
_TRAILING_GUEST = re.compile(r"\s(?:feat\.?|ft\.?|featuring)\s.*$")


def bare_title(title: str) -> str:
    """A title without what says which version of the song it is, in the form in which texts compare.

    >>> [bare_title(t) for t in ("Heroes (2017 Remaster)", "Heroes - Live at Earl's Court", "Heroes feat. Nobody")]
    ['heroes', 'heroes', 'heroes']
    >>> bare_title("Live and Let Die"), bare_title("Live")
    ('live and let die', 'live')
    """
    whole = normalised_text(title)
    if not _ADDED.search(whole):  # of most titles it need not be looked for
        return whole
    name = _BRACKETS.sub(lambda found: "" if _says_version(found[1] or found[2] or "") else found[0], whole)
    name = _TRAILING_GUEST.sub("", name)
    while (found := _TAIL.match(name)) and _says_version(found[2]):
        name = found[1]
    return name.strip() or whole


def song_of(title: str, artist: str) -> str:
    """What versions of one song have in common; "" where the title or the artist is not known."""
    name, performer = bare_title(title), known_artist(artist)
    return f"{performer}\n{name}" if name and performer else ""


def _says_version(text: str) -> bool:
    return bool(_VERSION.fullmatch(text) or _GUEST.fullmatch(text))
