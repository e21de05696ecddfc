"""Tracks like tracks: similar_tracks, max_distance, alchemy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from antiphon.search.server.opened.cards import TrackCard, UnknownTrackError
from antiphon.search.server.players.audiomuse.asking import Asking, bad_request, not_found, require_some
from antiphon.search.server.players.audiomuse.rows import Row, rows_of
from antiphon.search.server.players.likeness import distance
from antiphon.search.server.served import Answer
from antiphon.texts import normalised_text

SONGS_PER_ARTIST = 3
"""Of one artist, where a plug-in asks for no duplicates."""
TRACKS_OF_ARTIST = 5
"""Of an artist who stands for his tracks."""


def similar_tracks(asking: Asking) -> list[Row]:
    """The tracks most like a track, or that fit a mood, nearest first and without the track itself.

    ``radius_similarity`` and ``mood_similarity`` choose between AudioMuse-AI's own measures; there is one here.
    """
    count = asking.whole("n", 10)
    varied = asking.flag("eliminate_duplicates", True)
    wanted = asking.more_than(4 * count if varied else count)
    mood = asking.text("mood")
    if mood:
        answer = asking.served.search(mood, k=wanted)
    else:
        answer = asking.served.similar([seed_of(asking)], k=wanted)
    found = rows_of(asking, require_some(answer, "this track"), wanted)
    kept = list(_at_most_of_an_artist(found, SONGS_PER_ARTIST)) if varied else found
    return with_distances(kept[:count])


def max_distance(asking: Asking) -> dict[str, Any]:
    """How far the track is that is least like one, of those that the player has, and which it is."""
    answer = asking.served.least_like(seed_of(asking), k=asking.more_than(1))
    found = rows_of(asking, answer, 1)
    if not found:
        return {"max_distance": 0.0, "farthest_item_id": None}
    row, likeness, _ = found[0]
    return {"max_distance": distance(likeness), "farthest_item_id": row["item_id"]}


def with_distances(found: Iterable[tuple[Row, float, TrackCard]]) -> list[Row]:
    """Rows with how far each is from what was asked."""
    rows = [{**row, "distance": distance(likeness)} for row, likeness, _ in found]
    if not rows:
        raise not_found("The player has none of the tracks that answer.")
    return rows


def seed_of(asking: Asking) -> str:
    """The track that is asked about: by its id, or by title and artist.

    Raises
    ------
    UnknownTrackError : there is none.
    DialectError : nothing names one.
    """
    item_id = asking.text("item_id")
    if item_id:
        return asking.ids.track(item_id)
    title, artist = asking.text("title"), asking.text("artist")
    if not (title and artist):
        raise bad_request("Which track? Send item_id, or title and artist.")
    found = asking.ids.known.titled(title, artist)
    if found is None:
        raise not_found(f"No track is called '{title}' by '{artist}'.")
    return found


def _at_most_of_an_artist(
    found: Iterable[tuple[Row, float, TrackCard]], most: int
) -> Iterable[tuple[Row, float, TrackCard]]:
    counts: dict[str, int] = {}
    for each in found:
        artist = normalised_text(each[2].artist)
        counts[artist] = counts.get(artist, 0) + 1
        if not artist or counts[artist] <= most:
            yield each


@dataclass
class _Wanted:
    """One side of an alchemy: tracks and words that are added, or taken away."""

    tracks: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def alchemy(asking: Asking) -> dict[str, Any]:
    """Tracks like some, and unlike others: songs, artists and moods may stand on either side."""
    count = asking.whole("n", 100, most=200)
    added, taken = _sides(asking, asking.items("items"))
    if not (added.tracks or added.words):
        raise bad_request("Nothing known is added: send items with op ADD.")
    answer = _mixed(asking, added, taken, asking.more_than(count))
    results = with_distances(rows_of(asking, require_some(answer, "this mixture"), count))
    nothing: dict[str, Any] = {"filtered_out": [], "exclusions": [], "add_points": [], "sub_points": []}
    return {"results": results, **nothing, "centroid_2d": None, "projection": "none"}


def _mixed(asking: Asking, added: _Wanted, taken: _Wanted, count: int) -> Answer:
    words = " ".join([", ".join(added.words), *(f"-{word}" for word in taken.words)]).strip()
    if not added.tracks and not taken.tracks:
        return asking.served.search(words, k=count)
    return asking.served.similar(added.tracks, k=count, words=words or None, without=taken.tracks)


def _sides(asking: Asking, items: Sequence[Any]) -> tuple[_Wanted, _Wanted]:
    """What is added and what is taken away; songs that are not known are left out, unless none is known."""
    sides = {"ADD": _Wanted(), "SUBTRACT": _Wanted()}
    unknown = None
    for item in items:
        if not isinstance(item, dict) or str(item.get("op", "ADD")).upper() not in sides:
            raise bad_request("items are objects with id, op (ADD or SUBTRACT) and type.")
        try:
            _add(
                asking,
                sides[str(item.get("op", "ADD")).upper()],
                str(item.get("type", "song")),
                str(item.get("id", "")),
            )
        except UnknownTrackError as error:
            unknown = error
    added = sides["ADD"]
    if unknown is not None and not (added.tracks or added.words):
        raise unknown
    return added, sides["SUBTRACT"]


def _add(asking: Asking, side: _Wanted, kind: str, named: str) -> None:
    if kind == "song":
        side.tracks.append(asking.ids.track(named))
    elif kind == "artist":
        side.tracks += asking.ids.known.tracks_of(asking.ids.artist(named))[:TRACKS_OF_ARTIST]
    elif kind == "mood":
        side.words.append(named)
    else:
        raise bad_request(f"type '{kind}' is not known here: send song, artist or mood.")
