"""Words: text search, suggestions, names, and a playlist that is asked for in a sentence."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from antiphon.search.queries.naming.first import NAME
from antiphon.search.server.opened.cards import TrackCard
from antiphon.search.server.players.audiomuse.asking import Asking, DialectError, bad_request
from antiphon.search.server.players.audiomuse.rows import Row, plain_rows, rows_of
from antiphon.search.server.players.known import GENRE, MOOD
from antiphon.texts import normalised_text

SUGGESTED = 6
"""Genres, and as many moods, that are suggested as queries."""
CHAT_TRACKS = 50
READY_S = 86_400
"""Seconds for which what reads words is said to stay loaded: it is never unloaded, and no number says that."""
PAGE, LARGEST_PAGE = 20, 500
NAMED = 2000
"""Tracks whose names hold all words that are looked at for those that hold each in its place."""


def clap_search(asking: Asking) -> dict[str, Any]:
    """Tracks that answer words, best first."""
    query = asking.text("query")
    if not query:
        raise bad_request("query is empty: describe the music.", results=[])
    count = asking.whole("limit", 100, most=500)
    answer = asking.served.search(query, k=asking.more_than(count))
    results = [{**row, "similarity": likeness} for row, likeness, _ in rows_of(asking, answer, count)]
    return {"query": query, "count": len(results), "results": results}


def lyrics_search(asking: Asking) -> dict[str, Any]:
    """Tracks whose lyrics hold a line, five words or more in their order; a name counts, too.

    AudioMuse-AI searches what lyrics mean. What music is like in words is another search: :func:`clap_search`.

    Raises
    ------
    DialectError : the query is empty, or no lyrics hold it.
    """
    query = asking.text("query")
    if not query:
        raise bad_request("query is empty: type a line of the lyrics.", results=[])
    count = asking.whole("limit", 50, most=500)
    answer = asking.served.search(query, k=asking.more_than(count))
    by_name = {hit.track_id for hit in answer.hits if hit.by == NAME}
    found = [(row, likeness) for row, likeness, card in rows_of(asking, answer, count) if card.track_id in by_name]
    if not found:
        said = (
            "No lyrics hold these words one after another, five of them or more; for what music is like: clap/search."
        )
        raise DialectError(HTTPStatus.NOT_FOUND, said, query=query, results=[])
    results = [{**row, "similarity": likeness} for row, likeness in found]
    return {"query": query, "count": len(results), "results": results}


def warmup(asking: Asking) -> dict[str, Any]:
    """Load what reads words, so that the first search is as fast as the others."""
    asking.served.search("music", k=1)
    return {"loaded": True, "expiry_seconds": READY_S}


def top_queries(asking: Asking) -> dict[str, Any]:
    """What may be asked: the genres and moods that most tracks have."""
    known = asking.ids.known
    queries = [*known.most_common(MOOD, SUGGESTED), *known.most_common(GENRE, SUGGESTED)]
    return {"queries": queries, "ready": bool(queries)}


def search_tracks(asking: Asking) -> list[Row]:
    """Tracks by their names, a page of them; nothing where no name is given."""
    title, artist, query = (asking.text(name) for name in ("title", "artist", "search_query"))
    words = " ".join(word for word in (query, artist, title) if word)
    if not words:
        return []
    start = asking.whole("start", 0, least=0, most=10**9)
    count = asking.whole("end", start + PAGE, least=start, most=start + LARGEST_PAGE) - start
    cards = _named(asking, words, title, artist, start, count)
    wanted = ("item_id", "title", "author", "album", "album_artist")
    return [{name: row[name] for name in wanted} for row in plain_rows(asking, cards)]


def _named(asking: Asking, words: str, title: str, artist: str, start: int, count: int) -> list[TrackCard]:
    """A page of the tracks whose names hold the words, those of title and artist each in its place."""
    if not count:
        return []
    if not (title or artist):
        return asking.served.find(words, start=start, count=count)
    found = asking.served.find(words, start=0, count=start + count + NAMED)
    parts = [(normalised_text(title), "title"), (normalised_text(artist), "artist")]
    fitting = [card for card in found if all(part in normalised_text(getattr(card, name)) for part, name in parts)]
    return fitting[start : start + count]


def chat_playlist(asking: Asking) -> dict[str, Any]:
    """Tracks for a sentence, as AudioMuse-AI answers where a language model reads it; here it is a search in words."""
    sentence = asking.text("userInput")
    if not sentence:
        raise bad_request("userInput is empty: describe the music.")
    answer = asking.served.search(sentence, k=asking.more_than(CHAT_TRACKS))
    found = rows_of(asking, answer, CHAT_TRACKS)
    results = [{"item_id": row["item_id"], "title": row["title"], "artist": row["author"]} for row, _, _ in found]
    return {
        "response": {
            "message": " ".join([f"{len(results)} tracks answer '{sentence}'.", *answer.remarks_to(asking.role)]),
            "original_request": sentence,
            "ai_provider_used": "antiphon",
            "ai_model_selected": asking.served.status().answers_by,
            "executed_query": sentence,
            "query_results": results or None,
        }
    }
