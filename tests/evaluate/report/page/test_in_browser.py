"""The page in a real browser: by pointer, keyboard and finger, wide and narrow, light, dark and without scripts."""

from __future__ import annotations

import pytest

from tests.helpers.libraries.hostile import ATTACKS, FIRST
from tests.helpers.web.browser import opened

CONTRAST = """([front, back]) => {
  const style = getComputedStyle(document.documentElement);
  const luminance = (name) => {
    const parts = style.getPropertyValue(name).trim().match(/\\w\\w/g).map((hex) => parseInt(hex, 16) / 255);
    const [r, g, b] = parts.map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [more, less] = [luminance(front), luminance(back)].sort((x, y) => y - x);
  return (more + 0.05) / (less + 0.05);
}"""
"""Of two variables that hold colours, as WCAG 2.2 defines it."""


@pytest.fixture(scope="module")
def desk(browser, written):
    with opened(browser, written.path, width=1200, color_scheme="light") as found:
        yield found


def test_it_opens_without_a_complaint_and_asks_nothing_of_a_network(desk):
    desk.page.wait_for_load_state("load")
    assert desk.complaints == []
    assert desk.requests == []


def test_no_title_has_become_a_script(desk):
    assert desk.page.title() == f"library: {FIRST} – report"
    assert desk.page.evaluate("document.querySelectorAll('script').length") == 1
    assert desk.page.evaluate("document.querySelectorAll('img').length") == 0


def test_a_point_under_the_pointer_says_what_it_is(desk):
    place = desk.page.locator("figure[id^=curves] .drawing.wide .place").nth(1)
    place.scroll_into_view_if_needed()
    place.hover(force=True)
    tip = desk.page.locator("#tip")
    assert tip.is_visible()
    assert tip.inner_text().startswith("epoch 2, train: ")


def test_a_track_on_the_map_shows_its_captions_and_their_words(desk):
    track = desk.page.locator("#map .dot.track").first
    track.scroll_into_view_if_needed()
    track.hover(force=True)
    near = desk.page.locator("#map .dot.near")
    assert near.count() == 3
    assert desk.page.locator("#map .tie").count() == 2
    assert any(attack in desk.page.locator("#tip").inner_text() for attack in ATTACKS[:3])
    desk.page.mouse.move(5, 5)
    assert not desk.page.locator("#tip").is_visible()
    assert near.count() == 0


def test_arrow_keys_go_through_the_points_of_a_picture(desk):
    drawing = desk.page.locator("#map .drawing")
    drawing.focus()
    desk.page.keyboard.press("ArrowRight")
    first = desk.page.locator("#tip").inner_text()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight"):
        desk.page.keyboard.press(key)
    assert desk.page.locator("#map .dot.at").count() == 1
    assert first
    desk.page.keyboard.press("Escape")
    assert not desk.page.locator("#tip").is_visible()


def test_everything_can_be_reached_by_the_tab_key(desk):
    wanted = desk.page.evaluate(
        """[...document.querySelectorAll('a[href], button, select, summary, audio[controls], [tabindex="0"]')]
           .filter(e => e.checkVisibility()).length"""
    )
    first = "document.querySelector('.skip')"
    desk.page.evaluate(f"{first}.focus(); window.seen = new Set([document.activeElement])")
    for _ in range(12 * wanted):  # a player has several stops of its own
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate(
            f"seen.add(document.activeElement), [document.body, {first}].includes(document.activeElement)"
        ):
            break
    assert desk.page.evaluate("seen.delete(document.body), seen.size") == wanted


def test_the_map_takes_the_colours_of_another_column(desk):
    select = desk.page.locator(".colour-by")
    names = select.locator("option").all_inner_texts()
    assert {"mood", "year"} <= set(names)
    dots = "[...document.querySelectorAll('#map .dot')].map(e => getComputedStyle(e).getPropertyValue('--c')).join()"
    before = desk.page.evaluate(dots)
    select.select_option(label="year" if names[0] != "year" else "mood")
    assert desk.page.evaluate(dots) != before
    assert desk.page.locator("#map .legend:visible").count() == 1


def test_excerpts_can_be_played_also_where_they_stand_twice(desk):
    states = desk.page.evaluate(
        """Promise.all([...document.querySelectorAll('audio')].map(a => new Promise(done => {
             a.onloadedmetadata = () => done(a.duration); a.onerror = () => done(0); a.load(); })))"""
    )
    assert len(states) > 1
    assert all(7.5 < seconds < 8.5 for seconds in states)


def test_dark_follows_the_machine_and_the_button(browser, written, desk):
    def ground(opened_page) -> str:
        return opened_page.page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = ground(desk)
    with opened(browser, written.path, color_scheme="dark") as found:
        dark = ground(found)
        assert dark != light
        found.page.locator("#theme").click()
        assert ground(found) == light
        found.page.locator("#theme").click()
        assert ground(found) == dark


@pytest.mark.parametrize("width", [320, 375, 768, 1200])
def test_no_width_has_to_be_scrolled_sideways(browser, written, width):
    with opened(browser, written.path, width=width, height=700, has_touch=True) as found:
        for details in found.page.locator("details").all():
            details.evaluate("e => e.open = true")
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        shown = found.page.locator("#curves .drawing:visible")
        assert shown.count() == 2
        assert shown.first.bounding_box()["width"] <= width


def test_a_finger_gets_the_words_too(browser, written):
    with opened(browser, written.path, width=375, height=700, has_touch=True) as found:
        place = found.page.locator("figure[id^=curves] .drawing.narrow .place").first
        place.scroll_into_view_if_needed()
        place.tap(force=True)
        tip = found.page.locator("#tip")
        assert tip.is_visible()
        box = tip.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 375


def test_without_scripts_everything_is_there_to_be_read(browser, written):
    with opened(browser, written.path, java_script_enabled=False) as found:
        assert found.complaints == []
        assert found.page.locator("#verdict .headline").is_visible()
        assert found.page.locator(".copy:visible, #theme:visible").count() == 0
        assert found.page.locator("#map .dot title").first.text_content()


def test_it_prints_onto_pages_in_ink(browser, written):
    with opened(browser, written.path, color_scheme="dark") as found:
        found.page.emulate_media(media="print")
        assert found.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert found.page.locator("nav:visible, audio:visible, #theme:visible").count() == 0
        assert found.page.pdf(format="A4")[:5] == b"%PDF-"


def test_words_have_contrast_enough_in_light_and_dark(browser, written):
    """4.5 to 1 (WCAG 2.2, 1.4.3) for every colour that words have, on every ground that they stand on."""
    for scheme in ("light", "dark"):
        with opened(browser, written.path, color_scheme=scheme) as found:
            for front in ("--ink", "--muted", "--accent", "--problem", "--warning", "--note", "--good"):
                for back in ("--paper", "--soft", "--ground"):
                    assert found.page.evaluate(CONTRAST, [front, back]) >= 4.5, (scheme, front, back)
