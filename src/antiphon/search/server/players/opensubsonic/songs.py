"""Tracks as the protocol's songs."""

from __future__ import annotations

from typing import Any

from antiphon.search.server.opened.cards import TrackCard
from antiphon.search.server.players.known import GENRE, Known
from antiphon.search.server.players.titles import title_of

Child = dict[str, Any]


def child(card: TrackCard, song_id: str, known: Known) -> Child:
    """One track as a ``Child``; what is not known is left out, and no path is told."""
    genre = known.field(GENRE, card.track_id)
    seconds = None if card.seconds is None else round(card.seconds)
    found: Child = {
        "id": song_id,
        "isDir": False,
        "title": title_of(card),
        "album": card.album or None,
        "artist": card.artist or None,
        "displayArtist": card.artist,
        "genre": genre or None,
        "duration": seconds,
        "type": "music",
        "mediaType": "song",
    }
    return {name: value for name, value in found.items() if value is not None}
