"""The page in a real browser: asking, filters, why, strange titles, every width, light and dark."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.libraries.strange_songs import LONG, SCRIPT, TURNED
from tests.helpers.web.browser import until, until_heard
from tests.helpers.web.page import page_at, titles


def test_it_answers_as_one_types_and_the_address_says_what_was_asked(browser: Any, address: str) -> None:
    with page_at(browser, address) as page:
        page.keyboard.press("/")
        page.keyboard.type("Song 7", delay=20)
        page.wait_for_url("**/?q=Song+7")
        until(page, "document.querySelector('#hits .title')?.textContent === 'Song 7'")
        until(page, "document.getElementById('spoken').textContent.includes('First: Song 7')")
        page.locator("#words").fill("Song 9")
        page.wait_for_url("**/?q=Song+9")
        page.reload()
        until(page, "document.querySelector('#hits .title')?.textContent === 'Song 9'")


def test_what_is_being_typed_stays_where_the_page_is_drawn_anew(browser: Any, address: str) -> None:
    with page_at(browser, address) as page:
        page.locator("#words").focus()
        page.evaluate(
            """() => {
                const box = document.getElementById("words");
                box.value = "Song 7";
                box.dispatchEvent(new Event("input"));
                dispatchEvent(new PopStateEvent("popstate"));
            }"""
        )
        page.wait_for_url("**/?q=Song+7")
        until(page, "document.querySelector('#hits .title')?.textContent === 'Song 7'")


def test_the_back_button_goes_back_by_questions_and_not_by_letters(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=Song+3") as page:
        assert titles(page)[0] == "Song 3"
        page.locator("#hits .hit").first.locator("[data-key=m]").click()
        page.wait_for_url("**/?like=p3")
        page.wait_for_selector(".seed:has-text('Song 3')")
        until(page, "document.querySelector('#hits .title')?.textContent !== 'Song 3'")
        page.go_back()
        until(page, "document.querySelector('#hits .title')?.textContent === 'Song 3'")
        assert page.input_value("#words") == "Song 3"


def test_while_an_answer_takes_its_time_it_says_that_it_searches(browser: Any, address: str) -> None:
    with page_at(browser, address) as page:
        held: list[Any] = []
        page.route("**/v1/search", lambda route: held.append(route))
        page.fill("#words", "Song 1")
        page.wait_for_selector("#answers-title:has-text('Searching …')")
        assert not page.is_visible("#answers-tools button")
        until_heard(page, lambda: held, "the question is under way")
        held[0].continue_()
        until(page, "document.querySelector('#hits .title')?.textContent === 'Song 1'")
        assert "answer" in page.inner_text("#answers-title")
        assert page.get_attribute("#answers", "aria-busy") is None


def test_an_answer_that_comes_late_is_dropped(browser: Any, address: str) -> None:
    with page_at(browser, address) as page:
        held: list[Any] = []
        page.route("**/v1/search", lambda route: held.append(route) if not held else route.continue_())
        page.fill("#words", "Song 1")
        until(page, "location.search === '?q=Song+1'")
        until_heard(page, lambda: held, "the first question is under way")
        page.fill("#words", "Song 12")
        until(page, "document.querySelector('#hits .title')?.textContent === 'Song 12'")
        held[0].abort()
        assert titles(page)[0] == "Song 12"


def test_an_answer_says_why_it_is_one(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=calm+piano+number+5") as page:
        row = page.locator("#hits .hit", has_text="Song 5").first
        row.locator(".hit-play").focus()
        page.keyboard.press("w")
        row.locator(".why h3").first.wait_for()
        assert "calm piano number 5" in row.locator(".captions").first.inner_text()
        assert row.locator("dt").all_inner_texts() == ["genre", "year"]
        assert row.locator("[data-key=w]").get_attribute("aria-expanded") == "true"


@pytest.mark.parametrize(("remark", "said"), [("Left out: drums.", ["fits very well"]), ("Nothing here may fit.", [])])
def test_how_well_it_fits_is_said_in_words_unless_nothing_may_fit(
    browser: Any, address: str, remark: str, said: list[str]
) -> None:
    with page_at(browser, address) as page:

        def calibrated(route: Any) -> None:
            told = route.fetch().json()
            told["hits"] = [{**told["hits"][0], "better_than": 98.7}]
            route.fulfill(json={**told, "remarks": [remark]})

        page.route("**/v1/search", calibrated)
        page.fill("#words", "Song 6")
        titles(page)
        assert page.locator("#hits .fit > span:not(.meter, .unseen)").all_text_contents() == said
        assert page.locator("#remarks .doubt").count() == (0 if said else 1)
        spoken = page.locator("#hits .fit .unseen").all_text_contents()
        assert spoken == [". Scores above 98.7 % of the tracks that test questions did not mean."] * len(said)


def test_titles_are_words_whatever_stands_in_them(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=number") as page:
        page.locator("#more-button").click()
        until(page, "document.querySelectorAll('#hits .hit').length === 28")
        shown = titles(page)
        assert {SCRIPT, TURNED, LONG.strip(), "s4 no title"} <= set(shown)
        assert page.locator("#hits script, #hits img").count() == 0
        assert page.title() == "number · Antiphon"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert max(page.evaluate("[...document.querySelectorAll('.hit')].map(hit => hit.offsetHeight)")) < 160
        assert page.locator("#hits .title").evaluate_all("all => all.every(one => one.dir === 'auto')")


def test_a_filter_is_picked_and_taken_away(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=number") as page:
        titles(page)
        page.click("#filters button:has-text('Filter')")
        page.select_option("#filter-field", "genre")
        page.click("#filter-panel button:has-text('hard bop')")
        page.wait_for_url("**&where=genre+%3D+%22hard+bop%22")
        until(page, "document.querySelectorAll('#hits .hit').length === 9")
        page.select_option("#filter-field", "year")
        page.fill("#filter-panel [aria-label='year from']", "1975")
        page.click("#filter-panel button:has-text('Set')")
        until(page, "document.querySelectorAll('#hits .hit').length === 4")
        page.click("#filters .chip.on:has-text('year from 1975')")
        until(page, "document.querySelectorAll('#hits .hit').length === 9")


def test_what_picks_filters_is_closed_by_its_button_by_escape_and_where_there_are_no_answers(
    browser: Any, address: str
) -> None:
    with page_at(browser, address, "?q=number") as page:
        panel, opener = page.locator("#filter-panel"), page.locator("#filters button:has-text('Filter')")
        for close in (lambda: page.click("[aria-label='Close the filter']"), lambda: page.keyboard.press("Escape")):
            opener.click()
            assert panel.is_visible()
            page.focus("#filter-field")
            close()
            assert not panel.is_visible()
            assert page.evaluate("document.activeElement.getAttribute('aria-controls')") == "filter-panel"
        opener.click()
        page.click("nav [data-view=map]")
        page.wait_for_selector("#map canvas")
        assert not panel.is_visible()
        page.click("nav [data-view=search]")
        titles(page)
        assert not panel.is_visible()


def test_on_the_map_a_filter_is_named_and_a_wrong_one_can_be_closed(browser: Any, address: str) -> None:
    with page_at(browser, address, "?view=map&q=number&where=year%20%3E%201970") as page:
        said = "Marked: answers to “number” where year > 1970"
        until(page, f"document.querySelector('.map-told')?.textContent === '{said}'")
    with page_at(browser, address, "?view=map&q=number&where=gnre%20=%20jazz") as page:
        page.wait_for_selector(".filter-place mark")
        page.click("[aria-label='Close the filter']")
        assert not page.is_visible("#filter-panel")


def test_a_wrong_filter_is_marked_where_it_is_wrong(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=number&where=year+%3E+1970+and+gnre+%3D+jazz") as page:
        page.wait_for_selector(".filter-place mark")
        assert page.inner_text(".filter-place mark") == "gnre"
        assert "no field" in page.inner_text("#filter-told")
        box = page.locator("#filter-text")
        assert box.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == "gnre"
        box.fill("year > 1970 and genre = jazz")
        box.press("Enter")
        page.wait_for_selector("#hits .hit")
        assert page.locator("#filter-text[aria-invalid]").count() == 0


def test_keys_go_through_the_answers(browser: Any, address: str) -> None:
    focused = "document.activeElement.closest('.hit')?.dataset.id"
    with page_at(browser, address, "?q=number") as page:
        titles(page)
        ids = page.locator("#hits .hit").evaluate_all("all => all.map(one => one.dataset.id)")
        page.focus("#words")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("j")
        assert page.evaluate(focused) == ids[1]
        page.keyboard.press("k")
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.id") == "words"
        page.keyboard.press("Enter")
        assert page.evaluate(focused) == ids[0]
        page.keyboard.press("?")
        assert page.locator("dialog[open] h2").first.inner_text() == "Keys"
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")


@pytest.mark.parametrize("width", [320, 360, 768, 1920])
def test_no_width_has_to_be_scrolled_sideways(browser: Any, address: str, width: int) -> None:
    with page_at(browser, address, "?q=number", width=width, height=740, has_touch=width < 700) as page:
        titles(page)
        page.locator("#hits .hit [data-key=w]").first.click()
        page.locator("#hits .hit-play").first.click()
        page.wait_for_selector("#player:not([hidden])")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for view in ("path", "map", "playlists"):
            page.click(f"nav [data-view={view}]")
            page.wait_for_selector(f"#{view}:not([hidden]) :is(h1, h2)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_follows_the_machine_and_the_button_and_is_remembered(browser: Any, address: str) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    with page_at(browser, address, color_scheme="light") as page:
        light = page.evaluate(ground)
    with page_at(browser, address, color_scheme="dark") as page:
        dark = page.evaluate(ground)
        assert dark != light
        page.click("#theme")
        assert page.evaluate(ground) == light
        page.reload()
        page.wait_for_selector("body[data-view]")
        assert page.evaluate(ground) == light
