"""What each plug-in asks, one request after the other, and what it makes of the answers: tracks, or a failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.helpers.players.plug_ins import AP, JF, LM, LY, NV, At, Plugin, all_plugins, only
from tests.helpers.players.served import N

Request = tuple[str, str, dict[str, Any]]
"""(method, path, what is sent)."""
Of = Callable[[str, str], list[Request]]


def _items(*ids: str) -> list[dict[str, str]]:
    return [{"id": each, "op": "ADD", "type": "song"} for each in ids]


def _of_navidrome(a: str, b: str) -> list[Request]:
    flags = {"eliminate_duplicates": "true", "radius_similarity": "true"}
    path = {"start_song_id": a, "end_song_id": b, "count": 25, "max_steps": 25}
    return [
        ("GET", "/api/similar_tracks", {"item_id": a, "n": 10, **flags}),
        ("GET", "/api/find_path", {**path, "path_fix_size": "false", "mood_pct": 100}),
        ("GET", "/api/similar_artists", {"artist": "ar2", "n": 10, "include_component_matches": "true"}),
    ]


def _of_jellyfin(a: str, b: str) -> list[Request]:
    return [
        ("GET", "/", {}),
        ("GET", "/api/active_tasks", {}),
        ("GET", "/api/similar_tracks", {"n": 200, "item_id": a}),
        ("GET", "/api/find_path", {"start_song_id": a, "end_song_id": b, "max_steps": 25}),
        ("GET", "/api/similar_artists", {"artist": "Artist 2", "n": 10, "ef_search": 50}),
        ("GET", "/api/max_distance", {"item_id": a}),
        ("POST", "/api/sem_grove/search", {"item_id": a, "limit": 21}),
        ("POST", "/api/hyperbolic/similar", {"item_id": a, "mode": "similar", "limit": 20}),
        ("GET", "/api/search_tracks", {"title": "song 9", "artist": "artist 2"}),
        ("GET", "/api/playlists", {}),
        ("POST", "/api/clap/search", {"query": "rain", "limit": 10}),
        ("POST", "/api/create_playlist", {"playlist_name": "x", "track_ids": [a, b], "user_creds": {}}),
        ("POST", "/api/alchemy", {"items": _items(a, b), "n": 10, "temperature": 1.0, "subtract_distance": 0.2}),
        ("POST", "/api/cancel_all/main_analysis", {}),
    ]


def _of_lyrion(a: str, b: str) -> list[Request]:
    return [
        ("GET", "/api/health", {}),
        ("GET", "/api/active_tasks", {}),
        ("GET", "/api/similar_tracks", {"item_id": a, "n": 20, "eliminate_duplicates": "true"}),
        ("GET", "/api/find_path", {"start_song_id": a, "end_song_id": b, "max_steps": 10}),
        ("GET", "/api/search_tracks", {"artist": "Artist 2"}),
        ("GET", "/api/clap/top_queries", {}),
        ("POST", "/api/clap/search", {"query": "rain", "limit": 25}),
        ("POST", "/api/clap/warmup", {}),
        ("POST", "/api/alchemy", {"items": _items(a, b), "n": 25}),
        ("POST", "/api/sem_grove/search", {"item_id": a, "limit": 25}),
        ("POST", "/api/lyrics/search/text", {"query": "Artist 2", "limit": 25}),
        ("POST", "/chat/api/chatPlaylist", {"userInput": "something for rain"}),
        ("POST", "/chat/api/create_playlist", {"playlist_name": "x", "item_ids": [a]}),
    ]


def _of_the_mixer(a: str, b: str) -> list[Request]:
    return [
        ("POST", "/api/hyperbolic/similar", {"item_id": a, "mode": "similar", "limit": 40}),
        ("POST", "/api/sem_grove/search", {"item_id": a, "limit": 40}),
        (
            "GET",
            "/api/similar_tracks",
            {"item_id": a, "n": 40, **dict.fromkeys(("eliminate_duplicates", "radius_similarity"), "true")},
        ),
        ("GET", "/api/find_path", {"start_song_id": a, "end_song_id": b, "max_steps": 10}),
        ("POST", "/api/alchemy", {"items": _items(a, b), "n": 40}),
    ]


def _of_ampache(a: str, b: str) -> list[Request]:
    return [
        ("GET", "/api/similar_tracks", {"item_id": a, "n": 10}),
        ("GET", "/api/find_path", {"start_song_id": a, "end_song_id": b, "max_steps": 25}),
    ]


ASKED: Mapping[str, tuple[Plugin, Of]] = {
    "NV": (NV, _of_navidrome),
    "JF": (JF, _of_jellyfin),
    "LY": (LY, _of_lyrion),
    "LM": (LM, _of_the_mixer),
    "AP": (AP, _of_ampache),
}
EACH = pytest.mark.parametrize(("at", "requests"), ASKED.values(), indirect=["at"], ids=list(ASKED))


def sent(at: At, request: Request) -> Any:
    method, path, what = request
    if method == "POST":
        return at.post(path, what)
    return at.client.get("/") if path == "/" else at.get(path, **what)


@EACH
def test_every_request_of_a_plug_in_is_answered_as_it_reads_answers(at: At, requests: Of) -> None:
    for request in requests(at.plugin.id_of(8), at.plugin.id_of(20)):
        if request[1] in ("/", "/api/lyrics/search/text"):  # a page of the whole server's; a search of its own test
            continue
        answer = sent(at, request)
        assert at.read(answer) is not None, (request, answer.text)
        assert answer.headers["content-type"] == "application/json"


@EACH
def test_a_song_that_is_not_known_is_a_failure_to_every_plug_in(at: At, requests: Of) -> None:
    about_a_song = [each for each in requests("nobody", "nobody") if "nobody" in str(each[2])]
    assert about_a_song
    for request in about_a_song:
        answer = sent(at, request)
        assert at.read(answer) is None, (request, answer.text)
        assert not answer.is_success
        assert answer.json()["error"]


def instant_mix(at: At, seeds: list[int], limit: int = 200) -> tuple[list[str], list[int]]:
    """A mix as Jellyfin's plug-in makes it (its ids, and the ``n`` of each request): seed for seed until it is full."""
    mix = [at.plugin.id_of(seeds[0])]
    wanted = -(-(limit - 1) // len(seeds)) * (2 if len(seeds) > 1 else 1)
    asked = []
    for seed in seeds[:20]:
        if len(mix) >= limit:
            break
        asked.append(wanted)
        found = at.read(at.get("/api/similar_tracks", n=wanted, item_id=at.plugin.id_of(seed)))
        mix += [row["item_id"] for row in found or [] if row["item_id"] not in mix]
    return mix[:limit], asked


@only(JF)
def test_jellyfins_instant_mix_of_one_seed_and_of_twenty(at: At) -> None:
    mix, asked = instant_mix(at, [8])
    assert (asked, mix[0]) == ([199], at.plugin.id_of(8))
    assert {at.n(each) for each in mix[1:3]} == {7, 9}
    assert [request["k"] for _, request in at.served.asked] == [500]  # 3 of an artist are kept out of many
    mix, asked = instant_mix(at, list(range(20)))
    assert asked == [20] * 20
    assert {at.n(each) for each in mix} == set(range(N - 1))  # of the last artist three songs are most alike
    assert len(set(mix)) == len(mix)


@only(JF)
def test_a_seed_that_is_not_known_costs_a_mix_nothing_but_itself(at: At) -> None:
    mix, asked = instant_mix(at, [8, 99, 12], limit=12)
    assert asked == [8, 8, 8]
    assert [at.n(each) for each in mix[:3]] == [8, 7, 9]
    assert len(mix) == 12


@only(LM)
def test_the_mixers_first_choice_is_answered_so_that_it_need_not_fall_back(at: At) -> None:
    answer = at.post("/api/hyperbolic/similar", {"item_id": "1008", "mode": "similar", "limit": 5})
    found = at.read(answer)
    assert (found["count"], found["mode"], found["seed_item_id"]) == (5, "similar", "1008")
    assert {at.n(row["item_id"]) for row in found["results"][:2]} == {7, 9}
    distances = [row["distance"] for row in found["results"]]
    assert distances == sorted(distances)
    assert {"title", "author", "album"} <= found["results"][0].keys()
    assert at.post("/api/hyperbolic/similar", {"item_id": "1008", "mode": "deeper"}).status_code == 400


@only(LY)
def test_sound_and_lyrics_have_the_seed_first_which_says_so(at: At) -> None:
    found = at.read(at.post("/api/sem_grove/search", {"item_id": "1008", "limit": 5}))
    assert found["count"] == len(found["results"]) == 5
    assert [row["is_seed"] for row in found["results"]] == [True] + [False] * 4
    assert [at.n(row["item_id"]) for row in found["results"][:1]] == [8]
    likeness = [row["similarity"] for row in found["results"]]
    assert likeness[0] == 1
    assert likeness == sorted(likeness, reverse=True)


@pytest.mark.parametrize(
    ("path", "sent_limit", "asked"),
    [
        ("/api/hyperbolic/similar", {}, 20),
        ("/api/hyperbolic/similar", {"limit": 9999}, 100),
        ("/api/sem_grove/search", {}, 49),  # and the seed
        ("/api/sem_grove/search", {"limit": 9999}, 499),
        ("/api/sem_grove/search", {"limit": 1}, 1),
    ],
)
@only(LM)
def test_other_measures_give_as_many_as_the_dialect_says(
    at: At, path: str, sent_limit: dict[str, int], asked: int
) -> None:
    at.post(path, {"item_id": "1008", **sent_limit})
    assert at.served.asked[-1][1]["k"] == asked


@only(LY)
def test_a_line_of_lyrics_finds_its_song_and_what_no_song_holds_is_said(at: At) -> None:
    body = {"query": "walk the long road alone", "limit": 5}
    missing = at.post("/api/lyrics/search/text", body)
    assert (missing.status_code, at.read(missing)) == (404, None)
    assert {"query": body["query"], "results": []}.items() <= missing.json().items()
    at.served.by = {"Artist 5/song 22.flac": "name"}
    found = at.read(at.post("/api/lyrics/search/text", body))
    assert [at.n(row["item_id"]) for row in found["results"]] == [22]
    assert (found["query"], found["count"]) == (body["query"], 1)
    empty = at.post("/api/lyrics/search/text", {"query": " "})
    assert (empty.status_code, empty.json()["results"]) == (400, [])


@all_plugins
def test_anchors_are_no_tracks_here_and_that_is_said(at: At) -> None:
    """AudioMuse-AI keeps them; no plug-in sends one of its own accord."""
    refused = [
        at.get("/api/similar_tracks", anchor_id=3, n=5),
        at.get("/api/find_path", start_anchor=3, end_song_id=at.plugin.id_of(2)),
        at.post("/api/alchemy", {"items": [{"id": "3", "op": "ADD", "type": "anchor"}]}),
    ]
    assert [answer.status_code for answer in refused] == [400] * 3
    assert [at.read(answer) for answer in refused] == [None] * 3
