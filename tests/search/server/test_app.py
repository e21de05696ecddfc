"""The application as clients meet it: answers in the promised shapes, errors in one shape, no path for guests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from antiphon.library.tracks import Caption, Track, save_library
from antiphon.search.server.settings import ServerSettings
from tests.helpers.web.server import ELSEWHERE, SONGS, asking, songs

TOKEN = "owner-0123456789-abcdef"
GUESTS = ServerSettings(guests=True, tokens=(TOKEN,))


def test_a_search_answers_in_the_shape_of_the_command_and_more(client: TestClient, library: Path) -> None:
    found = client.post("/v1/search", json={"query": "calm piano", "k": 2}).json()
    assert found["query"] == "calm piano"
    first = found["hits"][0]
    assert (first["rank"], first["track_id"], first["album"], first["seconds"]) == (1, "b/three.wav", "Shore", 2.0)
    assert [version["track_id"] for version in first["versions"]] == ["b/four.wav"]
    assert first["path"] == str(library.parent / "music" / "b" / "three.wav")
    assert any("Nothing was trained" in line for line in found["remarks"])


def test_an_address_that_is_asked_in_the_wrong_way_says_the_right_one(client: TestClient) -> None:
    refused = client.get("/v1/search", params={"q": "calm piano"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert refused.json()["error"]["fix"] == "This address answers POST."
    assert client.get("/v1/nothing").json()["error"]["fix"] is None


def test_ids_with_slashes_are_one_segment(client: TestClient) -> None:
    assert client.get("/v1/tracks/a%2Fone.wav").json()["title"] == "Night Bus"
    assert client.get("/v1/tracks/a%2Fone.wav/audio").headers["content-type"] == "audio/wav"


@pytest.mark.parametrize("name", ["x/similar", "x/words", "x/audio", "a\nb", "audio", "similar"])
def test_ids_may_end_in_words_of_addresses_and_hold_line_breaks(tmp_path: Path, name: str) -> None:
    tracks = [Track(track_id=each, path="", title=each, artist="", group=each, split="train") for each in (name, "x")]
    captions = [Caption(caption_id=f"{each}#0", track_id=each, text=f"words of {each}") for each in (name, "x")]
    save_library(tmp_path / "lib", tracks, captions, {})
    with asking(tmp_path / "lib") as found:
        address = f"/v1/tracks/{quote(name, safe='')}"
        assert found.get(address).json()["track_id"] == name
        assert found.get(f"{address}/words").json()["words"][0]["text"] == f"words of {name}"
        assert "has no sound" in found.get(f"{address}/audio").json()["error"]["message"]
        assert found.get("/v1/tracks/x/words").json()["words"][0]["text"] == "words of x"


def test_before_any_training_nothing_loads_torch(library: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom antiphon.search.server.served import Served\n"
        f"served = Served(Path({str(library)!r}))\n"
        "served.search('calm piano'), served.status(), served.words_for('five'), served.models()\n"
        "assert served._now.source and 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("word", ["similar", "words", "audio"])
def test_behind_a_proxy_that_decodes_addresses_the_library_says_which_track_is_meant(tmp_path: Path, word: str) -> None:
    both, one = f"live/{word}", f"rare/{word}"
    tracks = [Track(track_id=each, title=each, group=each, split="train") for each in (both, one, "live")]
    captions = [Caption(caption_id=f"{each}#0", track_id=each, text=f"words of {each}") for each in (both, one, "live")]
    save_library(tmp_path / "lib", tracks, captions, {})
    with asking(tmp_path / "lib") as found:
        assert found.get(f"/v1/tracks/{one}").json()["track_id"] == one, "there is no track 'rare'"
        assert found.get(f"/v1/tracks/{one}/words").json()["words"][0]["text"] == f"words of {one}"
        assert found.get(f"/v1/tracks/{both}").json().get("track_id") is None, "it is of the track 'live'"
        assert found.get(f"/v1/tracks/{both}/words").json()["words"][0]["text"] == f"words of {both}"
        assert found.get(f"/v1/tracks/nobody/{word}").json()["error"]["type"] == "UnknownTrackError"


def test_what_is_open_answers_whole_while_the_files_are_away(tmp_path: Path) -> None:
    root = songs(tmp_path)
    asked = {"query": "calm piano", "k": 3, "explain": True, "per_album": 1, "exclude": ["a/two.wav"]}
    with asking(root) as found:
        before = found.post("/v1/search", json=asked).json()["hits"]
        root.rename(tmp_path / "away")
        assert found.post("/v1/search", json=asked).json()["hits"] == before
        words = found.get("/v1/tracks/b%2Fthree.wav/words")
        assert words.json()["words"][0]["text"] == "calm piano in the rain"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/search", '{"query": "piano", "like": ["\\ud800"]}'),
        ("/v1/path", '{"from": "\\ud800", "to": "five"}'),
        ("/v1/judgements", '{"query": "piano", "track_id": "\\udfff", "verdict": "same"}'),
        ("/v1/embeddings", '{"model": "\\ud800", "input": "piano"}'),
        ("/api/alchemy", '{"items": [{"op": "ADD", "id": "\\ud800"}]}'),
        ("/api/create_playlist", '{"playlist_name": "\\ud800", "track_ids": ["a/one.wav"]}'),
    ],
)
def test_half_a_pair_of_surrogates_is_refused(client: TestClient, path: str, body: str) -> None:
    told = client.post(path, content=body, headers={"content-type": "application/json"})
    assert (told.status_code, bool(told.json()["error"])) == (400 if path.startswith("/api/") else 422, True)


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


@pytest.mark.parametrize(
    "where", ["path contains anna", 'title = "Rain" or not (PATH is missing)', '"path" = x', '"File Name" contains a']
)
def test_a_guest_does_not_guess_paths_through_filters(library: Path, where: str) -> None:
    with asking(library, GUESTS, ELSEWHERE) as guest:
        asked = guest.post("/v1/search", json={"query": "piano", "where": where})
        alike = guest.get("/v1/tracks/five/similar", params={"where": where})
        assert (asked.status_code, alike.status_code) == (403, 403)
        assert guest.post("/v1/search", json={"query": "piano", "where": "title = Rain"}).status_code == 200


def test_a_guest_is_shown_no_path_in_what_explains_an_answer(tmp_path: Path) -> None:
    root = songs(tmp_path)
    moved = {
        "track_id": [name for name, *_ in SONGS],
        "path": ["/home/anna/piano.wav"] * 5,
        "source_file": ["piano.wav"] * 5,
        "note": ["piano in /a/b"] * 5,
    }
    pq.write_table(pa.table(moved), root / "metadata.parquet")
    with asking(root, GUESTS, ELSEWHERE) as guest:
        fields = {field["name"]: field["examples"] for field in guest.get("/v1/status").json()["fields"]}
        assert fields.keys() == {"title", "artist", "album", "note"}
        assert fields["note"] == ["piano in …"]
        hit = guest.post("/v1/search", json={"query": "piano", "explain": True}).json()["hits"][0]
        assert hit["why"]["fields"]["note"] == "piano in …"
        assert "path" not in hit["why"]["fields"]
        assert guest.get("/v1/tracks/five").json()["metadata"] == {"note": "piano in …"}


def test_examples_of_a_field_are_the_values_that_filters_go_by(tmp_path: Path) -> None:
    """Several values in one cell are counted as each of them; a title is one, whatever marks it has."""
    root = songs(tmp_path)
    genres = ["Jazz; Vocal", "Jazz", "Vocal|Pop", "Jazz", None]
    pq.write_table(pa.table({"track_id": [name for name, *_ in SONGS], "genre": genres}), root / "metadata.parquet")
    with asking(root, GUESTS, ELSEWHERE) as guest:
        fields = {field["name"]: field["examples"] for field in guest.get("/v1/status").json()["fields"]}
        assert fields["genre"] == ["Jazz", "Vocal", "Pop"]
        for value in fields["genre"]:
            assert guest.post("/v1/search", json={"query": "rain", "where": f"genre = {value}"}).status_code == 200


@pytest.mark.parametrize("prefix", ["", "/antiphon"])
def test_behind_a_proxy_it_answers_with_the_sub_path_and_without(library: Path, prefix: str) -> None:
    settings = ServerSettings(tokens=("secret-secret-secret",), root_path="/antiphon", proxies=("127.0.0.1",))
    with asking(library, settings) as client:
        client.headers["Authorization"] = "Bearer secret-secret-secret"
        assert client.get(f"{prefix}/v1/status").json()["tracks"] == 5
        assert client.get(f"{prefix}/v1/tracks/a%2Fone.wav").json()["title"] == "Night Bus"
        assert client.get(f"{prefix}/static/app/main.js").status_code == 200
        page = client.get(f"{prefix}/docs").text
        assert 'href="openapi.json"' in page
        assert client.get(f"{prefix}/openapi.json").json()["servers"] == [{"url": "/antiphon"}]
