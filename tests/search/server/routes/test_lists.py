"""Judgements and paths over HTTP: what was said is given back, and what is warned of is told."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from antiphon.search.server import served
from antiphon.search.server.settings import Limits, ServerSettings
from tests.helpers.libraries.strange_songs import strange_songs
from tests.helpers.web.server import ELSEWHERE, asking, songs

TOKEN = "owner-0123456789-abcdef"


def judged(client: TestClient, query: str) -> list[tuple[str, str]]:
    found = client.get("/v1/judgements", params={"query": query}).json()
    assert found["remarks"] == []
    return [(one["track_id"], one["verdict"]) for one in found["judgements"]]


def test_what_was_said_is_given_back_the_last_word_on_each_track(client: TestClient) -> None:
    assert judged(client, "Calm piano") == []
    for track_id, verdict in (("five", "same"), ("a/one.wav", "different"), ("five", "unsure")):
        body = {"query": "Calm  piano", "track_id": track_id, "verdict": verdict}
        assert client.post("/v1/judgements", json=body).status_code == 201
    assert judged(client, " calm PIANO ") == [("five", "unsure"), ("a/one.wav", "different")]
    assert judged(client, "calm") == []


def test_judgements_are_the_owners_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    root = songs(tmp_path)
    (root / "judgements.jsonl").write_text("[]\n")
    with asking(root, ServerSettings(guests=True, tokens=(TOKEN,)), ELSEWHERE) as guest:
        assert guest.get("/v1/judgements", params={"query": "piano"}).status_code == 403
        refused = guest.get("/v1/playlists")
        assert (refused.status_code, refused.json()["error"]["message"]) == (403, "Only an owner may ask for this.")
        guest.headers["Authorization"] = f"Bearer {TOKEN}"
        told = guest.get("/v1/judgements", params={"query": "piano"})
        assert "judgements.jsonl, line 1" in told.json()["error"]["message"]
        line = {"query": "piano", "track_id": "five", "verdict": "same", "grade": 3}
        (root / "judgements.jsonl").write_text(f'{json.dumps(line)}\n{{"query"')
        found = guest.get("/v1/judgements", params={"query": "piano"}).json()
        assert [(one["track_id"], one["grade"]) for one in found["judgements"]] == [("five", 3)]
        assert "line 2: cut off" in found["remarks"][0]


@pytest.mark.parametrize("address", ["/v1/tracks?count=3", "/v1/tracks/five/words?k=3", "/v1/tracks/five/similar?k=3"])
def test_lists_are_no_longer_than_the_server_gives(library: Path, address: str) -> None:
    with asking(library, ServerSettings(limits=Limits(max_k=2))) as client:
        assert "this server gives 2 at most" in client.get(address).json()["error"]["message"]
        assert client.get(address.replace("=3", "=2")).status_code != 400 or "similar" in address


def test_what_is_warned_of_on_a_path_is_a_remark(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def warned(source: Any, start: int, end: int, k: int) -> list[Any]:
        logging.getLogger("antiphon.search").warning("3 tracks are left out.")
        return []

    monkeypatch.setattr(served, "path_between", warned)
    found = client.post("/v1/path", json={"from": "five", "to": "a/one.wav", "k": 5}).json()
    assert "3 tracks are left out." in found["remarks"]


def test_a_playlist_gives_its_tracks_back_and_says_what_is_not_there(client: TestClient, library: Path) -> None:
    ids = ["b/four.wav", "a/one.wav"]
    assert client.post("/v1/playlists", json={"name": "Évening", "track_ids": ids}).status_code == 201
    found = client.get("/v1/playlists/Évening").json()
    assert ([track["track_id"] for track in found["tracks"]], found["remarks"]) == (ids, [])
    (file,) = (library / "playlists").glob("*vening.m3u8")
    file.write_text(
        f"\ufeff#EXTM3U\r\n/nowhere/else.flac\r\n{library.parent / 'music' / 'b' / '..' / 'a' / 'two.wav'}\r\n"
    )
    found = client.get("/v1/playlists/Évening").json()
    assert [track["track_id"] for track in found["tracks"]] == ["a/two.wav"]
    assert found["remarks"] == ["1 of 2 files in it are none of this library's."]
    assert "no playlist 'other'" in client.get("/v1/playlists/other").json()["error"]["message"]


def test_a_playlist_whose_files_name_is_no_utf8_is_listed_and_opened(tmp_path: Path) -> None:
    root = songs(tmp_path)
    (root / "playlists").mkdir()
    strange = root / "playlists" / os.fsdecode(b"caf\xe9.m3u8")
    strange.write_text(f"#EXTM3U\n{tmp_path / 'music' / 'a' / 'one.wav'}\n")
    with asking(root) as client:
        (listed,) = client.get("/v1/playlists").json()["playlists"]
        assert listed == {"name": "caf\\udce9", "tracks": 1, "is_kept_question": False}
        found = client.get(f"/v1/playlists/{quote(listed['name'])}").json()
        assert [track["track_id"] for track in found["tracks"]] == ["a/one.wav"]
        assert client.get(f"/v1/playlists/{quote(listed['name'])}.m3u8").content == strange.read_bytes()


def test_tracks_of_one_file_are_told_apart_by_their_names(tmp_path: Path) -> None:
    with asking(strange_songs(tmp_path)) as client:
        ids = ["p7", "p3", "p5"]  # all three are the same file
        client.post("/v1/playlists", json={"name": "three", "track_ids": ids})
        assert [track["track_id"] for track in client.get("/v1/playlists/three").json()["tracks"]] == ids


def test_a_playlist_is_renamed_and_deleted_by_its_owner_alone(tmp_path: Path) -> None:
    root = songs(tmp_path)
    with asking(root, ServerSettings(guests=True, tokens=(TOKEN,)), ELSEWHERE) as client:
        owner = {"Authorization": f"Bearer {TOKEN}"}

        def names() -> list[str]:
            return [each["name"] for each in client.get("/v1/playlists", headers=owner).json()["playlists"]]

        for name in ("Évening", "Other"):
            body = {"name": name, "track_ids": ["five", "a/one.wav"]}
            assert client.post("/v1/playlists", json=body, headers=owner).status_code == 201
        assert client.delete("/v1/playlists/Other").status_code == 403
        assert client.patch("/v1/playlists/Other", json={"name": "Mine"}).status_code == 403
        assert names() == ["Other", "Évening"]
        taken = client.patch("/v1/playlists/Évening", json={"name": "Other"}, headers=owner)
        assert (taken.status_code, taken.json()["error"]["fix"]) == (400, "Take another name.")
        renamed = client.patch("/v1/playlists/Évening", json={"name": "50% of / it?"}, headers=owner)
        assert renamed.status_code == 400
        renamed = client.patch("/v1/playlists/Évening", json={"name": "Evening 50%"}, headers=owner)
        assert renamed.json() == {"name": "Evening 50%", "remarks": []}
        tracks = client.get(f"/v1/playlists/{quote('Evening 50%')}", headers=owner).json()["tracks"]
        assert [each["track_id"] for each in tracks] == ["a/one.wav"]
        assert client.delete("/v1/playlists/Other", headers=owner).json() == {"done": True, "remarks": []}
        gone = client.delete("/v1/playlists/Other", headers=owner)
        assert (gone.status_code, "no playlist 'Other'" in gone.text) == (400, True)
        assert names() == ["Evening 50%"]
