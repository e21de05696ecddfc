"""Ids that hold what addresses are made of, as a player sends them and as it is answered, in both dialects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from antiphon.library.players.table import IdTable, save_ids
from tests.helpers.players.served import ArcServed, arc_library, plug_in, track_id

STRANGE = ("a/b", "a%2Fb", "a+b", "a b", "x&id=y#z?", "夜/é", "../up", "%", 'q"uote', "тест")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    library = arc_library(tmp_path / "lib")
    save_ids(library.root, IdTable(player="gonic", tracks={each: track_id(n) for n, each in enumerate(STRANGE)}))
    with plug_in(ArcServed(library)) as found:
        yield found


@pytest.mark.parametrize("sent", STRANGE)
def test_an_id_is_understood_and_given_as_it_is(client: TestClient, sent: str) -> None:
    asked = {"item_id": sent, "n": 20, "eliminate_duplicates": "false"}
    rows = client.get("/api/similar_tracks", params=asked).json()
    assert {row["item_id"] for row in rows} == {*STRANGE} - {sent}
    likes = {"items": [{"id": sent, "op": "ADD", "type": "song"}], "n": 20}
    mixed = client.post("/api/alchemy", json=likes).json()["results"]
    assert {row["item_id"] for row in mixed} == {*STRANGE} - {sent}
    by_player = client.get("/players/gonic/rest/getSong.view", params={"id": sent, "f": "json"}).json()
    assert by_player["subsonic-response"]["song"]["id"] == sent
    posted = client.post("/rest/getSonicSimilarTracks", data={"id": sent, "count": "20", "f": "json"}).json()
    assert {each["entry"]["id"] for each in posted["subsonic-response"]["sonicMatch"]} == {*STRANGE} - {sent}


def test_ids_in_xml_are_read_back_as_they_are(client: TestClient) -> None:
    root = ET.fromstring(client.get("/rest/getSonicSimilarTracks", params={"id": "a/b", "count": "20"}).content)
    entries = root.iter("{http://subsonic.org/restapi}entry")
    assert {entry.get("id") for entry in entries} == {*STRANGE} - {"a/b"}
