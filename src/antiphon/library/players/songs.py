"""A song as one side knows it, a player or a library, and the forms in which two sides compare."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from antiphon.library.tracks import Library
from antiphon.texts import normalised_text

RECORDING = "musicbrainz_trackid"
"""The field of metadata with MusicBrainz' id of the recording."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Song:
    """A song, with what tells it from others; "" for what is not known.

    Parameters
    ----------
    id : on this side.
    path : of its file, as this side sees it.
    recording : MusicBrainz' id of the recording.
    known_as : the player's own id of it: in a library what metadata say, in a player its id.
    """

    id: str
    path: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    recording: str = ""
    known_as: str = ""


def songs_of_library(library: Library, ids: Mapping[str, str]) -> Iterator[Song]:
    """A library's tracks, with absolute paths where files are here.

    Parameters
    ----------
    ids : track id → the player's own id, where it is known.
    """
    columns = [library.column(name).tolist() for name in ("track_id", "path", "title", "artist", "album")]
    recordings = dict(zip(library.metadata.track_ids, _texts(library, RECORDING), strict=True))
    for track_id, path, title, artist, album in zip(*columns, strict=True):
        yield Song(
            id=track_id,
            path=library.sound_at(path or ""),
            title=title or "",
            artist=artist or "",
            album=album or "",
            recording=recordings.get(track_id, ""),
            known_as=ids.get(track_id, ""),
        )


def _texts(library: Library, field: str) -> list[str]:
    if field not in library.metadata:
        return [""] * len(library.metadata)
    return [first_text(value) for value in library.metadata.column(field)]


def first_text(value: Any) -> str:
    """The one text or number of a cell, the first of a list; "" for none, and for what is neither (an object)."""
    if isinstance(value, list):
        value = value[0] if value else None
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def parts_of(path: str) -> tuple[str, ...]:
    """A path's names as they compare, whatever the system that wrote it."""
    return tuple(_name(part) for part in path.replace("\\", "/").split("/") if part not in ("", "."))


@lru_cache(maxsize=1 << 16)
def _name(part: str) -> str:
    return letters(part) or normalised_text(part)


def letters(text: str) -> str:
    """Letters and digits, case folded: players write marks that no file name can hold otherwise."""
    return "".join(mark for mark in unicodedata.normalize("NFKC", text).casefold() if mark.isalnum())
