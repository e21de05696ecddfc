"""A served library whose tracks lie on a quarter of a circle: it is plain which are alike. And plug-ins at it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from fastapi import FastAPI
from starlette.testclient import TestClient

from antiphon.errors import LibraryError
from antiphon.library.metadata.store import METADATA_FILE, metadata_file
from antiphon.library.tracks import Library, Track, save_library
from antiphon.search.hits import Hit
from antiphon.search.server.callers import OWNER, ROLE
from antiphon.search.server.opened.cards import TrackCard, UnknownTrackError
from antiphon.search.server.players.addresses import PlayerAddresses
from antiphon.search.server.players.routes import add_players
from antiphon.search.server.served import Answer, Served, Status
from antiphon.search.server.settings import ServerSettings

N = 24
GENRES = ("Dub", "Jazz", "Jazz", "Rock")


def arc_library(root: Path, ids: Mapping[str, str] | None = None) -> Library:
    """A library of :data:`N` tracks ``Artist k/song n.flac``, four of an artist, with genres.

    Parameters
    ----------
    ids : track → Navidrome's id of it.
    """
    tracks = [
        Track(
            track_id=track_id(n),
            path=track_id(n),
            title=f"Song {n}",
            artist=f"Artist {n // 4}",
            album="" if n == 5 else f"Album {n // 4}",
        )
        for n in range(N)
    ]
    table = pa.table(
        {
            "track_id": [track.track_id for track in tracks],
            "genre": [GENRES[n % 4] for n in range(N)],
            "navidrome_id": [(ids or {}).get(track.track_id) for track in tracks],
        }
    )
    kept = table if ids else table.drop_columns(["navidrome_id"])
    return save_library(root, tracks, [], {"audio_root": "/music"}, beside={METADATA_FILE: metadata_file(kept)})


def track_id(n: int) -> str:
    """The id of the nth track."""
    return f"Artist {n // 4}/song {n}.flac"


@dataclass
class ArcServed:
    """Answers as :class:`antiphon.search.server.served.Served` does: track n lies at n / N of a right angle.

    Parameters
    ----------
    library : of :func:`arc_library`.
    unheard : tracks that no encoder has heard.
    spreads : how much larger than cosines scores are, as before a training.
    """

    library: Library
    unheard: frozenset[str] = frozenset()
    spreads: float = 1.0
    jobs: Any = None
    by: dict[str, str] = field(default_factory=dict)
    """Track → what found it, where that is not the training."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Methods with what they were asked, in order."""

    @property
    def root(self) -> Path:
        return self.library.root

    def status(self) -> Status:
        return Status(tracks=N, heard=N, trained=True, answers_by="muq", next="")

    def track(self, track_id: str) -> TrackCard:
        if track_id not in self.library.row_of_track:
            raise UnknownTrackError(f"There is no track '{track_id}'.")
        found = self.library.track(track_id)
        return TrackCard(
            track_id=track_id, title=found.title, artist=found.artist, album=found.album, seconds=200.4, path="/secret"
        )

    def find(self, words: str, *, start: int = 0, count: int = 20) -> list[TrackCard]:
        self.asked.append(("find", {"words": words, "start": start, "count": count}))
        cards = [self.track(track_id(n)) for n in range(N)]
        wanted = words.casefold().split()
        found = [card for card in cards if all(word in f"{card.artist} {card.title}".casefold() for word in wanted)]
        return found[start : start + count]

    def search(self, query: str, *, k: int = 20, **more: Any) -> Answer:
        """Tracks from the last to the first."""
        self.asked.append(("search", {"query": query, "k": k, **more}))
        return self._answer([(track_id(n), math.cos((N - 1 - n) / N)) for n in reversed(range(N))], k)

    def similar(
        self, track_ids: Sequence[str], *, k: int = 20, words: str | None = None, without: Sequence[str] = ()
    ) -> Answer:
        self.asked.append(("similar", {"track_ids": list(track_ids), "k": k, "words": words, "without": list(without)}))
        for each in (*track_ids, *without):
            self.track(each)
            if each in self.unheard:
                raise LibraryError(f"Track '{each}' has no audio vector yet.")
        at = sum(map(_place, track_ids)) / len(track_ids)
        away = [_place(each) for each in without]
        scores = {
            track_id(n): math.cos((n - at) * math.pi / 2 / N) - sum(abs(n - far) < 3 for far in away)
            for n in range(N)
            if track_id(n) not in {*track_ids, *without} | self.unheard
        }
        return self._answer(sorted(scores.items(), key=lambda each: -each[1]), k)

    def least_like(self, track_id: str, *, k: int = 20) -> Answer:
        found = self.similar([track_id], k=N)
        scores = {hit.track_id: hit.score for hit in found.hits}
        return self._answer(sorted(scores.items(), key=lambda each: each[1]), k)

    def tracks_of_playlists(self) -> dict[str, list[TrackCard]]:
        return {"Évening": [self.track(track_id(n)) for n in (3, 1, 2)], "Empty": []}

    def path(self, start: str, end: str, *, k: int = 25) -> Answer:
        self.asked.append(("path", {"start": start, "end": end, "k": k}))
        first, last = _place(start), _place(end)
        steps = min(k, abs(last - first) + 1)
        places = [first + round(step * (last - first) / (steps - 1)) for step in range(steps)]
        return self._answer([(track_id(n), math.cos((n - first) * math.pi / 2 / N)) for n in places], k)

    def save_playlist(self, name: str, track_ids: Sequence[str]) -> list[str]:
        self.asked.append(("save_playlist", {"name": name, "track_ids": list(track_ids)}))
        return []

    def _answer(self, scored: Sequence[tuple[str, float]], k: int) -> Answer:
        cards = [self.track(each) for each, _ in scored[:k]]
        hits = [
            Hit(
                rank=rank,
                track_id=card.track_id,
                score=score * self.spreads,
                title=card.title,
                artist=card.artist,
                path="/secret",
                by=self.by.get(card.track_id, "muq"),
            )
            for rank, (card, (_, score)) in enumerate(zip(cards, scored, strict=False), 1)
        ]
        return Answer(hits=hits, cards=cards)


def _place(track_id: str) -> int:
    return int(track_id.rpartition(" ")[2].removesuffix(".flac"))


@contextmanager
def plug_in(served: ArcServed, *, role: str | None = OWNER, **settings: Any) -> Iterator[TestClient]:
    """A client at a server that answers players alone.

    Parameters
    ----------
    role : of every request, as a guard would write it.
    settings : of the server.
    """
    app = FastAPI()
    app.state.served, app.state.settings = cast(Served, served), ServerSettings(**settings)
    add_players(app, served.root)

    async def with_role(scope: Any, receive: Any, send: Any) -> None:
        if role is not None:
            scope[ROLE] = role
        await app(scope, receive, send)

    with TestClient(PlayerAddresses(with_role), base_url="http://antiphon:8337") as client:
        yield client
