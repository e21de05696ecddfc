"""What the dialect says of a request that leaves things open, says them in other words, or comes too early."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import AntiphonError, CheckpointError
from antiphon.library.players.table import IdTable, save_ids
from antiphon.search.server.opened.current import NotReadyError
from antiphon.search.server.served import Answer
from tests.helpers.players.plug_ins import JF, LY, NV, At, guid, only
from tests.helpers.players.served import ArcServed, arc_library, plug_in, track_id

ENDS = {"start_song_id": "nv2xKq", "end_song_id": "nv20xKq"}


def asked_for(at: At) -> dict[str, Any]:
    """What the library was last asked."""
    return at.served.asked[-1][1]


@only(NV)
def test_ten_tracks_twenty_names_and_a_path_of_25_where_no_number_is_sent(at: At) -> None:
    assert len(at.get("/api/similar_tracks", item_id="nv8xKq").json()) == 10
    assert len(at.get("/api/search_tracks", search_query="song").json()) == 20
    assert at.get("/api/find_path", **ENDS).is_success
    assert asked_for(at)["k"] == 25
    assert at.get("/api/find_path", **ENDS, max_steps=7, count=9).is_success
    assert asked_for(at)["k"] == 7


@pytest.mark.parametrize(("sent", "asked"), [({}, 100), ({"limit": 9999}, 500), ({"limit": 0}, 1)])
@pytest.mark.parametrize("at", [LY], indirect=True)
def test_words_find_a_hundred_tracks_and_at_most_500(at: At, sent: dict[str, int], asked: int) -> None:
    at.post("/api/clap/search", {"query": "rain", **sent})
    assert asked_for(at)["k"] == asked


@pytest.mark.parametrize(("sent", "asked"), [({}, 100), ({"n": 9999}, 200)])
@pytest.mark.parametrize("at", [LY], indirect=True)
def test_a_mixture_has_a_hundred_tracks_and_at_most_200(at: At, sent: dict[str, int], asked: int) -> None:
    at.post("/api/alchemy", {"items": [{"id": "1008", "op": "ADD"}], **sent})
    assert asked_for(at)["k"] == asked


@only(NV)
def test_a_path_may_start_or_end_at_a_mood_and_has_one_space(at: At) -> None:
    found = at.get("/api/find_path", start_song_id="nv2xKq", end_mood="happy", max_steps=4).json()["path"]
    assert [at.n(row["item_id"]) for row in found][:: len(found) - 1] == [2, 23]
    assert at.served.asked[0] == ("search", {"query": "happy", "k": 1})
    assert at.get("/api/find_path", start_mood="sad", end_song_id="nv2xKq").is_success
    assert at.get("/api/find_path", **ENDS, path_space="audio").is_success
    assert at.get("/api/find_path", **ENDS, path_space="lyrics").status_code == 400


@only(NV)
def test_every_row_has_all_that_the_dialect_says_of_a_track(at: At) -> None:
    named = {"item_id", "title", "author", "album", "album_artist"}
    more = {"mood_vector", "other_features", "top_genre", "top_mood"}
    [row] = at.get("/api/similar_tracks", item_id="nv8xKq", n=1).json()
    assert set(row) == named | more | {"distance"}
    assert named | more <= set(at.get("/api/find_path", **ENDS).json()["path"][0])


@pytest.mark.parametrize("said", [{"server": "jellyfin"}, {"server_id": "jellyfin"}])
@only(JF)
def test_the_player_is_named_by_either_word_in_the_address_and_in_the_body(at: At, said: dict[str, str]) -> None:
    assert at.get("/api/similar_tracks", item_id=guid(8), n=1, **said).is_success
    assert at.post("/api/clap/search", {"query": "rain", **said}).is_success
    other = dict.fromkeys(said, "plex")
    assert at.get("/api/similar_tracks", item_id=guid(8), n=1, **other).status_code == 400
    assert at.post("/api/clap/search", {"query": "rain", **other}).status_code == 400


@only(JF)
def test_a_song_by_its_title_and_artist_is_answered_in_the_ids_of_the_player_that_is_named(at: At) -> None:
    save_ids(at.served.root, IdTable(player="lms", tracks={str(1000 + n): track_id(n) for n in range(10)}))
    named = {"title": "Song 8", "artist": "artist 2", "n": 2}
    assert {row["item_id"] for row in at.get("/api/similar_tracks", **named, server="lms").json()} == {"1007", "1009"}
    for params in ({**named, "server_id": "jellyfin"}, named):  # of those that are not named the one that knows most
        assert {row["item_id"] for row in at.get("/api/similar_tracks", **params).json()} == {guid(7), guid(9)}
    by_address = at.client.get("/players/lms/api/similar_tracks", params=named).json()
    assert {row["item_id"] for row in by_address} == {"1007", "1009"}
    assert at.get("/api/similar_tracks", **named, server="plex").status_code == 400


@only(LY)
def test_names_come_in_pages_of_at_most_500(at: At) -> None:
    at.get("/api/search_tracks", search_query="song", start=0, end=9999)
    assert asked_for(at) == {"words": "song", "start": 0, "count": 500}


@only(LY)
def test_where_nothing_is_near_and_where_no_path_leads_is_not_found(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any, **__: Any) -> Answer:
        return Answer(hits=[])

    for method in ("similar", "path", "search"):
        monkeypatch.setattr(ArcServed, method, nothing)
    ends = {"start_song_id": "1002", "end_song_id": "1020"}
    missing = [at.get("/api/similar_tracks", item_id="1008"), at.get("/api/find_path", **ends)]
    missing += [at.post(f"/api/{path}", {"item_id": "1008"}) for path in ("sem_grove/search", "hyperbolic/similar")]
    missing.append(at.post("/api/alchemy", {"items": [{"id": "1008", "op": "ADD"}]}))
    assert [answer.status_code for answer in missing] == [404] * 5
    assert at.post("/api/clap/search", {"query": "rain"}).json() == {"query": "rain", "count": 0, "results": []}


@only(LY)
def test_a_chats_playlist_has_item_ids(at: At) -> None:
    made = at.post("/chat/api/create_playlist", {"playlist_name": "Chat", "item_ids": ["1003", "1004"]})
    assert made.is_success
    assert at.served.asked == [("save_playlist", {"name": "Chat", "track_ids": [track_id(3), track_id(4)]})]


@only(JF)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/clustering/start"),
        ("GET", "/api/dashboard/summary"),
        ("POST", "/chat/api/other"),
    ],
)
def test_what_is_not_here_is_said_to_be_absent(at: At, method: str, path: str) -> None:
    answer = at.client.request(method, path, json={} if method == "POST" else None)
    assert (answer.status_code, path in answer.json()["error"]) == (404, True)


@pytest.mark.parametrize("error", [NotReadyError("There is no library yet."), CheckpointError("It is damaged.")])
def test_what_may_be_asked_again_later_is_503(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: AntiphonError
) -> None:
    def not_yet(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(ArcServed, "similar", not_yet)
    with plug_in(ArcServed(arc_library(tmp_path / "lib"))) as client:
        answer = client.get("/api/similar_tracks", params={"item_id": track_id(8)})
    assert answer.status_code == 503
    assert answer.json() == {
        "error": error.problem,
        "error_code": 503,
        "error_class": type(error).__name__,
        "error_message": error.problem,
    }
