"""The page in a real browser: playing, the queue, judgements, a path, the map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.helpers.libraries.strange_songs import SCRIPT
from tests.helpers.web.browser import until
from tests.helpers.web.page import page_at, playing, press_in, titles

MANY = 100_000


def at_play(page: Any) -> str:
    return str(page.inner_text("#player .now-track .title"))


def test_it_plays_by_keys_and_buttons(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=Song+1") as page:
        first, second = titles(page)[:2]
        page.locator("#hits .hit-play").first.click()
        playing(page, first)
        assert page.title() == f"{first} · Antiphon"
        assert page.locator("#hits .hit.playing .title").text_content() == first
        page.locator("#main").focus()
        page.keyboard.press(" ")
        page.wait_for_selector("#player:not(.playing)")
        page.keyboard.press("n")
        playing(page, second)
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("p")
        playing(page, first)
        position = page.locator("#player [aria-label='Position in the track']")
        position.fill("500")
        until(page, "document.querySelector('#player input').getAttribute('aria-valuetext').startsWith('0:1')")
        position.fill("990")
        playing(page, second)  # what follows, once it has ended


def test_flac_sounds_and_what_the_browser_cannot_play_is_told(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=Song+1") as page:
        titles(page)
        page.locator("#hits .hit[data-id=p1] .hit-play").click()
        playing(page, "Song 1")
        page.locator("#words").fill("Song 2")
        until(page, "document.querySelector('#hits .title').textContent === 'Song 2'")
        page.locator("#hits .hit[data-id=p2] .hit-play").click()
        page.wait_for_selector(".toast:has-text('Song 2'):has-text('this browser cannot play')")


def test_the_playing_track_begins_a_queue_and_is_not_queued_behind_itself(browser: Any, address: str) -> None:
    with page_at(browser, address) as page:
        page.fill("#words", "Song 1")
        first, second = titles(page)[:2]
        page.keyboard.press("Enter")
        until(page, "document.activeElement.closest('#hits .hit') !== null")
        page.keyboard.press("Enter")
        playing(page, first)
        page.keyboard.press("a")
        page.wait_for_selector(f".toast:has-text('In the queue already: {first}')")
        press_in(page, page.locator("#hits .hit").nth(1), "a")
        assert page.locator("#panel .queue .title").all_inner_texts() == [first, second]


def test_what_is_told_takes_the_place_of_what_was_told_before(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=number") as page:
        names = [f"Added: {title}" for title in titles(page)]
        for place in (4, 5, 6):
            press_in(page, page.locator("#hits .hit").nth(place), "a")
        [said] = page.locator(".toast").all_text_contents()
        assert said.startswith(names[6])
        page.click("#panel button:has-text('Clear')")
        press_in(page, page.locator("#hits .hit").nth(7), "a")
        [offered, added] = page.locator(".toast").all_text_contents()
        assert (offered, added.startswith(names[7])) == ("The queue is empty.Undo", True)


def test_a_queue_is_put_in_order_by_keys_and_by_dragging(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=number") as page:
        titles(page)
        for place in (1, 2, 3, 4):
            press_in(page, page.locator("#hits .hit").nth(place), "a")
        queued = page.locator("#panel .queue .title")
        first, *others = queued.all_inner_texts()
        page.locator("#panel .entry-play").first.focus()
        page.keyboard.press("Alt+ArrowDown")
        page.keyboard.press("Alt+ArrowDown")
        assert queued.all_inner_texts() == [others[0], others[1], first, others[2]]
        until(page, "document.getElementById('spoken').textContent.endsWith(': 3 of 4')")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Delete")
        assert queued.all_inner_texts() == [others[0], first, others[2]]
        grip, end = (page.locator("#panel .grip").nth(place).bounding_box() for place in (0, 2))
        page.mouse.move(grip["x"] + 5, grip["y"] + 5)
        page.mouse.down()
        page.mouse.move(end["x"] + 5, end["y"] + end["height"] - 3, steps=8)
        page.mouse.up()
        assert queued.all_inner_texts() == [first, others[2], others[0]]
        page.reload()
        page.wait_for_selector("#panel .queue")
        assert queued.all_inner_texts() == [first, others[2], others[0]]


def test_judgements_of_earlier_visits_are_shown_again(browser: Any, address: str, strange: Path) -> None:
    line = {"query": "CALM piano  number", "track_id": "p3", "verdict": "different", "format": 1}
    with (strange / "judgements.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(f"{json.dumps(line)}\n")
    with page_at(browser, address, "?q=calm+piano+number") as page:
        page.wait_for_selector("#hits .hit[data-id=p3] [data-key=d][aria-pressed=true]")
        assert page.locator("#hits .hit[data-id=p3] [data-key=u][aria-pressed=false]").count() == 1


def test_thumbs_are_judgements(browser: Any, address: str, strange: Path) -> None:
    before = strange / "judgements.jsonl"
    before.unlink(missing_ok=True)
    with page_at(browser, address, "?q=calm+piano+number") as page:
        titles(page)
        row = page.locator("#hits .hit").first
        press_in(page, row, "u")
        page.wait_for_selector("#hits .hit [data-key=u][aria-pressed=true]")
        page.wait_for_selector(".toast:has-text('fits. No training learns from it')")
        press_in(page, row, "d")
        page.wait_for_selector("#hits .hit [data-key=d][aria-pressed=true]")
        until(
            page,
            "[...document.querySelectorAll('.toast')].map((one) => one.textContent).join().includes('does not fit.')",
        )
        track = row.get_attribute("data-id")
    lines = (strange / "judgements.jsonl").read_text(encoding="utf-8").splitlines()
    stored = [json.loads(line) for line in lines]
    assert [(one["query"], one["track_id"], one["verdict"]) for one in stored] == [
        ("calm piano number", track, "same"),
        ("calm piano number", track, "different"),
    ]


def test_a_path_is_picked_by_name_and_shown(browser: Any, address: str) -> None:
    with page_at(browser, address, "?view=path") as page:
        for box, name in (("#path-from", "Song 3"), ("#path-to", "Song 15")):
            page.fill(box, name)
            page.wait_for_selector(f"{box}-list [role=option] .title:text-is('{name}')")
            page.keyboard.press("ArrowDown")
            assert page.get_attribute(box, "aria-activedescendant") == f"{box[1:]}-list-0"
            page.keyboard.press("Enter")
            page.wait_for_selector(f".picked:has-text('{name}')")
        page.wait_for_selector(".way .hit")
        shown = page.locator(".way .hit .title").all_text_contents()
        assert (shown[0], shown[-1]) == ("Song 3", "Song 15")
        assert len(set(shown)) == len(shown) > 2
        page.click(".path-result button:has-text('Save as playlist')")
        assert page.input_value("dialog input") == "Song 3 to Song 15"
        page.keyboard.press("Escape")
        page.click("button:has-text('Play the path')")
        playing(page, "Song 3")


def test_a_path_between_two_answers(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=Song+3") as page:
        titles(page)
        press_in(page, page.locator("#hits .hit[data-id=p3]"), "P")
        page.wait_for_selector(".toast:has-text('A path starts at Song 3')")
        page.fill("#words", "Song 9")
        page.wait_for_selector("#hits .hit[data-id=p9]")
        press_in(page, page.locator("#hits .hit[data-id=p9]"), "P")
        page.wait_for_url("**/?view=path&q=Song+9&from=p3&to=p9")
        page.wait_for_selector(".way .hit[data-id=p3]")
        assert page.locator(".toast.offer").count() == 0  # it was picked


def test_the_map_goes_by_keys_and_by_pointer(browser: Any, address: str) -> None:
    with page_at(browser, address, "?view=map&q=number") as page:
        page.wait_for_selector("#map canvas")
        until(page, "document.querySelector('.map-told').textContent === 'Marked: answers to “number”'")
        page.focus("#map canvas")
        page.keyboard.press("ArrowRight")
        first = page.inner_text(".map-tip .title")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowDown")
        second = page.inner_text(".map-tip .title")
        assert second != first
        until(page, f"document.getElementById('spoken').textContent.startsWith({json.dumps(second[:60])})")
        page.keyboard.press("Enter")
        page.wait_for_selector("#player.playing")
        assert at_play(page) == second
        box = page.locator(".map-tip").bounding_box()
        assert box is not None
        assert box["width"] > 20
        assert page.evaluate("document.querySelectorAll('#map script, #map img').length") == 0


def test_a_map_of_a_hundred_thousand_can_still_be_used(browser: Any, address: str) -> None:
    turns = np.linspace(0, 2 * np.pi, MANY, endpoint=False)
    points = np.stack([np.cos(turns), np.sin(turns)], axis=1).round(4).tolist()
    ids = [f"n{n}" for n in range(MANY)]
    body = json.dumps({"points": points, "track_ids": ids, "titles": [SCRIPT, *ids[1:]], "artists": [""] * MANY})
    with page_at(browser, address) as page:
        page.route("**/v1/map", lambda route: route.fulfill(content_type="application/json", body=body))
        page.click("nav [data-view=map]")
        page.wait_for_selector("#map canvas")
        place = page.locator("#map canvas").bounding_box()
        middle, right = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        painted = "(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter(x => x).length)"
        until(page, f"{painted}(document.querySelector('#map canvas')) > 4000")
        page.mouse.move(middle, right)
        for _ in range(5):
            page.mouse.wheel(0, 100)
        page.focus("#map canvas")
        page.keyboard.press("0")
        page.keyboard.press("ArrowUp")
        assert page.locator(".map-tip .title").inner_text() in {SCRIPT, *ids}
        page.click("#map button[aria-label=Closer]")
