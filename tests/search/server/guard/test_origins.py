"""What pages of other sites may have a visitor's browser do: nothing."""

from __future__ import annotations

import pytest

from antiphon.search.server.guard.origins import Origins
from tests.helpers.web.asgi import Answer, ask, fine, request

JSON = {"content-type": "application/json", "content-length": "2"}
HERE = "http://127.0.0.1:8337"


def asked(method: str, headers: dict[str, str], path: str = "/v1/search", told: tuple[str, ...] = ()) -> Answer:
    return ask(Origins(fine, told=told), request(method, path, headers), [b"{}"])


@pytest.mark.parametrize("site", ["cross-site", "same-site", "made-up"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "OPTIONS"])
def test_a_request_of_another_sites_page_is_refused_whatever_it_does(site: str, method: str) -> None:
    assert asked(method, {**JSON, "sec-fetch-site": site, "sec-fetch-mode": "cors"}).refused == "origin"


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_page_and_the_address_bar_are_answered(site: str) -> None:
    assert asked("POST", {**JSON, "sec-fetch-site": site, "origin": HERE}).status == 200


def test_a_link_from_another_site_is_followed_and_its_form_is_not() -> None:
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert asked("GET", followed, "/").status == 200
    assert asked("POST", {**JSON, **followed}).refused == "origin"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "null", "http://127.0.0.1:4533", "http://127.0.0.1", "http://127.0.0.1:8337.evil.example",
        "ftp://127.0.0.1:8337", "http://[", "",
    ],
)  # fmt: skip
def test_where_a_browser_says_its_origin_alone_that_has_to_be_ours(origin: str) -> None:
    assert asked("POST", {**JSON, "origin": origin}).refused == "origin"
    assert asked("POST", {**JSON, "origin": HERE}).status == 200


def test_several_origins_are_none() -> None:
    scope = request("POST", "/v1/search", {**JSON, "origin": HERE})
    scope["headers"].append((b"origin", b"http://evil.example"))
    assert ask(Origins(fine), scope).refused == "origin"


def test_an_origin_that_was_told_may_ask() -> None:
    headers = {**JSON, "origin": "https://music.example.com", "sec-fetch-site": "cross-site"}
    assert asked("POST", headers, told=("https://Music.example.com/",)).status == 200
    assert asked("POST", headers, told=("https://other.example.com",)).refused == "origin"


def test_a_program_that_is_no_browser_says_nothing_of_where_it_comes_from() -> None:
    assert asked("POST", JSON).status == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
def test_a_body_that_a_form_of_any_site_can_send_is_refused(kind: str) -> None:
    assert asked("POST", {"content-length": "2", "content-type": kind}).status == 415
    assert asked("DELETE", {"transfer-encoding": "chunked", "content-type": kind}).status == 415


def test_json_with_a_charset_a_request_without_a_body_and_subsonics_forms_pass() -> None:
    assert asked("POST", {"content-length": "2", "content-type": "Application/JSON; charset=utf-8"}).status == 200
    assert asked("POST", {"content-length": "0"}, "/api/clap/warmup").status == 200
    form = {"content-length": "9", "content-type": "application/x-www-form-urlencoded"}
    assert asked("POST", form, "/rest/getSonicSimilarTracks.view").status == 200
