"""The methods that are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from antiphon.search.server.opened.cards import TrackCard
from antiphon.search.server.players.ids import Ids
from antiphon.search.server.players.known import GENRE, Known
from antiphon.search.server.players.likeness import likenesses
from antiphon.search.server.players.opensubsonic.envelope import SubsonicFailure
from antiphon.search.server.players.titles import title_of
from antiphon.search.server.served import Answer, Served
from antiphon.search.server.settings import Limits

GENERIC, MISSING, NOT_FOUND = 0, 10, 70
Fields = dict[str, Any]
Child = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a method: its parameters, and the library that answers."""

    given: Mapping[str, str]
    served: Served
    ids: Ids
    limits: Limits

    def needed(self, name: str) -> str:
        """A parameter without which nothing can be answered.

        Raises
        ------
        SubsonicFailure : it is absent, or too long.
        """
        value = self.given.get(name, "").strip()
        if not value:
            raise SubsonicFailure(MISSING, f"The parameter {name} is missing.")
        if len(value) > self.limits.max_query:
            raise SubsonicFailure(GENERIC, f"{name} is longer than {self.limits.max_query} characters.")
        return value

    def whole(self, name: str, default: int, most: int) -> int:
        """A parameter that is a number, from 0.

        Raises
        ------
        SubsonicFailure : it is no whole number.
        """
        value = self.given.get(name, "").strip()
        try:
            number = int(value) if value else default
        except ValueError as error:
            raise SubsonicFailure(GENERIC, f"{name} has to be a whole number.") from error
        return max(0, min(number, most))

    def more_than(self, number: int) -> int:
        """How many answers to ask for where so many are wanted: the player may not have every track."""
        return min(self.limits.max_k, number if self.ids.knows_all else 2 * number + 20)

    def songs(self, cards: Sequence[TrackCard], count: int) -> list[Child]:
        """Tracks that the player has, in this order."""
        by_id = {card.track_id: card for card in cards}
        found = self.ids.sendable(by_id)[:count]
        return [child(by_id[ours], theirs, self.ids.known) for ours, theirs in found]


def extensions(_call: Call) -> Fields:
    """What this server has beyond Subsonic; answered whoever asks."""
    names = ("sonicSimilarity", "apiKeyAuthentication", "formPost")
    return {"openSubsonicExtensions": [{"name": name, "versions": [1]} for name in names]}


def ping(_call: Call) -> Fields:
    """Nothing: the caller is known."""
    return {}


def licence(_call: Call) -> Fields:
    """That nobody has to pay."""
    return {"license": {"valid": True}}


def sonic_similar_tracks(call: Call) -> Fields:
    """Tracks most like one, most alike first, each with its likeness to it."""
    seed, count = call.ids.track(call.needed("id")), call.whole("count", 10, call.limits.max_k)
    if not count:
        return {"sonicMatch": []}
    return {"sonicMatch": _matches(call, call.served.similar([seed], k=call.more_than(count)), count)}


def sonic_path(call: Call) -> Fields:
    """Tracks from one to another, each with its likeness to the first."""
    start, end = (call.ids.track(call.needed(name)) for name in ("startSongId", "endSongId"))
    count = call.whole("count", 25, call.limits.max_k)
    if start == end or count < 2:
        return {"sonicMatch": _alone(call, start)[:count]}
    return {"sonicMatch": _matches(call, call.served.path(start, end, k=count), count)}


def _alone(call: Call, track_id: str) -> list[Fields]:
    """A track as the path to itself."""
    return [{"entry": entry, "similarity": 1.0} for entry in call.songs([call.served.track(track_id)], 1)]


def _matches(call: Call, answer: Answer, count: int) -> list[Fields]:
    scores = likenesses([hit.score for hit in answer.hits])
    likeness = dict(zip((hit.track_id for hit in answer.hits), scores, strict=True))
    cards = {card.track_id: card for card in answer.cards}
    found = call.ids.sendable(likeness)[:count]
    return [
        {"entry": child(cards[ours], theirs, call.ids.known), "similarity": likeness[ours]} for ours, theirs in found
    ]


def similar_songs(name: str) -> Callable[[Call], Fields]:
    """The method whose answer has this name: songs like a song, or like an artist's."""

    def answer(call: Call) -> Fields:
        sent, count = call.needed("id"), call.whole("count", 50, call.limits.max_k)
        artist = call.ids.artist(sent)
        seeds = call.ids.known.tracks_of(artist)[:SEEDS] if artist else [call.ids.track(sent)]
        if not count:
            return {name: {"song": []}}
        found = call.served.similar(seeds, k=call.more_than(count))
        return {name: {"song": call.songs(found.cards, count)}}

    return answer


SEEDS = 20
"""Tracks of an artist that stand for all of his."""


def search3(call: Call) -> Fields:
    """Songs by their names; where names hold no more of the words, songs that answer them. Everything without words."""
    query = call.given.get("query", "").strip().strip('"').strip()
    start = call.whole("songOffset", 0, 10**9)
    count = call.whole("songCount", 20, call.limits.max_k)
    if not count:
        return {"searchResult3": {}}
    cards = call.served.find(query, start=start, count=count)
    if query and len(cards) < count:
        cards = [*cards, *_answering(call, query, start + len(cards), count - len(cards))]
    return {"searchResult3": {"song": call.songs(cards, count)}}


def _answering(call: Call, query: str, start: int, count: int) -> list[TrackCard]:
    """Tracks that answer words, behind those whose names hold them, from a place in both together."""
    most = call.limits.max_k
    named = {card.track_id for card in call.served.find(query, start=0, count=most)}
    if start + count > most or len(named) == most:
        return []
    answers = [card for card in call.served.search(query, k=most).cards if card.track_id not in named]
    return answers[start - len(named) :][:count]


def song(call: Call) -> Fields:
    """One track."""
    track_id = call.ids.track(call.needed("id"))
    found = call.songs([call.served.track(track_id)], 1)
    if not found:
        raise SubsonicFailure(NOT_FOUND, "The player does not have this track.")
    return {"song": found[0]}


def token_info(_call: Call) -> Fields:
    """Whose the key is: keys are the server's tokens, and tokens have no names."""
    return {"tokenInfo": {"username": "antiphon"}}


METHODS: Mapping[str, Callable[[Call], Fields]] = {
    "ping": ping,
    "getLicense": licence,
    "tokenInfo": token_info,
    "getOpenSubsonicExtensions": extensions,
    "getSonicSimilarTracks": sonic_similar_tracks,
    "findSonicPath": sonic_path,
    "getSimilarSongs": similar_songs("similarSongs"),
    "getSimilarSongs2": similar_songs("similarSongs2"),
    "search3": search3,
    "getSong": song,
}
"""Method → what answers it."""
OPEN = frozenset({"getOpenSubsonicExtensions"})
"""Methods that are answered whoever asks."""


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
