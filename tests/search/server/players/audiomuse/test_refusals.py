"""What cannot be answered: each in the one shape that plug-ins read, with the status that they go by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from antiphon.errors import EmbeddingError
from antiphon.library.players.table import IdTable, save_ids
from antiphon.search.server.callers import GUEST
from antiphon.search.server.settings import Limits
from tests.helpers.players.served import ArcServed, arc_library, plug_in, track_id


@pytest.fixture
def served(tmp_path: Path) -> ArcServed:
    library = arc_library(tmp_path / "lib", {track_id(n): f"nv{n}" for n in range(20)})
    return ArcServed(library)


@pytest.fixture
def client(served: ArcServed) -> Iterator[TestClient]:
    with plug_in(served) as found:
        yield found


def similar(client: TestClient, item_id: str, **more: Any) -> Any:
    return client.get("/api/similar_tracks", params={"item_id": item_id, **more})


def test_the_ids_of_an_ingest_are_enough(client: TestClient) -> None:
    rows = similar(client, "nv8", n=2).json()
    assert {row["item_id"] for row in rows} == {"nv7", "nv9"}


def test_a_track_that_the_player_does_not_have_is_left_out_and_others_take_its_place(client: TestClient) -> None:
    rows = similar(client, "nv19", n=6, eliminate_duplicates="false").json()
    assert [row["item_id"] for row in rows] == [f"nv{n}" for n in (18, 17, 16, 15, 14, 13)]


@pytest.mark.parametrize(
    ("params", "status", "said"),
    [
        ({"item_id": "nobody"}, 404, "No track is known by the id 'nobody'."),
        ({"item_id": track_id(0) + "x"}, 404, "No track is known"),
        ({}, 400, "Which track?"),
        ({"title": "Song 1"}, 400, "Which track?"),
        ({"title": "Song 1", "artist": "nobody"}, 404, "No track is called"),
        ({"item_id": "nv1", "n": "ten"}, 400, "n has to be a whole number."),
        ({"item_id": "nv1", "n": "9" * 5000}, 400, "n has to be a whole number."),
        ({"item_id": "x" * 3000}, 400, "item_id is longer than 2000 characters."),
        ({"item_id": "nv1", "server": "plex"}, 400, "No player is known as 'plex'. Known: navidrome."),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    client: TestClient, params: dict[str, str], status: int, said: str
) -> None:
    answer = client.get("/api/similar_tracks", params=params)
    assert answer.status_code == status
    assert said in answer.json()["error"]


def test_a_track_goes_by_title_and_artist_and_a_mood_by_itself(client: TestClient, served: ArcServed) -> None:
    by_name = client.get("/api/similar_tracks", params={"title": "SONG 8", "artist": "artist 2", "n": 2}).json()
    assert by_name == similar(client, "nv8", n=2).json()
    assert client.get("/api/similar_tracks", params={"mood": "happy", "centroid_index": 1, "n": 1}).json()
    assert served.asked[-1][1]["query"] == "happy"


def test_a_number_of_answers_is_moved_into_its_range(client: TestClient) -> None:
    assert len(similar(client, "nv8", n=0).json()) == 1
    assert len(similar(client, "nv8", n=10**6, eliminate_duplicates="no").json()) == 19


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_object_is_a_bad_request(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/clap/search", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "body" in answer.json()["error"]


@pytest.mark.parametrize("value", [["x"], {"a": 1}, True, 1.5])
def test_a_text_of_another_type_is_a_bad_request(client: TestClient, value: Any) -> None:
    assert client.post("/api/clap/search", json={"query": value}).status_code == 400


def test_a_track_that_was_not_heard_yet_is_not_found(tmp_path: Path) -> None:
    served = ArcServed(arc_library(tmp_path / "lib"), unheard=frozenset({track_id(8), track_id(9)}))
    with plug_in(served) as client:
        answer = similar(client, track_id(8))
        assert (answer.status_code, answer.json()["error"]) == (404, f"Track '{track_id(8)}' has no audio vector yet.")
        artists = client.get("/api/similar_artists", params={"artist": "Artist 2", "include_component_matches": "true"})
    songs = artists.json()[0]["component_matches"][0]["artist1_representative_songs"]
    assert [song["item_id"] for song in songs] == [track_id(10), track_id(11)]


def test_where_no_player_is_known_the_librarys_own_ids_are_spoken(tmp_path: Path) -> None:
    with plug_in(ArcServed(arc_library(tmp_path / "lib"))) as client:
        assert {row["item_id"] for row in similar(client, track_id(8), n=2).json()} == {track_id(7), track_id(9)}
        assert similar(client, "nv8").status_code == 404


def test_own_ids_are_answered_by_own_ids_where_players_are_known(client: TestClient) -> None:
    assert {row["item_id"] for row in similar(client, track_id(8), n=2).json()} == {track_id(7), track_id(9)}
    own = client.post("/api/clap/search", json={"query": "x", "limit": 1, "server": "antiphon"}).json()
    assert own["results"][0]["item_id"] == track_id(23)
    players = client.post("/api/clap/search", json={"query": "x", "limit": 1}).json()
    assert players["results"][0]["item_id"] == "nv19"


def test_of_two_players_the_one_that_knows_the_id_is_answered(served: ArcServed) -> None:
    save_ids(served.root, IdTable(player="lms", tracks={str(n): track_id(n) for n in range(10)}))
    save_ids(served.root, IdTable(player="ampache", tracks={f"so-{n + 1}": track_id(n) for n in range(10)}))
    save_ids(served.root, IdTable(player="gonic", tracks={"7": track_id(0), "30": track_id(0)}))
    with plug_in(served) as client:
        assert {row["item_id"] for row in similar(client, "4", n=2).json()} == {"3", "5"}
        named = client.get("/players/ampache/api/similar_tracks", params={"item_id": "4", "n": 2}).json()
        assert {row["item_id"] for row in named} == {"so-3", "so-5"}
        clash = similar(client, "7")
        assert (clash.status_code, "another track in each of lms, gonic" in clash.json()["error"]) == (400, True)
        assert similar(client, "7", server="lms").status_code == 200


def test_ids_that_are_learnt_while_the_server_runs_count_at_once(client: TestClient, served: ArcServed) -> None:
    assert similar(client, "1008").status_code == 404
    save_ids(served.root, IdTable(player="lms", tracks={str(1000 + n): track_id(n) for n in range(10)}))
    assert similar(client, "1008").status_code == 200


def test_a_guest_asks_and_makes_nothing(served: ArcServed) -> None:
    with plug_in(served, role=GUEST) as guest:
        assert similar(guest, "nv8").status_code == 200
        answer = guest.post("/api/create_playlist", json={"playlist_name": "x", "track_ids": ["nv1"]})
    assert (answer.status_code, answer.json()["error"].startswith("Only an owner may make a playlist.")) == (403, True)
    assert "secret" not in similar(guest, "nv8").text


def test_what_is_no_fault_of_the_caller_has_a_number(served: ArcServed, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(ArcServed, "similar", broken)
    with plug_in(served) as client:
        error: Exception = EmbeddingError("The vectors are damaged.")
        assert similar(client, "nv8").json()["error"] == "The vectors are damaged."
        error = ZeroDivisionError("by zero")
        answer = similar(client, "nv8")
    assert answer.status_code == 500
    assert answer.json()["error_code"] == 500
    assert answer.json()["error_class"] == "ZeroDivisionError"
    assert "by zero" not in answer.text


def test_scores_before_a_training_become_distances_too(tmp_path: Path) -> None:
    with plug_in(ArcServed(arc_library(tmp_path / "lib"), spreads=3.0)) as client:
        rows = similar(client, track_id(8)).json()
    distances = [row["distance"] for row in rows]
    assert 0 < distances[0] < distances[-1] < 1
    assert distances == sorted(distances)


def test_limits_are_the_servers(served: ArcServed) -> None:
    with plug_in(served, limits=Limits(max_k=5)) as client:
        assert len(similar(client, "nv8", n=200).json()) == 5
        items = [{"id": "nv1", "op": "ADD"}] * 6
        assert client.post("/api/alchemy", json={"items": items}).status_code == 400
