"""Jellyfin's songs, through its own interface (``/Items``), with an API key of its dashboard.

Protocol: https://api.jellyfin.org
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from antiphon.errors import LibraryError
from antiphon.library.players.forms import canonical
from antiphon.library.players.importing import PlayerSongs
from antiphon.library.players.songs import Song
from antiphon.library.players.sources.web import PAGE, ask_json, ask_list, text
from antiphon.library.subsonic.account import server_address

JELLYFIN = "jellyfin"
MOST = 1_000_000
ASKED = {"Recursive": "true", "IncludeItemTypes": "Audio", "Fields": "Path,ProviderIds", "SortBy": "SortName"}
PLAYED = {
    **{"Recursive": "true", "IncludeItemTypes": "Audio", "Filters": "IsPlayed"},
    **{"SortBy": "PlayCount", "SortOrder": "Descending"},
}


def songs_of_jellyfin(address: str, key: str) -> PlayerSongs:
    """All songs and artists of a Jellyfin server.

    Parameters
    ----------
    key : made in its dashboard, under API keys.

    Raises
    ------
    LibraryError : it cannot be reached, refuses the key, or is no Jellyfin.
    """
    server, _ = server_address(address)
    items = list(_items(server, key))
    artists = {
        canonical(artist["Id"]): artist["Name"]
        for item in items
        for role in ("ArtistItems", "AlbumArtists")
        for artist in item.get(role) or []
        if isinstance(artist, dict) and text(artist.get("Id")) and text(artist.get("Name"))
    }
    return PlayerSongs(player=JELLYFIN, source=server, songs=[_song(item) for item in items], artists=artists)


def played_most(address: str, key: str, user: str, count: int) -> list[str]:
    """Jellyfin's ids of the songs that a user has played most, the most first.

    Parameters
    ----------
    key : an API key, or a token of that user's.
    user : the name, in any case, or the id.

    Raises
    ------
    LibraryError : it cannot be reached, refuses the key, is no Jellyfin, or has no such user.
    """
    server, _ = server_address(address)
    asked = {**PLAYED, "UserId": _user_id(server, key, user), "Limit": count}
    answer = ask_json(f"{server}/Items?{urlencode(asked)}", server, "Jellyfin", headers=_signed(key))
    listed = answer.get("Items")
    if not isinstance(listed, list):
        raise LibraryError(f"{server} does not answer as Jellyfin does.", fix="Give Jellyfin's own address.")
    return [canonical(each["Id"]) for each in listed if isinstance(each, dict) and text(each.get("Id"))]


def _user_id(server: str, key: str, user: str) -> str:
    for each in ask_list(f"{server}/Users", server, "Jellyfin", headers=_signed(key)):
        names = (text(each.get("Name")).casefold(), canonical(text(each.get("Id")))) if isinstance(each, dict) else ()
        if user.casefold() in names or canonical(user) in names:
            return str(each["Id"])
    raise LibraryError(f"{server} has no user '{user}'.", fix="Users stand in Jellyfin's dashboard.")


def _signed(key: str) -> dict[str, str]:
    return {"Authorization": f'MediaBrowser Token="{key}"'}


def _items(server: str, key: str) -> Iterator[Mapping[str, Any]]:
    """Every song once; a server may give fewer than it was asked for, and only an empty page is the last."""
    seen: set[str] = set()
    start = 0
    while start < MOST:
        page = f"{server}/Items?{urlencode({**ASKED, 'StartIndex': start, 'Limit': PAGE})}"
        answer = ask_json(page, server, "Jellyfin", headers=_signed(key))
        listed = answer.get("Items")
        if not isinstance(listed, list):
            raise LibraryError(f"{server} does not answer as Jellyfin does.", fix="Give Jellyfin's own address.")
        new = [each for each in listed if isinstance(each, dict) and text(each.get("Id")) and each["Id"] not in seen]
        if not new:
            return
        seen.update(each["Id"] for each in new)
        yield from new
        start += len(listed)


def _song(item: Mapping[str, Any]) -> Song:
    own = canonical(item["Id"])
    artists = item.get("Artists")
    providers = item.get("ProviderIds")
    return Song(
        id=own,
        known_as=own,
        path=text(item.get("Path")),
        title=text(item.get("Name")),
        artist=", ".join(filter(None, map(text, artists)))
        if isinstance(artists, list)
        else text(item.get("AlbumArtist")),
        album=text(item.get("Album")),
        recording=text(providers.get("MusicBrainzRecording")) if isinstance(providers, dict) else "",
    )
