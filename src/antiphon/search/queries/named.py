"""Tracks as people name them: by an id, or by a title."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from antiphon.arrow import row_of_text
from antiphon.errors import LibraryError
from antiphon.library.commands import place
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
    ids = library.column("track_id")
    spelled = spelled_as([name], ids.tolist())[0]
    if spelled != name:
        return spelled
    wanted = normalised_text(name.replace("–", "-"))
    titles, artists = (library.column(column) for column in ("title", "artist"))
    found = [row for row, title in enumerate(titles) if wanted in _names(title, artists[row])]
    if len(found) == 1:
        return str(ids[found[0]])
    if found:
        shown = ", ".join(f"{ids[row]} ({artists[row]})" if artists[row] else ids[row] for row in found[:SHOWN])
        raise LibraryError(f"{len(found)} tracks are called '{name}': {shown}.", fix="Name one by its id.")
    known = [each for each in np.concatenate([ids, titles]).tolist() if each]
    near = nearest_name(name, known)
    fix = f"Did you mean '{near}'?" if near else "Ids and titles stand in tracks.parquet."
    raise LibraryError(f"{place(root)} has no track '{name}'.", fix=fix)


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
