"""Where a request comes from: proxies are believed if they were named, and then only what they wrote themselves."""

from __future__ import annotations

import pytest

from antiphon.errors import ConfigError
from antiphon.search.server.guard.asgi import Scope
from antiphon.search.server.guard.callers.proxies import PROXIED, Proxies, client_of
from tests.helpers.web.asgi import ELSEWHERE, HERE, ask, fine, request

NAMED = ("127.0.0.1", "10.0.0.0/8")


def seen(headers: dict[str, str], client: str = HERE, named: tuple[str, ...] = NAMED) -> Scope:
    return ask(Proxies(fine, named=named), request(headers=headers, client=client)).scope


def test_a_named_proxy_says_who_asks_how_and_under_which_path() -> None:
    scope = seen({"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-forwarded-prefix": "/antiphon/"})
    assert (client_of(scope), scope["scheme"], scope["root_path"]) == ("203.0.113.9", "https", "/antiphon")


def test_nobody_else_is_believed_and_that_they_passed_it_on_is_noted() -> None:
    for scope in (seen({"x-forwarded-for": "127.0.0.1"}, ELSEWHERE), seen({"x-forwarded-for": "127.0.0.1"}, named=())):
        assert client_of(scope) in (ELSEWHERE, HERE)
        assert scope[PROXIED]
    assert not seen({})[PROXIED]


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),  # the first was written by whoever asked
        ("203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("10.1.2.3, 10.1.2.4", "10.1.2.3"),
        ("<script>", "unknown"),
        ("203.0.113.9, ", "unknown"),
        ("", HERE),
    ],
)
def test_of_a_chain_the_last_that_is_no_named_proxy_asks(chain: str, client: str) -> None:
    assert client_of(seen({"x-forwarded-for": chain})) == client


@pytest.mark.parametrize("prefix", ["//evil.example", "/a/../b?x", "a", '/a"b', "/a b", "/"])
def test_a_prefix_that_is_no_path_is_left_out(prefix: str) -> None:
    scope = seen({"x-forwarded-for": "203.0.113.9", "x-forwarded-prefix": prefix, "x-forwarded-proto": "gopher"})
    assert (scope["root_path"], scope["scheme"]) == ("", "http")


def test_what_is_no_address_cannot_be_named() -> None:
    with pytest.raises(ConfigError, match="'nginx' is no address"):
        Proxies(fine, named=("nginx",))
