"""A real browser for tests of pages: Chromium of the machine, driven by Playwright, started once a process.

A test asks for the fixture ``browser`` (of ``tests/conftest.py``) and opens files with :func:`opened`, which watches
for errors of scripts and for anything that the page asks of a network.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.processes.waiting import LONG_S
from tests.helpers.processes.waiting import until as holds

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "Pages are NOT tested: {} (make browser installs Chromium on Debian and Ubuntu)."


@dataclass
class Opened:
    """A page in a browser, with what went wrong and what it asked for.

    Parameters
    ----------
    page : Playwright's.
    complaints : errors on its console, and those that its scripts raised.
    requests : addresses that it asked for beside its own file and what stands inside it.
    """

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def find_browser() -> str | None:
    """Where Chromium is."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Any]:
    """Chromium without a window; the test is skipped, and says why, where there is none."""
    place = find_browser()
    if place is None:
        pytest.skip(MISSING.format("there is no Chromium here"))
    driver = pytest.importorskip("playwright.sync_api", reason=MISSING.format("playwright is not installed"))
    with tempfile.TemporaryDirectory(prefix="antiphon-browser-") as home, driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=place,
            headless=True,
            args=list(FLAGS),
            env={"HOME": home, "PATH": "/usr/bin:/bin"},
            timeout=1000 * LONG_S,
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Any, file: Path, *, width: int = 1200, height: int = 900, **options: Any) -> Iterator[Opened]:
    """Open a file in a window of its own.

    Parameters
    ----------
    width, height : of the window, CSS pixels.
    options : Playwright's, such as ``color_scheme="dark"``, ``has_touch=True`` or ``java_script_enabled=False``.
    """
    with _window(browser, file.resolve().as_uri(), width, height, options) as found:
        yield found


@contextmanager
def visited(
    browser: Any, address: str, path: str = "", *, width: int = 1200, height: int = 900, **options: Any
) -> Iterator[Opened]:
    """Open a page of a server in a window of its own; what it asks of that server is no foreign request.

    Parameters
    ----------
    path : behind the server's address.
    """
    with _window(browser, address, width, height, options, path) as found:
        yield found


def until(page: Any, expression: str) -> None:
    """Wait until something holds in a page.

    Playwright's own wait evaluates inside the page, which a strict content security policy forbids, rightly.
    """
    until_heard(page, lambda: page.evaluate(expression), expression)


def until_heard(page: Any, heard: Callable[[], object], what: str) -> None:
    """Wait until something holds here that a page brings about: it asked for something, which is under way yet."""
    holds(heard, what, pause=lambda seconds: page.wait_for_timeout(1000 * seconds))


@contextmanager
def _window(
    browser: Any, own: str, width: int, height: int, options: dict[str, Any], path: str = ""
) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    page.set_default_timeout(1000 * LONG_S)
    found = Opened(page)
    page.on("console", lambda message: found.complaints.append(message.text) if message.type in _WRONG else None)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url) if _is_foreign(request.url, own) else None)
    page.goto(own + path)
    try:
        yield found
    finally:
        context.close()


_WRONG = ("error", "warning")


def _is_foreign(url: str, own: str) -> bool:
    served = own.endswith("/") and url.startswith(own)
    return not served and url.split("#")[0] != own and not url.startswith(("data:", "blob:"))
