"""OpenSubsonic's methods: shapes in JSON and XML, order, likeness, ids of the player."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from antiphon._version import __version__
from tests.helpers.players.served import ArcServed, N, arc_library, plug_in, track_id

XML = "{http://subsonic.org/restapi}"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    library = arc_library(tmp_path / "lib", {track_id(n): f"nv{n}" for n in range(N)})
    with plug_in(ArcServed(library)) as found:
        yield found


def ask(client: TestClient, method: str, **params: object) -> dict[str, Any]:
    """The answer, whose envelope is as the protocol has it."""
    answer = client.get(f"/rest/{method}", params={**{k: str(v) for k, v in params.items()}, "f": "json"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()["subsonic-response"]
    about = {name: found.pop(name) for name in ("version", "type", "serverVersion", "openSubsonic")}
    assert (about["version"], about["type"], about["openSubsonic"]) == ("1.16.1", "antiphon", True)
    return found


def xml(client: TestClient, method: str, **params: object) -> ET.Element:
    answer = client.get(f"/rest/{method}", params={k: str(v) for k, v in params.items()})
    assert answer.headers["content-type"].startswith("application/xml")
    return ET.fromstring(answer.content)


def test_tracks_like_one_come_with_their_likeness(client: TestClient) -> None:
    found = ask(client, "getSonicSimilarTracks.view", id="nv0", count=3)
    assert found["status"] == "ok"
    matches = found["sonicMatch"]
    assert [match["entry"]["id"] for match in matches] == ["nv1", "nv2", "nv3"]
    assert [match["similarity"] for match in matches] == sorted((m["similarity"] for m in matches), reverse=True)
    assert all(0 <= match["similarity"] < 1 for match in matches)
    assert matches[0]["entry"] == {
        "id": "nv1",
        "isDir": False,
        "title": "Song 1",
        "album": "Album 0",
        "artist": "Artist 0",
        "displayArtist": "Artist 0",
        "genre": "Jazz",
        "duration": 200,
        "type": "music",
        "mediaType": "song",
    }


def test_ten_tracks_where_no_number_is_asked_for_and_an_empty_list_for_none(client: TestClient) -> None:
    assert len(ask(client, "getSonicSimilarTracks", id="nv0")["sonicMatch"]) == 10
    for none in (0, -1):
        assert ask(client, "getSonicSimilarTracks", id="nv0", count=none)["sonicMatch"] == []
        assert ask(client, "findSonicPath", startSongId="nv0", endSongId="nv5", count=none)["sonicMatch"] == []


def test_a_path_starts_and_ends_where_it_is_to_and_its_likeness_is_to_the_start(client: TestClient) -> None:
    found = ask(client, "findSonicPath", startSongId="nv20", endSongId="nv2", count=6)["sonicMatch"]
    assert [match["entry"]["id"] for match in found][:: len(found) - 1] == ["nv20", "nv2"]
    likeness = [match["similarity"] for match in found]
    assert likeness[0] == 1
    assert likeness == sorted(likeness, reverse=True)
    assert len(ask(client, "findSonicPath", startSongId="nv0", endSongId="nv23")["sonicMatch"]) == N
    alone = ask(client, "findSonicPath", startSongId="nv2", endSongId="nv2")["sonicMatch"]
    assert [(match["entry"]["id"], match["similarity"]) for match in alone] == [("nv2", 1.0)]


def test_xml_has_an_element_for_each_match_and_likeness_as_an_element_in_it(client: TestClient) -> None:
    root = xml(client, "getSonicSimilarTracks", id="nv0", count=2)
    assert root.tag == f"{XML}subsonic-response"
    assert (root.get("status"), root.get("version"), root.get("openSubsonic")) == ("ok", "1.16.1", "true")
    assert (root.get("type"), root.get("serverVersion")) == ("antiphon", __version__)
    matches = root.findall(f"{XML}sonicMatch")
    assert [match.find(f"{XML}entry").get("id") for match in matches] == ["nv1", "nv2"]  # type: ignore[union-attr]
    assert matches[0].find(f"{XML}entry").get("isDir") == "false"  # type: ignore[union-attr]
    assert 0 < float(matches[0].findtext(f"{XML}similarity", "")) < 1


def test_extensions_are_told_in_both_forms(client: TestClient) -> None:
    listed = ask(client, "getOpenSubsonicExtensions")["openSubsonicExtensions"]
    assert listed == [
        {"name": name, "versions": [1]} for name in ("sonicSimilarity", "apiKeyAuthentication", "formPost")
    ]
    elements = xml(client, "getOpenSubsonicExtensions").findall(f"{XML}openSubsonicExtensions")
    assert [each.get("name") for each in elements] == [each["name"] for each in listed]
    assert elements[0].findtext(f"{XML}versions") == "1"


def test_songs_like_a_song_and_like_an_artist(client: TestClient) -> None:
    songs = ask(client, "getSimilarSongs", id="nv0", count=2)["similarSongs"]["song"]
    assert [song["id"] for song in songs] == ["nv1", "nv2"]
    artists = ask(client, "getSimilarSongs2", id="Artist 1", count=2)["similarSongs2"]["song"]
    assert {song["artist"] for song in artists} == {"Artist 0", "Artist 2"}


def test_names_are_found_and_then_what_answers_the_words(client: TestClient) -> None:
    def ids(**params: object) -> list[str]:
        return [song["id"] for song in ask(client, "search3", **params)["searchResult3"].get("song", [])]

    assert ids(query="", songCount=500) == [f"nv{n}" for n in range(N)]
    assert ids(artistCount=0, albumCount=0, musicFolderId=1) == [f"nv{n}" for n in range(20)]
    assert ids(query='""', songCount=5, songOffset=22) == ["nv22", "nv23"]
    assert ids(query="song 23", songCount=1) == ["nv23"]
    assert ids(query="artist 5 song 20", songCount=3) == ["nv20", "nv23", "nv22"]
    assert ids(query="rainy piano", songCount=3) == ["nv23", "nv22", "nv21"]
    whole = ids(query="artist 5", songCount=12)
    assert ids(query="artist 5", songCount=6) + ids(query="artist 5", songCount=6, songOffset=6) == whole
    assert len(set(whole)) == 12
    assert ids(query="song", songCount=0) == []


def test_one_song_and_whether_somebody_is_there(client: TestClient) -> None:
    assert ask(client, "getSong", id="nv3")["song"]["title"] == "Song 3"
    assert ask(client, "ping") == {"status": "ok"}
    assert ask(client, "getLicense")["license"] == {"valid": True}
    assert ask(client, "tokenInfo")["tokenInfo"] == {"username": "antiphon"}


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("getSonicSimilarTracks", {}, 10),
        ("findSonicPath", {"startSongId": "nv1"}, 10),
        ("getSonicSimilarTracks", {"id": "nobody"}, 70),
        ("findSonicPath", {"startSongId": "nv1", "endSongId": "nobody"}, 70),
        ("getSong", {"id": "nobody"}, 70),
        ("getSonicSimilarTracks", {"id": "nv1", "count": "many"}, 0),
        ("getSonicSimilarTracks", {"id": "x" * 3000}, 0),
        ("getPlaylists", {}, 0),
    ],
)
def test_a_refusal_has_the_protocols_number(client: TestClient, method: str, params: dict[str, str], code: int) -> None:
    found = ask(client, method, **params)
    assert (found["status"], found["error"]["code"]) == ("failed", code)
    assert found["error"]["message"]
    failed = xml(client, method, **params).find(f"{XML}error")
    assert failed is not None
    assert failed.get("code") == str(code)


def test_parameters_may_come_in_a_form(client: TestClient) -> None:
    answer = client.post("/rest/getSonicSimilarTracks", data={"id": "nv0", "count": "2", "f": "json"})
    assert len(answer.json()["subsonic-response"]["sonicMatch"]) == 2
    broken = client.post("/rest/ping?f=json", content=b"\xff\xfe")
    assert broken.json()["subsonic-response"]["error"]["code"] == 0
