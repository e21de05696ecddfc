"""Tokens and the page's sessions: what is kept of them, how they are compared, what is none."""

from __future__ import annotations

import hmac

import pytest

from antiphon.errors import ConfigError
from antiphon.search.server.guard.callers.session import COOKIE, DAYS, Sessions, cookie, session_in
from antiphon.search.server.guard.callers.tokens import Tokens, token_in
from tests.helpers.web.asgi import request

ANNA, BEN = "anna-0123456789-abcdef", "ben-0123456789-abcdefg"
TOKENS = Tokens([ANNA, BEN])


@pytest.mark.parametrize(
    "token", ["short", "x" * 513, "sixteen letters, ok", "ünicode-ünicode-ünicode", "a-new\nline-in-a-token"]
)
def test_what_is_guessed_soon_or_cannot_be_sent_is_no_token(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Tokens([token])
    assert token not in str(caught.value)


def test_nothing_in_memory_holds_a_token() -> None:
    assert ANNA not in repr(vars(TOKENS))
    assert TOKENS.hash_of(ANNA) == TOKENS.hashes()[0]
    assert [TOKENS.hash_of(wrong) for wrong in ("", ANNA[:-1], ANNA + "x", "\ud800", "x" * 10_000)] == [None] * 5


def test_every_token_is_compared_in_constant_time_also_after_one_was_right(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    for guess in (ANNA, "wrong", "x" * 5000):
        compared.clear()
        TOKENS.hash_of(guess)
        assert compared == [(32, 32), (32, 32)]  # of equal length, whatever was guessed


@pytest.mark.parametrize(
    ("path", "headers", "token"),
    [
        ("/", {"authorization": f"Bearer {ANNA}"}, ANNA),
        ("/", {"authorization": f"bearer   {ANNA} "}, ANNA),
        ("/", {"authorization": "Basic YTpi"}, ""),
        ("/", {"authorization": ""}, ""),
        ("/", {}, None),
        (f"/v1/search?apiKey={ANNA}", {}, None),
        (f"/rest/ping?apiKey={ANNA}", {}, ANNA),
        (f"/rest/ping.view?u=anna&p={ANNA}", {}, ANNA),
        (f"/rest/ping?u=anna&p=enc:{ANNA.encode().hex()}", {}, ANNA),
        ("/rest/ping?u=anna&p=enc:zz", {}, ""),
        ("/rest/ping?u=anna&t=0&s=1", {}, None),
        ("/rest/ping?u=anna", {}, None),
        ("/rest/ping?" + "p=1&" * 500, {}, ""),
    ],
)
def test_where_a_token_may_stand(path: str, headers: dict[str, str], token: str | None) -> None:
    assert token_in(request("GET", path, headers)) == token


def test_two_authorizations_are_no_token() -> None:
    scope = request(headers={"authorization": f"Bearer {ANNA}"})
    scope["headers"].append((b"authorization", b"Bearer x"))
    assert TOKENS.hash_of(token_in(scope) or "") is None


def test_a_session_outlives_a_restart_and_ends_with_time_or_with_its_token() -> None:
    at = [1_000_000.0]
    session = Sessions(TOKENS, now=lambda: at[0]).begin(ANNA) or ""
    anew, without = Sessions(Tokens([BEN, ANNA]), now=lambda: at[0]), Sessions(Tokens([BEN]), now=lambda: at[0])
    assert (anew.holds(session), without.holds(session)) == (True, False)
    at[0] += DAYS * 86_400
    assert not anew.holds(session)
    assert Sessions(TOKENS).begin("a wrong token, all of it") is None


@pytest.mark.parametrize("change", ["later", "signature", "empty", "long"])
def test_a_changed_session_is_none(change: str) -> None:
    sessions = Sessions(TOKENS)
    expires, _, signature = (sessions.begin(ANNA) or "").partition(".")
    changed = {
        "later": f"{int(expires) + 1}.{signature}",
        "signature": f"{expires}.{'0' * 64}",
        "empty": "",
        "long": f"{'9' * 5000}.{signature}",
    }[change]
    assert not sessions.holds(changed)
    assert not Sessions(Tokens([])).holds(f"{expires}.{signature}")


def test_the_cookie_is_for_no_script_and_no_other_site() -> None:
    assert cookie("x", path="/antiphon", secure=True) == (
        f"{COOKIE}=x; Path=/antiphon; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure"
    )
    assert "Secure" not in cookie("x", path="", secure=False)
    assert "Max-Age=0" in cookie("", path="/", secure=False)


def test_a_cookie_header_that_is_none_is_no_session() -> None:
    assert session_in(request(headers={"cookie": f"a=b; {COOKIE}=1.2; c"})) == "1.2"
    for text in ("", "a=b", "\x00=;;", "=" * 3000):
        assert session_in(request(headers={"cookie": text})) is None
