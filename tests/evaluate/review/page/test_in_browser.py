"""The review's page in a real browser: keys, what is stored, strange captions, every width, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from antiphon.evaluate.review.page.server import ReviewServer
from antiphon.library.judgements.file import read_judgements
from tests.helpers.evaluated.reviewed import STRANGE, serving
from tests.helpers.processes.waiting import LONG_S


@contextmanager
def opened(browser: Any, server: ReviewServer, *, width: int = 1200, **options: Any) -> Iterator[Any]:
    """The page, loaded; a script that fails, or a request to elsewhere, fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 850}, **options)
    page, wrong = context.new_page(), []
    page.set_default_timeout(1000 * LONG_S)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(own) else None)
    own = server.guard.address
    page.goto(own)
    page.wait_for_selector("#pair:not([hidden])")
    try:
        yield page
    finally:
        context.close()
    assert not wrong


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ReviewServer]:
    with serving(tmp_path, graded=getattr(request, "param", False)) as found:
        yield found


def stored(server: ReviewServer) -> list[tuple[str, int | None]]:
    return [(each.verdict, each.grade) for each in read_judgements(server.queue.library.root).lines]


def test_keys_judge_go_back_and_end(browser: Any, server: ReviewServer) -> None:
    with opened(browser, server) as page:
        assert page.inner_text("#query") == "quiet piano"
        page.keyboard.press("s")
        page.wait_for_selector("#query:has-text('calm & quiet')")
        assert page.inner_text("#query") == STRANGE
        assert page.locator("#query script").count() == 0
        assert page.evaluate("document.activeElement.id") == "question"
        page.keyboard.press("b")
        assert page.get_attribute("#verdicts .same", "aria-pressed") == "true"
        page.keyboard.press("d")
        page.wait_for_selector("#progress:has-text('2 of 3 · 1 different')")
        page.click("#verdicts .unsure")
        page.wait_for_selector("#progress:has-text('3 of 3')")
        page.keyboard.press("n")
        assert page.inner_text("#done-text") == "2 of 3 pairs are judged and stored in judgements.jsonl."
    assert stored(server) == [("same", None), ("different", None), ("unsure", None)]


@pytest.mark.parametrize("server", [True], indirect=True)
def test_grades_have_keys_of_their_own(browser: Any, server: ReviewServer) -> None:
    with opened(browser, server) as page:
        for key, place in (("1", "2"), ("4", "3")):
            page.keyboard.press(key)
            page.wait_for_selector(f"#progress:has-text('{place} of 3')")
    assert stored(server) == [("different", 0), ("same", 3)]


def test_a_verdict_that_could_not_be_stored_is_said_and_asked_again(browser: Any, server: ReviewServer) -> None:
    with opened(browser, server) as page:
        page.route("**/verdict", lambda route: route.abort())
        page.keyboard.press("s")
        page.wait_for_selector("#trouble:not([hidden])")
        assert page.inner_text("#trouble").startswith("Not stored")
        assert page.inner_text("#query") == "quiet piano"
    assert stored(server) == []


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (760, "dark"), (1400, "light")])
@pytest.mark.parametrize("server", [False, True], indirect=True)
def test_no_width_has_to_be_scrolled_sideways(browser: Any, server: ReviewServer, width: int, scheme: str) -> None:
    with opened(browser, server, width=width, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        low = page.evaluate(
            "Math.max(...[...document.querySelectorAll('#verdicts button')].map(b => b.scrollWidth - b.clientWidth))"
        )
        assert low <= 0


def test_every_control_has_a_name(browser: Any, server: ReviewServer) -> None:
    with opened(browser, server) as page:
        named = page.evaluate(
            "[...document.querySelectorAll('button, audio, progress, [role=group], ul')].filter(e => e.offsetParent)"
            ".map(e => e.getAttribute('aria-label') || e.innerText.trim())"
        )
        assert all(named)
        assert page.get_attribute("#found-player audio", "aria-label") == "What the search found: a"
