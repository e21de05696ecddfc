"""The application as clients meet it: answers in the promised shapes, errors in one shape, no path for guests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from antiphon.search.server.settings import ServerSettings
from tests.helpers.server import ELSEWHERE, asking, songs

TOKEN = "owner-0123456789-abcdef"
GUESTS = ServerSettings(guests=True, tokens=(TOKEN,))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return songs(tmp_path_factory.mktemp("songs"))


@pytest.fixture(scope="module")
def client(library: Path) -> Iterator[TestClient]:
    with asking(library) as found:
        yield found


def test_a_search_answers_in_the_shape_of_the_command_and_more(client: TestClient, library: Path) -> None:
    found = client.post("/v1/search", json={"query": "calm piano", "k": 2}).json()
    assert found["query"] == "calm piano"
    first = found["hits"][0]
    assert (first["rank"], first["track_id"], first["album"], first["seconds"]) == (1, "b/three.wav", "Shore", 2.0)
    assert [version["track_id"] for version in first["versions"]] == ["b/four.wav"]
    assert first["path"] == str(library.parent / "music" / "b" / "three.wav")
    assert any("Nothing was trained" in line for line in found["remarks"])


def test_ids_with_slashes_are_one_segment(client: TestClient) -> None:
    assert client.get("/v1/tracks/a%2Fone.wav").json()["title"] == "Night Bus"
    assert client.get("/v1/tracks/a%2Fone.wav/audio").headers["content-type"] == "audio/wav"


def test_tracks_are_found_by_words_of_artist_and_title(client: TestClient) -> None:
    def ids(find: str, **more: int) -> list[str]:
        found = client.get("/v1/tracks", params={"find": find, **more}).json()["tracks"]
        return [track["track_id"] for track in found]

    assert ids("BUS nina") == ["a/one.wav", "a/two.wav"]
    assert ids("rain", start=1) == ["b/four.wav"]
    assert len(ids("")) == 5


def test_a_guest_gets_no_paths_and_no_remarks_on_files(library: Path) -> None:
    with asking(library, GUESTS, ELSEWHERE) as guest:
        found = guest.post("/v1/search", json={"query": "calm piano"})
        assert str(library.parent) not in found.text
        assert found.json()["hits"][0]["path"] is None
        assert str(library.parent) not in guest.get("/v1/status").text
        owner = guest.get("/v1/tracks/five", headers={"Authorization": f"Bearer {TOKEN}"})
        assert owner.json()["path"] == ""


def test_without_guests_nobody_else_is_answered(library: Path) -> None:
    with asking(library, client=ELSEWHERE) as stranger:
        refused = stranger.post("/v1/search", json={"query": "piano"})
        assert refused.status_code == 401
        assert refused.json()["error"]["type"] == "token"
        assert stranger.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"query": ""}, 400, "The query is empty."),
        ({"query": "piano", "where": "yaer > 3"}, 400, "no field"),
        ({"query": "piano", "like": ["nowhere"]}, 404, "no track 'nowhere'"),
        ({"query": "piano", "k": 0}, 422, "k: "),
        ({"query": "piano", "vesrions": True}, 422, "vesrions: "),
        ({"query": 3}, 422, "query: "),
    ],
)
def test_errors_say_what_was_wrong(client: TestClient, body: dict[str, object], status: int, told: str) -> None:
    answer = client.post("/v1/search", json=body)
    assert answer.status_code == status
    assert told in answer.json()["error"]["message"]


def test_an_unknown_address_and_an_unknown_track_are_errors_of_the_same_shape(client: TestClient) -> None:
    assert client.get("/v1/nothing").json()["error"]["type"] == "Not Found"
    assert client.get("/v1/tracks/no%2Fsuch").json()["error"]["type"] == "UnknownTrackError"
    assert client.get("/v1/tracks/five/audio").status_code == 404
