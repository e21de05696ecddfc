"""Playlists that a plug-in makes, and those that there are."""

from __future__ import annotations

from typing import Any

from antiphon.printed import counted
from antiphon.search.server.callers import require_owner
from antiphon.search.server.players.audiomuse.asking import Asking, bad_request, not_found
from antiphon.search.server.players.audiomuse.rows import named


def playlists(asking: Asking) -> dict[str, Any]:
    """The library's playlists, each with those of its tracks that the player has."""
    require_owner(asking.role, "see playlists")
    kept = {
        name: [named(cards[ours], theirs) for ours, theirs in asking.ids.sendable(cards)]
        for name, cards in (
            (name, {card.track_id: card for card in tracks})
            for name, tracks in asking.served.tracks_of_playlists().items()
        )
    }
    server = {"server_id": asking.ids.name, "server_name": asking.ids.name, "is_default": True, "playlists": kept}
    return {"multi_server": False, "servers": [server]}


def create_playlist(asking: Asking) -> dict[str, Any]:
    """Keep tracks as a playlist of the library, in place of an older one of its name.

    Where the server was told of a player's own (``antiphon serve --push``), it is made there, too.
    """
    require_owner(asking.role, "make a playlist")
    name = asking.text("playlist_name")
    sent = [_id(each) for each in (asking.items("track_ids") or asking.items("item_ids"))]
    if not name or not sent:
        raise bad_request("A playlist needs playlist_name and track_ids.")
    tracks = list(dict.fromkeys(asking.ids.those_known(dict.fromkeys(sent))))
    if not tracks:
        raise not_found("None of these tracks is known.")
    remarks = asking.served.save_playlist(name, tracks)
    told = f"'{name}' is kept in the library with {counted(len(tracks), 'track')}."
    skipped = len(dict.fromkeys(sent)) - len(tracks)
    return {"message": " ".join([told, *remarks]), "playlist_id": name, "mapped": len(tracks), "skipped": skipped}


def _id(item: object) -> str:
    value = item.get("item_id") if isinstance(item, dict) else item
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value):
        raise bad_request("track_ids are ids, or objects with item_id.")
    return str(value)
