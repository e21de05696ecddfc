"""Artists like an artist: similar_artists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from antiphon.errors import LibraryError
from antiphon.search.server.opened.cards import TrackCard, UnknownTrackError
from antiphon.search.server.players.audiomuse.asking import Asking, bad_request, not_found
from antiphon.search.server.players.audiomuse.rows import Row, rows_of
from antiphon.search.server.players.likeness import distance
from antiphon.search.server.players.titles import title_of
from antiphon.search.server.served import Answer
from antiphon.texts import normalised_text

SEEDS = 20
"""Tracks of an artist that stand for all of his."""
SHOWN = 3
"""Tracks of an artist that say how like he is, and that stand for him in an answer."""


def similar_artists(asking: Asking) -> list[dict[str, Any]]:
    """Artists whose tracks are most like an artist's, nearest first.

    ``artist`` is a name; Navidrome's plug-in sends the artist's id in it.
    """
    sent = asking.text("artist_id") or asking.text("artist")
    if not sent:
        raise bad_request("Which artist? Send artist or artist_id.")
    name = asking.ids.artist(sent)
    if not name:
        raise not_found(f"No artist is known by the name or id '{sent}'.")
    seeds, answer = of_tracks(asking, _spread(asking.ids.known.tracks_of(name), SEEDS))
    others = _by_artist(rows_of(asking, answer, asking.limits.max_k), normalised_text(name))
    own = [
        {"item_id": theirs, "title": title_of(asking.served.track(ours))} for ours, theirs in asking.ids.sendable(seeds)
    ]
    matches = bool(own) and asking.flag("include_component_matches", False)
    return [
        _told(asking, other, _in_turn(own, number) if matches else None)
        for number, other in enumerate(others[: asking.whole("n", 10)])
    ]


def of_tracks(asking: Asking, seeds: Sequence[str]) -> tuple[Sequence[str], Answer]:
    """The tracks of some that were heard, and what is like them.

    Raises
    ------
    DialectError : none of them was heard yet.
    """
    k = asking.limits.max_k
    try:
        return seeds, asking.served.similar(seeds, k=k)
    except UnknownTrackError:
        raise
    except LibraryError:  # some were not heard yet
        heard = list(islice((each for each in seeds if _is_heard(asking, each)), SHOWN))
    if not heard:
        raise not_found("None of these tracks was heard yet.")
    return heard, asking.served.similar(heard, k=k)


def _in_turn(own: Sequence[dict[str, str]], number: int) -> list[dict[str, str]]:
    """Songs of an artist's for one beside him, others for each: a radio that has each song once alternates longer."""
    return [own[(SHOWN * number + place) % len(own)] for place in range(min(SHOWN, len(own)))]


def _is_heard(asking: Asking, track_id: str) -> bool:
    try:
        asking.served.similar([track_id], k=1)
    except LibraryError:
        return False
    return True


def _spread(tracks: Sequence[str], most: int) -> Sequence[str]:
    """At most so many, from all along the list: an artist's albums follow one another."""
    return tracks if len(tracks) <= most else [tracks[place * len(tracks) // most] for place in range(most)]


class _Other:
    """Another artist, with his tracks in an answer, best first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.songs: list[tuple[Row, float]] = []

    @property
    def likeness(self) -> float:
        """The mean of his best; one lucky track does not make an artist."""
        best = [likeness for _, likeness in self.songs[:SHOWN]]
        return sum(best) / SHOWN


def _by_artist(found: Iterable[tuple[Row, float, TrackCard]], own: str) -> list[_Other]:
    """Other artists, the likest first."""
    others: dict[str, _Other] = {}
    for row, likeness, card in found:
        name = normalised_text(card.artist)
        if name and name != own:
            others.setdefault(name, _Other(card.artist)).songs.append((row, likeness))
    return sorted(others.values(), key=lambda other: -other.likeness)


def _told(asking: Asking, other: _Other, own: Sequence[dict[str, str]] | None) -> dict[str, Any]:
    """One artist; with ``own``, also the songs that stand for both, out of which plug-ins make a radio."""
    divergence = distance(other.likeness)
    told: dict[str, Any] = {
        "artist": other.name,
        "artist_id": asking.ids.artist_id(other.name),
        "divergence": divergence,
        "track_count": len(asking.ids.known.tracks_of(other.name)),
    }
    if own is not None:
        songs = [{"item_id": row["item_id"], "title": row["title"]} for row, _ in other.songs[:SHOWN]]
        told["component_matches"] = [
            {
                "component1_index": 0,
                "component2_index": 0,
                "distance": divergence,
                "component1_weight": 1.0,
                "component2_weight": 1.0,
                "artist1_representative_songs": list(own),
                "artist2_representative_songs": songs,
            }
        ]
    return told
