"""The fingerprint of a user of Jellyfin's: what is played most comes first, and then what is like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from antiphon.library.players.table import IdTable, save_ids
from antiphon.search.server.callers import GUEST
from tests.helpers.players.plug_ins import guid
from tests.helpers.players.served import ArcServed, N, arc_library, plug_in, track_id
from tests.helpers.players.web import Answer, answering

KEY = "5ecret"
ANNA = "a" * 32


def jellyfin(played: list[str]) -> Any:
    def respond(path: str, given: Mapping[str, str], _body: Any, headers: Mapping[str, str]) -> Answer:
        if headers.get("Authorization") != f'MediaBrowser Token="{KEY}"':
            return 401, {}
        if path == "/Users":
            return 200, [{"Name": "Ben", "Id": "b" * 32}, {"Name": "Anna", "Id": ANNA}]
        assert path == "/Items"
        assert given["UserId"] == ANNA
        assert (given["SortBy"], given["SortOrder"], given["Filters"]) == ("PlayCount", "Descending", "IsPlayed")
        assert (given["IncludeItemTypes"], given["Recursive"]) == ("Audio", "true")
        return 200, {"Items": [{"Id": each} for each in played[: int(given["Limit"])]]}

    return respond


@contextmanager
def served(root: Path, played: list[str], *, key: str = KEY, **more: Any) -> Iterator[TestClient]:
    """A server that knows Jellyfin's ids, and those of a player that has more."""
    with answering(jellyfin(played)) as address:
        library = arc_library(root / "lib", {track_id(n): f"nv{n}" for n in range(N)})
        tracks = {guid(n): track_id(n) for n in range(20)}
        save_ids(library.root, IdTable(player="jellyfin", source=address, tracks=tracks))
        with plug_in(ArcServed(library, **more.pop("library", {})), jellyfin_key=key, **more) as client:
            yield client


def ask(client: TestClient, **more: object) -> Any:
    """As the plug-in's task of each Sunday asks: by the user's name, and without a token."""
    params = {"jellyfin_user_identifier": "anna", "n": 200, **more}
    return client.get("/api/sonic_fingerprint/generate", params={k: str(v) for k, v in params.items()})


def test_what_is_played_most_comes_first_and_then_what_is_like_it(tmp_path: Path) -> None:
    with served(tmp_path, [guid(8), guid(10).upper(), guid(99)]) as client:
        answer = ask(client, n=5)
        assert answer.status_code == 200
        rows = answer.json()
        assert [row["item_id"] for row in rows[:3]] == [guid(8), guid(10), guid(9)]
        assert len(rows) == 5
        assert [row["distance"] for row in rows] == sorted(row["distance"] for row in rows)
        assert (rows[0]["distance"], rows[0]["title"], rows[0]["author"]) == (0.0, "Song 8", "Artist 2")
        whole = [row["item_id"] for row in ask(client).json()]
        assert len(whole) == len(set(whole)) == 20  # those that the player has
        assert ask(client, jellyfin_user_identifier=ANNA, n=5).json() == rows


def test_the_users_own_token_will_do_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    with served(tmp_path, [guid(8)], key="") as client:
        assert ask(client, jellyfin_token=KEY).is_success
        wrong = ask(client, jellyfin_token="wrong-key")
        assert (wrong.status_code, "does not let this key" in wrong.json()["error"]) == (404, True)
        assert "wrong-key" not in wrong.text
        none = ask(client)
        assert (none.status_code, "ANTIPHON_JELLYFIN_API_KEY" in none.json()["error"]) == (400, True)


def test_where_nothing_is_known_to_be_played_the_list_is_empty(tmp_path: Path) -> None:
    with served(tmp_path, [guid(99)]) as client:
        assert ask(client).json() == []
        nobody = ask(client, jellyfin_user_identifier="Zoe")
        assert (nobody.status_code, "has no user 'Zoe'" in nobody.json()["error"]) == (404, True)


def test_songs_that_were_not_heard_yet_are_no_part_of_it(tmp_path: Path) -> None:
    with served(tmp_path, [guid(8), guid(10)], library={"unheard": frozenset({track_id(8)})}) as client:
        assert [row["item_id"] for row in ask(client, n=1).json()] == [guid(10)]


def test_only_an_owner_may_ask_what_somebody_plays(tmp_path: Path) -> None:
    with served(tmp_path, [guid(8)], role=GUEST) as guest:
        assert ask(guest).status_code == 403


def test_ids_that_were_learnt_from_a_file_lead_to_no_jellyfin(tmp_path: Path) -> None:
    library = arc_library(tmp_path / "lib")
    with plug_in(ArcServed(library), jellyfin_key=KEY) as client:
        assert "antiphon ids" in ask(client).json()["error"]
        save_ids(library.root, IdTable(player="jellyfin", source="/srv/t.csv", tracks={guid(1): track_id(1)}))
        answer = ask(client)
    assert (answer.status_code, "--player jellyfin" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("sent", [{"n": "25"}, {}])
def test_lms_which_tells_nobody_what_is_played_is_refused_with_a_way_on(tmp_path: Path, sent: dict[str, str]) -> None:
    with served(tmp_path, []) as client:
        answer = client.get("/api/sonic_fingerprint/generate", params=sent)
    assert (answer.status_code, "POST /api/alchemy" in answer.json()["error"]) == (404, True)
