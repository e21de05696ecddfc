"""Nothing on the page bars anybody: every view as axe-core judges it, names, roles, landmarks and contrast."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from antiphon.search.server.served import Served
from antiphon.search.server.settings import ServerSettings
from tests.helpers.web.browser import until
from tests.helpers.web.page import page_at, titles
from tests.helpers.web.server import serving

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 390, "height": 844, "has_touch": True}
JOB = {
    "id": 1, "kind": "embed", "state": "running", "step": "embed", "done": 3, "total": 28, "eta_seconds": 90,
    "message": "timbre", "fix": None,
}  # fmt: skip
Act = Callable[[Any], None]


def barriers(page: Any, rules: list[str] = RULES) -> list[str]:
    page.mouse.move(1, 1)
    found = Axe().run(page, options={"runOnly": rules}).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}" for one in found for node in one["nodes"]
    ]


def asked(page: Any) -> None:
    titles(page)
    page.locator("#hits .hit [data-key=w]").first.click()
    page.wait_for_selector(".why h3")
    page.locator("#hits .hit-play").nth(1).click()
    page.wait_for_selector("#panel .queue")
    page.click("#filters button:has-text('Filter')")


def queued(page: Any) -> None:
    titles(page)
    page.locator("#hits .hit-play").nth(3).click()
    page.click("#queue-button")
    page.wait_for_selector("#panel.open .queue")


def picking(page: Any) -> None:
    page.fill("#path-from", "Song")
    page.wait_for_selector("#path-from-list [role=option]")
    page.keyboard.press("ArrowDown")


def walked(page: Any) -> None:
    page.wait_for_selector(".way .hit")


def mapped(page: Any) -> None:
    page.wait_for_selector("#map canvas")
    page.focus("#map canvas")
    page.keyboard.press("ArrowRight")


def listed(page: Any) -> None:
    page.wait_for_selector(".saved li")


def started(page: Any) -> None:
    page.wait_for_selector(".wall .tile")
    page.locator("#start summary").click()


def helped(page: Any) -> None:
    page.click("#help")
    page.wait_for_selector("dialog[open]")


def saving(page: Any) -> None:
    titles(page)
    page.click("#answers button:has-text('Save as playlist')")
    page.wait_for_selector("dialog[open]")


def changing(page: Any, what: str) -> None:
    page.wait_for_selector(".saved li")
    page.locator(f".saved-tools [aria-label^={what}]").first.click()
    page.wait_for_selector("dialog[open]")


VIEWS: dict[str, tuple[str, Act, dict[str, Any]]] = {
    "start": ("", started, {}),
    "answers": ("?q=number", asked, {}),
    "queue": ("?q=number", queued, PHONE),
    "path": ("?view=path&from=p3&to=p15", walked, {}),
    "picking": ("?view=path", picking, {}),
    "map": ("?view=map&q=number", mapped, {}),
    "playlists": ("?view=playlists", listed, {}),
    "help": ("", helped, {}),
    "renaming": ("?view=playlists", lambda page: changing(page, "Rename"), PHONE),
    "deleting": ("?view=playlists", lambda page: changing(page, "Delete"), {}),
    "saving": ("?q=number", saving, {}),
}
STATES: dict[str, dict[str, Any]] = {
    "empty": {"tracks": 0, "heard": 0},
    "working": {"jobs": [JOB]},
    "failed": {"jobs": [{**JOB, "state": "failed", "message": "The disk is full.", "fix": "Make room."}]},
    "unheard": {"heard": 0},
    "untrained": {"heard": 28, "jobs": []},
}


@pytest.fixture(scope="module")
def with_playlist(address: str, strange: Path) -> str:
    Served(strange).save_playlist("Evening", ["p1", "p3"])
    return address


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "view", [name if name == "answers" else pytest.param(name, marks=pytest.mark.slow) for name in VIEWS]
)
def test_no_view_has_a_barrier(browser: Any, with_playlist: str, view: str, scheme: str) -> None:
    path, act, options = VIEWS[view]
    with page_at(browser, with_playlist, path, color_scheme=scheme, reduced_motion="reduce", **options) as page:
        act(page)
        assert barriers(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_no_state_of_a_library_has_a_barrier(browser: Any, address: str, state: str) -> None:
    with page_at(browser, address, reduced_motion="reduce") as page:

        def told(route: Any) -> None:
            status = {**route.fetch().json(), **STATES[state]}
            route.fulfill(content_type="application/json", body=json.dumps(status))

        page.route("**/v1/status", told)
        page.reload()
        page.wait_for_selector("#library h2")
        assert barriers(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_guests_and_strangers_meet_no_barrier(browser: Any, strange: Path, scheme: str) -> None:
    token = "a-token-that-is-long-enough"
    options = {"color_scheme": scheme, "reduced_motion": "reduce"}
    with (
        serving(strange, ServerSettings(port=0, tokens=(token,), guests=True)) as for_guests,
        page_at(browser, for_guests, "?view=playlists", **options) as page,
    ):
        page.wait_for_selector("#playlists:has-text('owner')")
        assert barriers(page) == []
        page.click("#unlock")
        page.wait_for_selector("dialog[open]")
        until(page, "document.activeElement.type === 'password'")
        assert barriers(page) == []
