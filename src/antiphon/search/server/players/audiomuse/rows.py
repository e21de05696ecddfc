"""Tracks as plug-ins read them: all values are texts but numbers of how alike they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from antiphon.search.server.opened.cards import TrackCard
from antiphon.search.server.players.audiomuse.asking import Asking
from antiphon.search.server.players.known import ALBUM_ARTIST, GENRE, MOOD
from antiphon.search.server.players.likeness import likenesses
from antiphon.search.server.players.titles import title_of
from antiphon.search.server.served import Answer

NO_ALBUM = "unknown"
"""What stands for an album that is not known."""
Row = dict[str, Any]


def rows_of(asking: Asking, answer: Answer, count: int) -> list[tuple[Row, float, TrackCard]]:
    """(row, likeness, card) of the first tracks of an answer that the player has."""
    cards = {card.track_id: card for card in answer.cards}
    scored = dict(
        zip((hit.track_id for hit in answer.hits), likenesses([hit.score for hit in answer.hits]), strict=True)
    )
    found = asking.ids.sendable(scored)[:count]
    return [(row_of(asking, cards[ours], theirs), scored[ours], cards[ours]) for ours, theirs in found]


def row_of(asking: Asking, card: TrackCard, item_id: str) -> Row:
    """A track with all that plug-ins may read of it."""
    known = asking.ids.known
    return {
        **named(card, item_id),
        "album": card.album or NO_ALBUM,
        "album_artist": known.field(ALBUM_ARTIST, card.track_id) or card.artist,
        "top_genre": known.field(GENRE, card.track_id),
        "top_mood": known.field(MOOD, card.track_id),
        "mood_vector": "",
        "other_features": "",
    }


def named(card: TrackCard, item_id: str) -> Row:
    """A track by its id, title and artist."""
    return {"item_id": item_id, "title": title_of(card), "author": card.artist}


def plain_rows(asking: Asking, cards: Iterable[TrackCard]) -> list[Row]:
    """Tracks that the player has, of a list that is in no order of likeness."""
    by_id = {card.track_id: card for card in cards}
    return [row_of(asking, by_id[ours], theirs) for ours, theirs in asking.ids.sendable(by_id)]
