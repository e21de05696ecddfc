"""The songs of a server that speaks Subsonic's protocol: Navidrome, Ampache, gonic, Airsonic …"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from antiphon.library.manifest.sources.subsonic.songs import is_track
from antiphon.library.players.importing import PlayerSongs
from antiphon.library.players.songs import Song
from antiphon.library.subsonic.client import Subsonic


def songs_of_server(server: Subsonic) -> PlayerSongs:
    """All songs and artists of a server.

    Raises
    ------
    LibraryError : it cannot be reached, refuses, or is none.
    """
    server.ping()
    found = [song for song in server.songs() if is_track(song)]
    return PlayerSongs(
        player=(server.kind or "subsonic").casefold(),
        source=server.server,
        songs=[song_of(song) for song in found],
        artists=artists_of(found),
    )


def song_of(child: Mapping[str, Any]) -> Song:
    """One song of the protocol (its ``Child``)."""
    return Song(
        id=str(child["id"]),
        path=_text(child.get("path")),
        title=_text(child.get("title")),
        artist=_text(child.get("artist")),
        album=_text(child.get("album")),
        recording=_text(child.get("musicBrainzId")),
        known_as=str(child["id"]),
    )


def artists_of(songs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Id → name of every artist that songs name, those of albums too."""
    found: dict[str, str] = {}
    for song in songs:
        lists = [song.get(field) for field in ("artists", "albumArtists")]
        alone = {"id": song.get("artistId"), "name": song.get("artist")}  # of several it may name all
        for each in [*(one for listed in lists if isinstance(listed, list) for one in listed), alone]:
            if isinstance(each, Mapping) and each.get("id") and _text(each.get("name")):
                found.setdefault(str(each["id"]), _text(each["name"]))
    return found


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
