"""Tracks as people name them: by an id, or by a title."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from antiphon.arrow import row_of_text
from antiphon.errors import LibraryError
from antiphon.library.commands import as_typed
from antiphon.library.tracks import Library
from antiphon.texts import normalised_text, spelled_as

SHOWN = 5
LIKE = 60
"""Percent of letters that two names share from which one may be meant by the other."""


def track_named(root: Path, name: str) -> str:
    """The id of the track that a name means: an id, or a title, alone or as "artist - title", whatever the case.

    Raises
    ------
    LibraryError : no track has that name, or several have.
    """
    library = Library(root)
    if row_of_text(library.track_table.column("track_id"), name) >= 0:
        return name
    ids, titles, artists = (library.column(column).tolist() for column in ("track_id", "title", "artist"))
    return str(ids[place_named(name, ids, titles, artists, of=as_typed(root))])


def place_named(name: str, ids: Sequence[str], titles: Sequence[str], artists: Sequence[str], *, of: str) -> int:
    """The same among some tracks: the place of the one that is meant.

    Parameters
    ----------
    ids, titles, artists : (n,) of each track; "" where there is none.
    of : what the tracks are of, for the message.

    Raises
    ------
    LibraryError : no track has that name, or several have.
    """
    spelled = spelled_as([name], ids)[0]
    if spelled in ids:
        return ids.index(spelled)
    wanted = normalised_text(name.replace("–", "-"))
    found = [row for row, title in enumerate(titles) if wanted in _names(title, artists[row])]
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(f"{ids[row]} ({artists[row]})" if artists[row] else ids[row] for row in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        fix = f"Name one by its id, such as {ids[found[0]]}."
        raise LibraryError(f"{len(found)} tracks are called '{name}': {shown}{more}.", fix=fix)
    near = nearest_name(name, [*ids, *filter(None, titles)])
    fix = f"Did you mean '{near}'?" if near else f"Look for it: antiphon search {shlex.quote(name)}"
    raise LibraryError(f"{of} has no track '{name}'.", fix=fix)


def nearest_name(name: str, known: Sequence[str]) -> str:
    """The one of some names that is most like another, whatever the case; "" where none is."""
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import extractOne

    near = extractOne(name, known, scorer=ratio, processor=normalised_text, score_cutoff=LIKE)
    return str(near[0]) if near else ""


def _names(title: str, artist: str) -> tuple[str, ...]:
    if not title:
        return ()
    return normalised_text(title), normalised_text(f"{artist} - {title}")
