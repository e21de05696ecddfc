"""Requests as each plug-in sends them: words, names, mixtures, playlists, and what is not here."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.players.plug_ins import JF, LM, LY, At, guid, only
from tests.helpers.players.served import N, track_id


@only(JF, LY)
def test_words_find_tracks(at: At) -> None:
    sent = {"query": "rainy piano", "limit": 3} if at.plugin is LY else {"query": "rainy piano", "limit": 3, "extra": 1}
    found = at.post("/api/clap/search", sent).json()
    assert (found["query"], found["count"]) == ("rainy piano", 3)
    assert [at.n(row["item_id"]) for row in found["results"]] == [23, 22, 21]
    likeness = [row["similarity"] for row in found["results"]]
    assert likeness == sorted(likeness, reverse=True)
    assert {"title", "author", "album", "top_genre", "top_mood"} <= found["results"][0].keys()
    assert (
        at.post("/api/clap/search", {"query": "x", "n": 2}).json()["count"] == N
    )  # older ones sent n, which says nothing
    assert at.post("/api/clap/search", {"query": "x", "limit": 0}).json()["count"] == 1


@only(LY)
def test_empty_words_are_a_bad_request_with_no_results(at: At) -> None:
    for body in ({}, {"query": "  "}, {"query": None}):
        answer = at.post("/api/clap/search", body)
        assert answer.status_code == 400
        assert answer.json()["results"] == []
        assert answer.json()["error"]


@only(LY)
def test_a_menu_of_suggestions_and_a_warm_start(at: At) -> None:
    assert at.get("/api/clap/top_queries").json() == {"queries": ["Jazz", "Dub", "Rock"], "ready": True}
    assert at.client.post("/api/clap/warmup").json() == {"loaded": True, "expiry_seconds": 86400}
    assert at.served.asked == [("search", {"query": "music", "k": 1})]


@only(JF, LY)
def test_tracks_by_their_names(at: At) -> None:
    sent = {"artist": "Artist 2"} if at.plugin is LY else {"title": "song 9", "artist": "artist 2"}
    rows = at.get("/api/search_tracks", **sent).json()
    assert [at.n(row["item_id"]) for row in rows] == ([8, 9, 10, 11] if at.plugin is LY else [9])
    assert set(rows[0]) == {"item_id", "title", "author", "album", "album_artist"}
    assert at.get("/api/search_tracks").json() == []
    page = at.get("/api/search_tracks", search_query="song", start=1, end=3).json()
    assert [at.n(row["item_id"]) for row in page] == [1, 2]


@only(JF)
def test_a_playlist_is_made_of_ids_and_of_objects_with_them(at: At) -> None:
    sent = {"playlist_name": "Évening", "track_ids": [guid(3), {"item_id": guid(4)}, guid(3), guid(99)]}
    answer = at.post("/api/create_playlist", sent)
    assert answer.status_code == 201
    assert {"playlist_id": "Évening", "mapped": 2, "skipped": 1}.items() <= answer.json().items()
    assert at.served.asked == [("save_playlist", {"name": "Évening", "track_ids": [track_id(3), track_id(4)]})]
    for bad in ({"track_ids": [guid(3)]}, {"playlist_name": "x"}, {"playlist_name": "x", "track_ids": "abc"}):
        assert at.post("/api/create_playlist", bad).status_code == 400
    assert at.post("/api/create_playlist", {"playlist_name": "x", "track_ids": [guid(99)]}).status_code == 404


@only(LY, LM)
def test_several_seeds_are_mixed_and_others_turned_away_from(at: At) -> None:
    items = [
        {"id": at.plugin.id_of(8), "op": "ADD", "type": "song"},
        {"id": at.plugin.id_of(10), "op": "ADD", "type": "song"},
        {"id": at.plugin.id_of(12), "op": "SUBTRACT", "type": "song"},
    ]
    found = at.post("/api/alchemy", {"items": items, "n": 5}).json()
    assert at.n(found["results"][0]["item_id"]) == 9
    assert len(found["results"]) == 5
    assert {"filtered_out", "centroid_2d", "add_points", "sub_points", "exclusions", "projection"} <= found.keys()
    [(_, asked)] = at.served.asked
    assert (asked["track_ids"], asked["without"]) == ([track_id(8), track_id(10)], [track_id(12)])
    moods = [{"id": "ar1", "op": "ADD", "type": "artist"}, {"id": "sad", "op": "SUBTRACT", "type": "mood"}]
    assert at.post("/api/alchemy", {"items": moods}).status_code == 200
    assert at.served.asked[-1][1]["words"] == "-sad"
    bad: list[Any] = [[], ["x"], [{"id": "x", "op": "TURN"}], [{"id": "x", "type": "anchor"}]]
    assert [at.post("/api/alchemy", {"items": each}).status_code for each in bad] == [400] * 4
    assert at.post("/api/alchemy", {"items": [{"id": "gone", "op": "ADD"}]}).status_code == 404


@only(JF, LY)
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/api/sonic_fingerprint/generate", "it is not told what anybody plays"),
        ("/api/radios", "radios are not kept here"),
        ("/api/radios/run", "radios are not kept here"),
        ("/api/clustering/start", "it makes no playlists by itself"),
        ("/api/dashboard/summary", "GET /v1/status"),
        ("/external/search", "POST /v1/search"),
    ],
)
def test_what_cannot_be_answered_says_why(at: At, path: str, why: str) -> None:
    answer = at.get(path, n=20)
    assert answer.status_code == 404
    assert answer.json()["error"].startswith(f"Antiphon has no {path}: ")
    assert why in answer.json()["error"]


@only(JF)
def test_the_farthest_track_and_how_far_it_is(at: At) -> None:
    found = at.get("/api/max_distance", item_id=guid(2)).json()
    assert at.n(found["farthest_item_id"]) == N - 1
    near = at.get("/api/similar_tracks", item_id=guid(2), n=N, eliminate_duplicates="false").json()
    assert found["max_distance"] == max(row["distance"] for row in near)
    assert at.get("/api/max_distance", item_id="nobody").status_code == 404


@only(JF)
def test_playlists_of_the_library_in_the_players_own_ids(at: At) -> None:
    found = at.get("/api/playlists").json()
    [server] = found["servers"]
    assert (found["multi_server"], server["server_id"], server["is_default"]) == (False, "jellyfin", True)
    assert [at.n(row["item_id"]) for row in server["playlists"]["Évening"]] == [3, 1, 2]
    assert server["playlists"]["Évening"][0] == {"item_id": guid(3), "title": "Song 3", "author": "Artist 0"}
    assert server["playlists"]["Empty"] == []


@only(LY)
def test_a_sentence_becomes_a_list_whose_rows_say_artist(at: At) -> None:
    found = at.post("/chat/api/chatPlaylist", {"userInput": "something for rain"}).json()["response"]
    first = found["query_results"][0]
    assert (at.n(first["item_id"]), first["title"], first["artist"]) == (23, "Song 23", "Artist 5")
    assert found["original_request"] == "something for rain"
    assert {"message", "ai_provider_used", "ai_model_selected", "executed_query"} <= found.keys()
    assert at.post("/chat/api/chatPlaylist", {}).status_code == 400
