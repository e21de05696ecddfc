"""Every picture, for the page and for paper."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from antiphon.evaluate.report.drawn import curves_of, map_of, ranks_of, systems_of
from antiphon.evaluate.report.page.inline import inline
from antiphon.evaluate.report.pictures.canvas import COLUMN, NARROW, TEXT, WIDE, Size, drawn
from antiphon.evaluate.report.pictures.layers import LayerWeights

KINDS = ("curves", "encoders", "ranks", "map", "layers")


@pytest.fixture(scope="module")
def pictures(material):
    weights = {"mert": tuple(i / 300 for i in range(1, 25)), "muq": (0.25, 0.75)}
    found = [
        curves_of(material.trainings[0]),
        systems_of(material),
        ranks_of(material),
        map_of(material),
        LayerWeights(training="clear", weights=weights),
    ]
    return {picture.name: picture for picture in found}


def on_paper(picture, form: str, size: Size = COLUMN) -> bytes:
    return drawn(picture.draw, size, picture.height(size), form)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_for_the_page_has_no_colour_but_the_page_s_own(pictures, kind):
    for _, drawing in inline(pictures[kind], 0).drawings:
        assert ("var(--" in drawing) is (kind != "map")  # whose points have classes
        assert not re.findall(r"(?:fill|stroke): ?#", drawing)
        assert "DejaVu" not in drawing
        ET.fromstring(drawing)


@pytest.mark.parametrize("kind", KINDS)
def test_every_place_that_says_something_lies_inside_its_drawing(pictures, kind):
    for _, drawing in inline(pictures[kind], 0).drawings:
        root = ET.fromstring(drawing)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        circles = root.findall(".//{*}g[@class='places']/{*}circle")
        assert circles
        for circle in circles:
            assert 0 <= float(circle.attrib["cx"]) <= width
            assert 0 <= float(circle.attrib["cy"]) <= height
            assert circle.find("{*}title").text


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_is_the_same_file(pictures, kind):
    assert on_paper(pictures[kind], "svg") == on_paper(pictures[kind], "svg")


@pytest.mark.parametrize(("form", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_file_is_of_the_form_that_was_asked_for(pictures, form, begins):
    assert on_paper(pictures["ranks"], form).startswith(begins)


def test_a_paper_s_picture_is_as_wide_as_its_column_and_its_words_are_words(pictures):
    svg = on_paper(pictures["encoders"], "svg").decode()
    assert re.search(r'width="([\d.]+)pt"', svg)[1] == "244.8"
    assert ">text to audio</text>" in svg


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_seen_is_said_and_stands_in_a_table(pictures, kind):
    picture, table = pictures[kind], pictures[kind].table()
    assert picture.says().endswith(".")
    assert picture.title
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.headings)}


def test_panels_stand_side_by_side_where_there_is_room():
    assert [size.columns for size in (WIDE, NARROW, TEXT, COLUMN)] == [3, 1, 3, 2]


def test_where_a_point_says_it_is_there_the_line_is(pictures):
    """The marker of a system and the place that speaks for it have the same middle."""
    ((_, drawing), *_) = inline(pictures["encoders"], 0).drawings
    root = ET.fromstring(drawing)
    href = "{http://www.w3.org/1999/xlink}href"
    markers = {
        (round(float(u.attrib["x"]), 1), round(float(u.attrib["y"]), 1))
        for u in root.iter("{http://www.w3.org/2000/svg}use")
        if href in u.attrib
    }
    for circle in root.findall(".//{*}g[@class='places']/{*}circle"):
        x, y = float(circle.attrib["cx"]), float(circle.attrib["cy"])
        assert min(abs(x - a) + abs(y - b) for a, b in markers) < 0.3
