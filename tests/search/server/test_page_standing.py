"""The page in a real browser: first visits, work in progress, tokens, guests, a sub-path, and a server that is gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from antiphon.search.server.settings import ServerSettings
from tests.helpers.web.browser import until, until_heard, visited
from tests.helpers.web.page import page_at, titles
from tests.helpers.web.server import serving

TOKEN = "a token that is long enough".replace(" ", "-")
STATUS = {
    "version": "1", "tracks": 1000, "heard": 213, "trained": False, "answers_by": "titles and tags", "next": "",
    "remarks": [], "role": "owner", "fields": [], "jobs": [],
}  # fmt: skip
JOB = {
    "id": "7",
    "kind": "embed",
    "state": "running",
    "step": "embed",
    "done": 213,
    "total": 1000,
    "eta_seconds": 740,
    "message": "",
}


def until_some(page: Any, asked: list[str]) -> None:
    """Wait until something was asked: a press is over before its request is under way."""
    until_heard(page, lambda: asked, "something is asked")


def told(browser: Any, address: str, status: dict[str, Any], look: Callable[[Any, list[str]], None]) -> None:
    """Open the page while the server says this of the library; ``look`` gets the page and what was asked of jobs."""
    asked: list[str] = []

    def job(route: Any) -> None:
        asked.append(f"{route.request.method} {route.request.url.rpartition('/')[2]} {route.request.post_data or ''}")
        route.fulfill(content_type="application/json", body=json.dumps(JOB))

    with visited(browser, address) as found:
        page = found.page
        page.route(
            "**/v1/status", lambda route: route.fulfill(content_type="application/json", body=json.dumps(status))
        )
        page.route("**/v1/jobs**", job)
        page.reload()
        page.wait_for_selector("body[data-view]")
        look(page, asked)


def test_an_empty_library_explains_itself_and_begins(browser: Any, address: str) -> None:
    def look(page: Any, asked: list[str]) -> None:
        page.wait_for_selector("#library:has-text('There is no music here yet')")
        assert "Nothing is ever written to your music" in page.inner_text("#library")
        assert page.locator("#start").is_hidden()
        page.click("#library button:has-text('Read the folder')")
        until_some(page, asked)
        assert asked == ['POST jobs {"kind":"prepare"}']

    told(browser, address, {**STATUS, "tracks": 0, "heard": 0, "answers_by": ""}, look)


def test_while_it_listens_it_says_how_far_and_what_can_be_asked(browser: Any, address: str) -> None:
    def look(page: Any, asked: list[str]) -> None:
        page.wait_for_selector("#library progress")
        shown = page.inner_text("#library")
        assert "213 of 1,000 · about 12 minutes left" in shown
        assert "You can ask already; answers come from titles and tags." in shown
        assert page.get_attribute("#library progress", "value") == "213"
        assert page.inner_text("#library [aria-current=step]").strip().endswith("Listen")
        page.click("#library button:has-text('Stop')")
        until(page, "document.getElementById('spoken').textContent.startsWith('Stopping')")
        assert asked == ["DELETE 7 "]

    told(browser, address, {**STATUS, "jobs": [JOB]}, look)


def test_the_foot_counts_what_cannot_be_heard(browser: Any, address: str) -> None:
    def look(page: Any, _asked: list[str]) -> None:
        page.wait_for_selector(".about:has-text('1,000 tracks, all but 2 heard and learned from')")

    told(browser, address, {**STATUS, "heard": 1000, "failed": 2, "trained": True}, look)


def test_what_every_answer_says_is_no_remark(browser: Any, address: str) -> None:
    def look(page: Any, _asked: list[str]) -> None:
        page.wait_for_selector("summary:text-is('About this library')")
        assert "Searched 1,000 tracks" in page.text_content("details.about")

    said = {**STATUS, "heard": 1000, "trained": True, "remarks": ["Searched 1,000 tracks with it."]}
    told(browser, address, said, look)


def test_filters_offer_what_says_something_of_the_music(browser: Any, address: str) -> None:
    def look(page: Any, _asked: list[str]) -> None:
        page.click("#filters button:has-text('Filter')")
        assert page.locator("#filter-field option").all_text_contents() == ["genre", "bpm"]

    names = ("encoder_settings", "bpm", "Encoded By", "genre", "encoder", "caption_made")
    fields = [{"name": name, "type": "text", "examples": ["Lavf59"]} for name in names]
    fields += [{"name": "artist", "type": "text", "examples": []}]  # that no track has
    fields += [{"name": "year", "type": "number", "examples": [None, None]}]
    told(browser, f"{address}?q=Song+4", {**STATUS, "fields": fields}, look)


def test_where_no_track_has_a_field_the_filter_says_so(browser: Any, address: str) -> None:
    def look(page: Any, _asked: list[str]) -> None:
        page.click("#filters button:has-text('Filter')")
        assert page.inner_text("#filter-told").startswith("No track of this library has a genre, an artist")

    fields = [{"name": name, "type": "text", "examples": []} for name in ("artist", "album", "title")]
    told(browser, f"{address}?q=Song+4", {**STATUS, "fields": fields}, look)


def test_what_comes_next_is_offered_and_what_failed_is_told(browser: Any, address: str) -> None:
    def look(page: Any, asked: list[str]) -> None:
        page.wait_for_selector("#library:has-text('it stopped')")
        assert "<b>disk</b> full" in page.inner_text("#library .wrong")
        page.click("#library button:has-text('Close')")
        page.wait_for_selector("#library:has-text('Everything has been listened to')")
        page.click("#library button:has-text('Train')")
        until_some(page, asked)
        assert asked == ['POST jobs {"kind":"train"}']

    failed = {**JOB, "state": "failed", "message": "<b>disk</b> full"}
    told(browser, address, {**STATUS, "heard": 1000, "jobs": [failed]}, look)


def test_what_is_new_since_the_last_training_is_told_with_one_button_that_learns_it(browser: Any, address: str) -> None:
    new = "New since what answers was trained: 3 descriptions by people."
    said = {"unlearned": new, "training": "muq@mpnet", "next": "Next: antiphon embed --text minilm"}
    status = {**STATUS, "heard": 1000, "trained": True, **said}
    again = "What answers now is trained again, with its own encoders and settings: muq@mpnet."

    def look(page: Any, asked: list[str]) -> None:
        page.wait_for_selector("#library:has-text('There is something new to learn from')")
        assert new in page.inner_text("#library")
        assert again in page.inner_text("#library")
        assert "1,000 tracks, all heard ·" in page.inner_text("p.about")  # and not all learned from
        assert "In a shell" not in page.inner_text("#library")  # one button, and no command that does a part of it
        page.click("#library button:has-text('Learn again')")
        until_some(page, asked)
        assert asked == ['POST jobs {"kind":"train"}']
        status["jobs"] = [{**JOB, "kind": "train", "step": "train"}]
        page.wait_for_selector("#library:has-text('Learning how words and music belong together')")
        status.update(jobs=[{**JOB, "kind": "train", "state": "done"}], unlearned="")
        page.wait_for_selector(".toast:has-text('It has learned what was new')")
        page.wait_for_selector("#library", state="hidden")

    told(browser, address, status, look)


def test_between_a_trainings_end_and_its_answers_no_other_training_is_offered(browser: Any, address: str) -> None:
    status = {**STATUS, "heard": 1000, "jobs": [{**JOB, "kind": "train", "step": "train", "message": "timbre+harmony"}]}

    def look(page: Any, asked: list[str]) -> None:
        page.wait_for_selector("#library:has-text('Learning how words and music belong together')")
        assert "21 %" in page.inner_text("#library")
        assert not page.is_visible("#library :text('timbre+harmony')")  # names of encoders stand in the details
        page.click("#library summary")
        status["jobs"] = [{**JOB, "kind": "train", "step": "index", "message": "", "total": 0, "done": 0}]
        page.wait_for_selector("#library:has-text('Making what was learned ready')")
        assert page.get_attribute("#library progress", "value") is None
        assert "0 of 0" not in page.inner_text("#library")
        status["jobs"] = [{**JOB, "kind": "train", "state": "done"}]
        page.wait_for_selector("#library:has-text('It has learned')")
        assert page.locator("#library button").count() == 0
        status["trained"] = True
        page.wait_for_selector("#library", state="hidden", timeout=40_000)  # asked again soon, not in a minute
        assert asked == []

    told(browser, address, status, look)


def test_a_locked_library_opens_with_its_token(browser: Any, strange: Path) -> None:
    settings = ServerSettings(port=0, tokens=(TOKEN,))
    with serving(strange, settings) as locked, page_at(browser, locked, "?q=Song+4") as page:
        page.wait_for_selector("dialog[open]")
        page.fill("dialog input", "a wrong token that is long")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog .wrong:has-text('none of the server')")
        page.fill("dialog input", TOKEN)
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog", state="detached")
        assert titles(page)[0] == "Song 4"
        assert (
            page.evaluate("document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)").find(TOKEN)
            < 0
        )
        page.locator("#hits .hit-play").first.click()
        page.wait_for_selector("#player.playing")


def test_a_guest_is_shown_what_guests_may_do(browser: Any, strange: Path) -> None:
    settings = ServerSettings(port=0, tokens=(TOKEN,), guests=True)
    with serving(strange, settings) as open_to_all, page_at(browser, open_to_all, "?q=Song+4") as page:
        assert titles(page)[0] == "Song 4"
        assert page.locator("[data-key=u]").count() == 0
        assert page.is_visible("#unlock")
        page.click("#help")
        assert "it fits, it does not" not in page.inner_text("dialog")  # and no key for what is an owner's
        page.click("dialog button:has-text('Close')")
        assert page.is_hidden("nav [data-view=playlists]")
        page.click("#answers button:has-text('Save as playlist')")
        assert page.locator("dialog button").all_inner_texts() == ["Cancel", "Download .m3u8"]
        page.goto(f"{open_to_all}?view=playlists")
        page.wait_for_selector("#playlists:has-text('sees its playlists here after signing in')")
        assert page.locator("#playlists .doubt").count() == 0


def test_who_signs_in_is_offered_an_owners_work_at_once(browser: Any, strange: Path) -> None:
    settings = ServerSettings(port=0, tokens=(TOKEN,), guests=True)
    with serving(strange, settings) as open_to_all, page_at(browser, open_to_all) as page:
        page.wait_for_selector("#library h2")
        assert page.locator("#job-start").count() == 0
        page.click("#unlock")
        page.fill("dialog input", TOKEN)
        page.keyboard.press("Enter")
        page.wait_for_selector("#unlock", state="hidden")
        assert page.locator("#job-start").count() == 1


def test_under_a_path_of_a_proxy_it_asks_for_nothing_outside(browser: Any, address: str) -> None:
    asked: list[str] = []

    def proxied(route: Any) -> None:
        asked.append(route.request.url)
        route.continue_(url=route.request.url.replace("/antiphon/", "/", 1))

    with page_at(browser, address) as page:
        page.wait_for_selector(".wall .tile")  # what the first visit asks for has been asked for
        page.goto("about:blank")  # and it asks for nothing more
        page.route("**", proxied)
        page.goto(f"{address}antiphon/?q=Song+4")
        assert titles(page)[0] == "Song 4"
        page.locator("#hits .hit-play").first.click()
        page.wait_for_selector("#player.playing")
        page.click("nav [data-view=map]")
        page.wait_for_selector("#map canvas")
        page.click(".brand")
        page.wait_for_selector("#start:not([hidden])")
        assert page.url == f"{address}antiphon/"
    assert [url for url in asked if not url.startswith(f"{address}antiphon/")] == []


def test_a_server_that_is_gone_is_told_and_found_again(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=Song+4") as page:
        titles(page)
        page.route("**/v1/**", lambda route: route.abort())
        page.fill("#words", "Song 5")
        page.wait_for_selector("#trouble:has-text('The server does not answer')")
        assert titles(page)[0] == "Song 4"
        page.unroute("**/v1/**")
        page.click("#trouble button")
        until(page, "document.querySelector('#hits .title').textContent === 'Song 5'")
        assert page.locator("#trouble").is_hidden()
