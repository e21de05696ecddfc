"""Who asks: a token as password, plain, hexadecimal or salted, or as a key; guests where they may; and nobody else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from antiphon.search.server.callers import GUEST, OWNER
from antiphon.search.server.players.opensubsonic.account import role_of_request
from antiphon.search.server.players.opensubsonic.envelope import SubsonicFailure
from tests.helpers.players.served import ArcServed, arc_library, plug_in

TOKEN = "0123456789abcdef"
SALT = "c19b2d"


def salted(password: str, salt: str = SALT) -> dict[str, str]:
    return {"u": "anna", "t": hashlib.md5((password + salt).encode()).hexdigest(), "s": salt}


def role(given: dict[str, str], judged: str | None = None, *, guests: bool = False) -> str:
    scope = {} if judged is None else {"antiphon.role": judged}
    return role_of_request(scope, given, ("another token 12", TOKEN), guests=guests)


def test_a_token_salted_with_md5_is_an_owners_whoever_the_user_is() -> None:
    assert role(salted(TOKEN)) == OWNER
    assert role({**salted(TOKEN), "t": salted(TOKEN)["t"].upper()}) == OWNER


def test_a_token_that_came_in_a_form_is_an_owners() -> None:
    for given in ({"u": "anna", "p": TOKEN}, {"u": "b", "p": f"enc:{TOKEN.encode().hex()}"}, {"apiKey": TOKEN}):
        assert role(given) == OWNER


def test_what_the_guard_judged_holds() -> None:
    assert role({"u": "anna", "p": TOKEN}, OWNER) == OWNER
    assert role({"apiKey": TOKEN}, OWNER) == OWNER
    assert role({}, GUEST, guests=True) == GUEST
    assert role({"u": "guest", "t": "0" * 32, "s": SALT}, guests=True) == GUEST


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, 10),
        ({"u": "anna"}, 10),
        ({"u": "anna", "p": "wrong"}, 40),
        ({"u": "anna", "p": "enc:zz"}, 40),
        (salted("wrong"), 40),
        (salted(TOKEN, "short"), 40),
        ({**salted(TOKEN), "t": ""}, 40),
        ({"u": "guest", "p": "x"}, 40),
        ({"apiKey": "wrong"}, 44),
        ({"apiKey": ""}, 44),
        ({"apiKey": TOKEN, "u": "anna"}, 43),
    ],
)
def test_whoever_sends_no_token_is_refused_with_the_protocols_number(given: dict[str, str], code: int) -> None:
    with pytest.raises(SubsonicFailure) as caught:
        role(given)
    assert caught.value.code == code
    assert TOKEN not in caught.value.message


def test_extensions_alone_are_told_to_everybody(tmp_path: Path) -> None:
    with plug_in(ArcServed(arc_library(tmp_path / "lib")), role=None, tokens=(TOKEN,)) as client:

        def status(method: str, **params: str) -> str:
            answer = client.get(f"/rest/{method}", params={**params, "f": "json"})
            return str(answer.json()["subsonic-response"]["status"])

        assert status("getOpenSubsonicExtensions") == "ok"
        assert status("ping") == "failed"
        assert status("ping", **salted(TOKEN)) == "ok"
        assert status("notAMethod") == "failed"
