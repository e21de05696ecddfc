"""Players at the whole server, behind its guard: tokens, guests, slashes, and real answers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from antiphon.library.players.table import IdTable, save_ids
from antiphon.library.subsonic.account import Account
from antiphon.library.subsonic.client import Subsonic
from antiphon.search.server.settings import ServerSettings
from tests.helpers.players.subsonic import Player
from tests.helpers.players.subsonic import serving as server
from tests.helpers.web.server import ELSEWHERE, asking, songs

TOKEN = "0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = songs(tmp_path_factory.mktemp("songs"))
    tracks = {"so-1": "a/one.wav", "so-2": "a/two.wav", "so-3": "b/three.wav", "so-4": "b/four.wav"}
    save_ids(root, IdTable(player="ampache", tracks=tracks))
    return root


def search(client: Any, **more: Any) -> Any:
    return client.post("/api/clap/search", json={"query": "calm piano", "limit": 2}, **more)


def test_a_plug_in_with_a_token_is_answered_and_one_without_is_not(library: Path) -> None:
    with asking(library, ServerSettings(tokens=(TOKEN,)), ELSEWHERE) as client:
        found = search(client, headers=BEARER).json()
        assert found["results"][0]["item_id"] == "so-3"
        for answer in (search(client), search(client, headers={"Authorization": "Bearer wrong"})):
            assert answer.status_code == 401
            assert isinstance(answer.json()["error"], str)
        assert client.get("/api/health").json() == {"status": "ok"}
        assert client.get("/api/active_tasks").status_code == 401
        assert client.get("/api/active_tasks", headers=BEARER).json() == {}
        assert client.get("/").is_success


def test_a_chat_without_a_token_is_refused_as_the_rest_is_for_there_is_no_page_to_log_in_at(library: Path) -> None:
    """AudioMuse-AI sends whatever does not begin with /api/ on to its own page, which no plug-in can read."""
    with asking(library, ServerSettings(tokens=(TOKEN,)), ELSEWHERE) as client:
        client.follow_redirects = False
        sent: dict[str, Any] = {
            "/chat/api/chatPlaylist": {"userInput": "rain"},
            "/chat/api/create_playlist": {"playlist_name": "x", "item_ids": ["so-1"]},
            "//external/search": {},
        }
        for path, body in sent.items():
            refused = client.post(f"http://127.0.0.1:8337{path}", json=body)
            assert (refused.status_code, isinstance(refused.json()["error"], str)) == (401, True)
        answer = client.post("/chat/api/chatPlaylist", json=sent["/chat/api/chatPlaylist"], headers=BEARER)
        assert answer.json()["response"]["query_results"]
        assert client.get("/static/app/main.js").is_success


def test_ampaches_plug_in_which_sends_no_header_is_answered_where_guests_may_ask(library: Path) -> None:
    with asking(library, ServerSettings(tokens=(TOKEN,), guests=True), ELSEWHERE) as guest:
        assert guest.get("/api/search_tracks", params={"artist": "Lo Tide"}).json()[0]["item_id"] == "so-3"
        made = guest.post("/api/create_playlist", json={"playlist_name": "x", "track_ids": ["so-1"]})
        assert made.status_code == 403
        for path in ("alchemy", "hyperbolic/similar", "sem_grove/search", "lyrics/search/text"):
            assert guest.post(f"/api/{path}", json={"item_id": "so-9"}).status_code in (400, 404)  # it may ask
        assert guest.get("/api/sonic_fingerprint/generate", params={"n": "9"}).status_code == 403
        assert str(library.parent) not in search(guest).text


def test_a_playlist_of_jellyfins_is_kept_in_the_library(library: Path) -> None:
    with asking(library, ServerSettings(tokens=(TOKEN,)), ELSEWHERE) as client:
        sent = {"playlist_name": "Evening", "track_ids": ["1", "2", "9"]}
        made = client.post("/api/create_playlist", json=sent, headers=BEARER)
        assert (made.status_code, made.json()["mapped"], made.json()["skipped"]) == (201, 2, 1)
        assert "a/one.wav" in client.get("/v1/playlists/Evening.m3u8", headers=BEARER).text


def test_playlists_of_the_library_are_listed_and_only_for_owners(library: Path) -> None:
    with asking(library, ServerSettings(tokens=(TOKEN,), guests=True), ELSEWHERE) as client:
        sent = {"playlist_name": "Two", "track_ids": ["so-2", "so-1"]}
        client.post("/api/create_playlist", json=sent, headers=BEARER)
        [server] = client.get("/api/playlists", headers=BEARER).json()["servers"]
        assert [row["item_id"] for row in server["playlists"]["Two"]] == ["so-2", "so-1"]
        assert client.get("/api/playlists").status_code == 403


def test_a_playlist_is_made_on_the_players_server_and_its_refusal_is_told(library: Path) -> None:
    named = (("so-1", "Night Bus", "Nina Reed", "City"), ("so-3", "Rain", "Lo Tide", "Shore"))
    player = Player(songs=[dict(zip(("id", "title", "artist", "album"), song, strict=True)) for song in named])
    sent = {"playlist_name": "Both", "track_ids": ["so-1", "so-3"]}
    with (
        server(player) as address,
        asking(library, player=Subsonic(address, Account(user="anna", password=player.password))) as client,
    ):
        made = client.post("/api/create_playlist", json=sent)
        assert made.status_code == 201
        assert f"'Both' made on {address}: 2 tracks." in made.json()["message"]
        assert [each["songs"] for each in player.shelf.playlists] == [["so-1", "so-3"]]
        again = client.post("/v1/playlists", json={"name": "Both", "track_ids": ["a/one.wav"]})
        assert f"'Both' replaced on {address}: 1 track." in again.json()["remarks"]
        player.shelf.playlists[0] |= {"owner": "ben", "comment": "mine", "id": "p9"}
        player.password = "changed"
        for path, body in (("/api/create_playlist", sent), ("/v1/playlists", {"name": "B", "track_ids": ["five"]})):
            refused = client.post(f"http://127.0.0.1:8337{path}", json=body)
            assert refused.status_code == 502
            assert "is kept in the library, but not on the player's server: " in refused.text
            assert "password is wrong" in refused.text
        assert client.get("/v1/playlists/B.m3u8").status_code == 200


def test_a_copy_on_the_players_server_goes_along_or_nothing_is_done(tmp_path: Path) -> None:
    library = songs(tmp_path)
    save_ids(library, IdTable(player="ampache", tracks={"so-1": "a/one.wav"}))
    player = Player(songs=[{"id": "so-1", "title": "Night Bus", "artist": "Nina Reed", "album": "City"}])

    def names(client: Any) -> list[str]:
        return [each["name"] for each in client.get("/v1/playlists").json()["playlists"]]

    with server(player) as address:
        subsonic = Subsonic(address, Account(user="anna", password=player.password))
        with asking(library, player=subsonic) as client:
            assert client.get("/v1/playlists").json()["player"] == address
            client.post("/v1/playlists", json={"name": "Dusk", "track_ids": ["a/one.wav"]})
            renamed = client.patch("/v1/playlists/Dusk", json={"name": "Dawn"})
            assert renamed.json()["remarks"] == [f"'Dusk' is 'Dawn' on {address}, too."]
            assert "Dawn" in [each["name"] for each in player.shelf.playlists]
            right, player.password = player.password, "changed"
            for refused, said in (
                (client.patch("/v1/playlists/Dawn", json={"name": "Noon"}), "'Dawn' keeps its name here"),
                (client.delete("/v1/playlists/Dawn"), "'Dawn' is not deleted here"),
            ):
                assert refused.status_code == 502
                assert said in refused.json()["error"]["message"]
                assert "password is wrong" in refused.json()["error"]["message"]
            assert "Dawn" in names(client)
            player.password = right
        with asking(library) as alone:  # started without the player
            assert alone.get("/v1/playlists").json()["player"] is None
            alone.post("/v1/playlists", json={"name": "Here", "track_ids": ["a/one.wav"]})
            told = alone.delete("/v1/playlists/Here").json()["remarks"]
            assert told == [f"If it was made on {address}, too, the copy there stays."]
        with asking(library, player=subsonic) as client:
            assert f"'Dawn' is deleted on {address}, too." in client.delete("/v1/playlists/Dawn").json()["remarks"]
            assert "Dawn" not in names(client)
        assert "Dawn" not in [each["name"] for each in player.shelf.playlists]


def test_slashes_and_a_players_name_in_the_address(library: Path) -> None:
    with asking(library, ServerSettings(tokens=(TOKEN,))) as client:
        for path in ("//api/active_tasks", "/api/active_tasks/", "/players/ampache/api/active_tasks"):
            assert client.get(f"http://127.0.0.1:8337{path}", headers=BEARER).json() == {}
        unknown = client.get("/players/plex/api/active_tasks", headers=BEARER)
        assert (unknown.status_code, "plex" in unknown.json()["error"]) == (400, True)
        assert client.get("/players/ampache//api/active_tasks").status_code == 401


@pytest.mark.parametrize("prefix", ["", "/antiphon"], ids=["taken off", "left on"])
def test_players_ask_below_a_proxys_path_too(library: Path, prefix: str) -> None:
    """LMS and Ampache keep the path of the address that they are given; a proxy takes it off, or leaves it on."""
    settings = ServerSettings(tokens=(TOKEN,), root_path="/antiphon", proxies=("127.0.0.1",))
    with asking(library, settings) as client:
        for path in ("/api/search_tracks", "//api/search_tracks", "/players/ampache/api/search_tracks"):
            address = f"http://127.0.0.1:8337{prefix}{path}"
            assert client.get(address, params={"artist": "Lo Tide"}, headers=BEARER).json()[0]["item_id"] == "so-3"
            assert client.get(address).json()["error"] == "This server wants a token."
        found = client.get(f"{prefix}/rest/getSong.view", params={"id": "so-1", "apiKey": TOKEN, "f": "json"}).json()
        assert found["subsonic-response"]["song"]["title"] == "Night Bus"


def test_opensubsonic_with_a_salted_token_a_password_a_key_and_nothing(library: Path) -> None:
    salted = {"u": "x", "t": hashlib.md5(f"{TOKEN}c19b2d".encode()).hexdigest(), "s": "c19b2d"}
    ways = [salted, {"u": "x", "p": TOKEN}, {"apiKey": TOKEN}]
    with asking(library, ServerSettings(tokens=(TOKEN,)), ELSEWHERE) as client:

        def said(method: str, **params: str) -> Any:
            return client.get(f"/rest/{method}", params={**params, "f": "json"}).json()["subsonic-response"]

        assert [said("ping.view", **way)["status"] for way in ways] == ["ok"] * 3
        form = {**salted, "f": "json", "query": "calm piano", "songCount": "1"}
        posted = client.post("/rest/search3.view", data=form).json()["subsonic-response"]
        assert [song["id"] for song in posted["searchResult3"]["song"]] == ["so-3"]
        assert said("getOpenSubsonicExtensions")["status"] == "ok"
        wrong = {**salted, "t": "0" * 32}
        assert [said("ping", **way)["error"]["code"] for way in (wrong, {"u": "x", "p": "y"}, {})] == [40, 40, 10]
        assert 'code="40"' in client.get("/rest/ping/extra").text


def test_players_are_no_part_of_the_openapi_description(library: Path) -> None:
    with asking(library) as client:
        paths = client.get("/openapi.json").json()["paths"]
    assert not [path for path in paths if path.startswith(("/api", "/chat", "/rest", "/players"))]


def test_the_status_says_which_player_lacks_how_many_tracks(library: Path) -> None:
    with asking(library) as client:
        remarks = client.get("/v1/status").json()["remarks"]
        assert "ampache has 4 of 5 tracks: the others are left out of what it is answered." in remarks
        (library / "players" / "lms.json").write_text("{")
        assert any("Players are not answered" in line for line in client.get("/v1/status").json()["remarks"])
        assert client.get("/api/search_tracks", params={"artist": "x"}).status_code == 404
        (library / "players" / "lms.json").unlink()
