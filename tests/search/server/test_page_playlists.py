"""The page in a real browser: playlists that are saved, listed, played, renamed and deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from antiphon.search.playlists.kept import Form, KeptQuestion, keep, named_file
from antiphon.search.playlists.question import Question
from antiphon.search.server.served import Served
from tests.helpers.web.browser import until
from tests.helpers.web.page import page_at, playing, press_in, titles


def test_a_queue_is_built_kept_and_saved_as_a_playlist(browser: Any, address: str, strange: Path) -> None:
    with page_at(browser, address, "?q=number") as page:
        titles(page)
        for place in (4, 5, 6):
            press_in(page, page.locator("#hits .hit").nth(place), "a")
        queued = page.locator("#panel .queue .title")
        before = queued.all_inner_texts()
        page.locator("#panel .entry").nth(0).hover()
        page.locator("#panel .entry").nth(0).get_by_role("button", name="Move down").click()
        assert queued.all_inner_texts() == [before[1], before[0], before[2]]
        assert page.evaluate("document.activeElement.dataset.place") == "down1"  # it goes with the track
        page.locator("#panel .entry").nth(2).hover()
        page.locator("#panel .entry").nth(2).get_by_role("button", name="Remove").click()
        page.reload()
        page.wait_for_selector("#panel .queue")
        page.wait_for_selector("#hits [data-key=u]")  # who asks is known by then: owners alone save
        assert queued.all_inner_texts() == [before[1], before[0]]
        page.click("#panel button:has-text('Save as playlist')")
        page.fill("dialog input", "Late evening")
        with page.expect_download() as given:
            page.click("dialog button:has-text('Download')")
        lines = Path(given.value.path()).read_text(encoding="utf-8").splitlines()
        assert lines[0] == "#EXTM3U"
        assert [line.rpartition(" - ")[2] for line in lines[1::2]] == [before[1], before[0]]
        page.click("dialog button:has-text('Save in the library')")
        page.wait_for_selector(".toast:has-text('Saved: Late evening')")
        page.click("nav [data-view=playlists]")
        saved = page.locator(".saved > li", has=page.locator(".title:text-is('Late evening')"))  # others may lie there
        assert saved.locator(".by").inner_text() == "2 tracks"
        saved.locator(".saved-name").click()
        saved.locator(".hit").first.wait_for()
        assert saved.locator(".hit .title").all_text_contents() == [before[1], before[0]]
        saved.locator(".saved-play").click()
        playing(page, before[1])
    assert len(list((strange / "playlists").glob("Late evening*"))) >= 1


def test_a_playlist_is_not_replaced_without_a_word(browser: Any, address: str) -> None:
    with page_at(browser, address, "?q=number") as page:
        for said in (False, True):
            page.click("#answers-tools button:has-text('Save as playlist')")
            page.fill("dialog input", "Another")
            page.wait_for_load_state("networkidle")
            page.fill("dialog input", "Twice")
            replaced = page.locator("dialog:has-text('There is a playlist of this name, of 20 tracks')")
            replaced.wait_for() if said else page.wait_for_timeout(50)
            assert replaced.count() == said
            page.click("dialog button:has-text('Save in the library')")
            page.wait_for_selector("dialog", state="detached")


def test_what_a_playlist_lacks_is_told(browser: Any, address: str) -> None:
    told = {"name": "x", "tracks": 20, "remarks": ["20 of 20 tracks cannot stand in a playlist file: it has no file."]}
    with page_at(browser, address, "?q=number") as page:
        page.route(
            "**/v1/playlists", lambda route: route.fulfill(content_type="application/json", body=json.dumps(told))
        )
        page.click("#answers-tools button:has-text('Save as playlist')")
        page.click("dialog button:has-text('Save in the library')")
        page.wait_for_selector(".toast:has-text('20 of 20 tracks cannot stand')")


def test_a_saved_playlist_is_renamed_and_deleted(browser: Any, address: str, strange: Path) -> None:
    kept = KeptQuestion(name="Zz asked", question=Question(stops=("rain",)), form=Form(out="playlists/Zz asked.m3u8"))
    keep(strange, kept)
    (strange / "playlists" / "Zz asked.m3u8").write_text("#EXTM3U\n")
    Served(strange).save_playlist("Zz first", ["p1", "p3"])

    def shown(page: Any) -> list[str]:
        return [name for name in page.locator(".saved-name .title").all_text_contents() if name.startswith("Zz")]

    with page_at(browser, address, "?view=playlists") as page:
        page.click(".saved-tools [aria-label='Rename Zz first']")
        page.fill("dialog input", "Zz asked")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog .wrong:has-text('already')")
        page.fill("dialog input", "Zz second")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog", state="detached")
        until(page, "document.activeElement.dataset.name === 'Zz second'")
        assert shown(page) == ["Zz asked", "Zz second"]
        page.click(".saved-line [aria-label='Play Zz asked']")
        page.wait_for_selector(".toast:has-text('There is nothing to play in Zz asked.')")
        page.click(".saved-tools [aria-label='Rename Zz asked']")
        page.wait_for_selector("dialog:has-text('it keeps it')")
        assert page.locator("dialog input, dialog [type=submit]").count() == 0
        page.keyboard.press("Escape")
        page.click(".saved-tools [aria-label='Delete Zz second']")
        page.click("dialog button:has-text('Cancel')")
        page.wait_for_selector("dialog", state="detached")
        assert (strange / "playlists" / "Zz second.m3u8").is_file()
        for name, told in (("Zz second", "2 tracks"), ("Zz asked", "forgotten with it")):
            page.click(f".saved-tools [aria-label='Delete {name}']")
            page.wait_for_selector(f"dialog:has-text('{told}')")
            page.click("dialog button:has-text('Delete')")
            page.wait_for_selector(f".saved-name[data-name='{name}']", state="detached")
            until(page, "document.activeElement.matches('.saved-name, #playlists-title')")
        page.wait_for_selector(".toast:has-text('Deleted: Zz asked')")
    assert list((strange / "playlists").glob("Zz*")) == []


def test_what_a_playlist_may_be_called_is_suggested_whatever_was_asked(browser: Any, address: str) -> None:
    asked = '.. who? a/b: "calm" <piano> | 50% 夜想曲' + "夜" * 90
    with page_at(browser, address, f"?q={quote(asked)}") as page:
        page.click("#answers button:has-text('Save as playlist')")
        name = page.input_value("dialog input")
    assert name.startswith("who a b calm piano 50% 夜想曲")
    assert named_file(Path("lib"), name, ".m3u8").name == f"{name}.m3u8"
