"""The server's page in a browser, watched for errors of its scripts and for requests to elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.helpers.web.browser import until, visited


@contextmanager
def page_at(browser: Any, address: str, path: str = "", **options: Any) -> Iterator[Any]:
    """The page, once it has heard of the library; a request to elsewhere, or an error of a script, fails the test."""
    with visited(browser, address, path, **options) as found:
        found.page.wait_for_selector("body[data-view]")
        yield found.page
    assert found.requests == []
    assert [told for told in found.complaints if "Failed to load resource" not in told] == []


def titles(page: Any) -> list[str]:
    """Of the answers that are shown, once there are some.

    By their text contents: the inner text of a row that is not drawn yet (``content-visibility: auto``) is empty.
    """
    page.wait_for_selector("#hits .hit")
    found: list[str] = page.locator("#hits .hit > .text > .title").all_text_contents()
    return found


def press_in(page: Any, row: Any, key: str) -> None:
    """A key while the focus is on an answer."""
    row.locator(".hit-play").focus()
    page.keyboard.press(key)


def playing(page: Any, title: str) -> None:
    """Wait until a track plays, and sounds."""
    page.wait_for_selector(f"#player.playing .title:text-is('{title}')")
    until(page, "document.querySelector('#player input').getAttribute('aria-valuetext') !== '0:00 of 0:20'")
