"""A few tracks of a library on a server: looked up one by one, without listing all that the server has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from antiphon.library.players.known import ids_of_tracks
from antiphon.library.players.matching import match
from antiphon.library.players.songs import Song, songs_of_library
from antiphon.library.players.sources.subsonic import song_of
from antiphon.library.subsonic.client import NOT_FOUND, Subsonic, SubsonicError, listed
from antiphon.library.tracks import Library

CANDIDATES = 50
"""Songs that the server is asked for of each search."""


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """Where tracks are on a server.

    Parameters
    ----------
    ids : track id → the server's id of the song.
    missing : tracks that it does not have, or has in several songs that could be it.
    """

    ids: Mapping[str, str]
    missing: Sequence[Song]


def look_up(
    server: Subsonic, library: Library, track_ids: Sequence[str], *, place: Callable[[str], str] = str
) -> Lookup:
    """Find tracks by the server's own id where the library knows it, else by path, MusicBrainz id, or tags.

    Parameters
    ----------
    place : a path as the server sees it.

    Raises
    ------
    LibraryError : the server cannot be reached, or refuses.
    """
    server.ping()
    known = ids_of_tracks(library, (server.kind or "subsonic").casefold())
    wanted = set(track_ids)
    songs = {song.id: song for song in songs_of_library(library, known) if song.id in wanted}
    ids: dict[str, str] = {}
    missing = []
    for track_id in track_ids:
        ours = replace(songs[track_id], path=place(songs[track_id].path))
        found = _found(server, ours)
        if found:
            ids[track_id] = found
        else:
            missing.append(ours)
    return Lookup(ids=ids, missing=missing)


def _found(server: Subsonic, ours: Song) -> str:
    """The server's id of a track; "" for none."""
    for candidates in _candidates(server, ours):
        found = match([ours], candidates)
        if found:
            return found[0].player_id
    return ""


def _candidates(server: Subsonic, ours: Song) -> Iterator[list[Song]]:
    """What may be the track, the surest first; the server is asked only as far as that is needed."""
    if ours.known_as:
        yield _by_id(server, ours.known_as)
    title = ours.title or PurePosixPath(ours.path).stem
    for words in dict.fromkeys((title, f"{ours.artist} {title}".strip())):
        if words:
            yield _by_words(server, words)


def _by_id(server: Subsonic, song_id: str) -> list[Song]:
    try:
        found = server.ask("getSong", id=song_id).get("song")
    except SubsonicError as error:
        if error.code in (NOT_FOUND, 0):  # 0: older servers' word for it
            return []
        raise
    return [song_of(found)] if isinstance(found, dict) and found.get("id") else []


def _by_words(server: Subsonic, words: str) -> list[Song]:
    answer = server.ask("search3", query=words, artistCount=0, albumCount=0, songCount=CANDIDATES)
    return [
        song_of(each) for each in listed(answer, "searchResult3", "song") if isinstance(each, dict) and each.get("id")
    ]
