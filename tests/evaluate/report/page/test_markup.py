"""The page is one file that nothing in the library can turn into anything but words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from antiphon.evaluate.report.page.render import policy, render
from tests.helpers.libraries.hostile import ATTACKS

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Read(HTMLParser):
    """Elements with their attributes, what scripts hold, and whether elements close in their order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        self.words += data


@pytest.fixture(scope="module")
def read(page):
    return Read(page)


def test_every_element_is_closed_where_it_should_be(read):
    assert read.open == []


def test_the_only_script_is_the_page_s_own(read):
    assert [tag for tag, _ in read.elements].count("script") == 1
    (script,) = read.scripts
    (allowed,) = (a["content"] for tag, a in read.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert allowed == policy(script)
    assert "unsafe" not in allowed.replace("style-src 'unsafe-inline'", "")


def test_no_element_came_from_a_title_and_none_has_a_handler(read):
    assert not {tag for tag, _ in read.elements} & {"img", "iframe", "object", "embed", "link", "b" + "ase", "form"}
    assert not [(tag, name) for tag, attributes in read.elements for name in attributes if name.startswith("on")]


def test_nothing_is_asked_of_a_network(page, read):
    places = [a[name] for _, a in read.elements for name in ("src", "href", "xlink:href", "action") if a.get(name)]
    assert places
    assert {place.split(",")[0] for place in places if not place.startswith("#")} <= {"data:audio/mpeg;base64"}
    addresses = set(re.findall(r"(?:https?:)?//[\w.]+\.\w{2,}", page))
    assert addresses <= {"http://www.w3.org"}
    assert "@import" not in page
    assert "url(#" in page
    assert not re.search(r"url\((?!#)", page)


def test_words_of_the_library_are_shown_as_they_are(read):
    for attack in ATTACKS[:3]:
        assert attack in read.words
    assert "{{ 7 * 7 }}" in read.words
    assert "ノクターン عود 🎹" in read.words


def test_ids_are_there_once_and_every_reference_has_one(read):
    ids = [a["id"] for _, a in read.elements if "id" in a]
    assert len(ids) == len(set(ids))
    named = [a[name].split() for _, a in read.elements for name in ("aria-labelledby", "aria-describedby") if name in a]
    inside = [[place[1:]] for _, a in read.elements if (place := a.get("href") or a.get("xlink:href") or "")[:1] == "#"]
    assert {one for some in [*named, *inside] for one in some} <= set(ids)


def test_each_picture_has_words_and_a_table_of_its_numbers(read):
    figures = [a for tag, a in read.elements if tag == "figure"]
    assert {a["id"].split("-")[0] for a in figures} == {"encoders", "ranks", "map", "curves"}
    tables = [tag for tag, _ in read.elements].count("table")
    assert tables >= len(figures)
    assert [tag for tag, _ in read.elements].count("caption") == tables


def test_the_page_says_its_own_size(page, written):
    assert f"this file: {written.path.stat().st_size / 1e6:.2f} MB" in page
    assert written.bytes == written.path.stat().st_size


def test_a_name_that_is_not_filled_is_an_error():
    import jinja2

    with pytest.raises(jinja2.UndefinedError):
        render({}, Path())
