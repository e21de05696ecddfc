"""A picture as a part of the page: its drawing for wide and narrow windows, its words, and the numbers behind it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # nosec B405 # see below
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from antiphon.evaluate.report.pictures.canvas import NARROW, WIDE, Hotspot, Size, drawn_for_page
from antiphon.evaluate.report.pictures.colours import as_variables
from antiphon.evaluate.report.pictures.picture import Picture, Table
from antiphon.evaluate.report.pictures.shared_map import REST, SharedMap

if TYPE_CHECKING:
    from markupsafe import Markup

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
RADIUS = 9.0
"""Of the place around a point that answers to a pointer."""
SMALLEST, LARGEST, SPREAD = 3.0, 7.0, 110.0
"""Radii of points on the map: the more there are, the smaller."""
REST_CLASS = 7
_ELEMENT = re.compile(r"<svg.*</svg>", re.DOTALL)
_REFERENCE = re.compile(r"#([\w-]+)")
_FONT = re.compile(r"'DejaVu Sans'(?:, ?[\w-]+)*")


class Legend(NamedTuple):
    """What the map is coloured by: the column, and its classes with the number of their colour."""

    name: str
    classes: tuple[tuple[str, int], ...]


class Inline(NamedTuple):
    """A picture in the page.

    Parameters
    ----------
    id : of its figure.
    title, says : for people.
    drawings : (class of the window's width, SVG), each of them inert markup.
    table : the numbers.
    legends : of the map; of other pictures none.
    """

    id: str
    title: str
    says: str
    drawings: tuple[tuple[str, Markup], ...]
    table: Table
    legends: tuple[Legend, ...] = ()


def inline(picture: Picture, number: int) -> Inline:
    """Draw a picture for the page; ``number`` keeps its ids apart."""
    name = f"{picture.name}-{number}"
    sizes = {"wide": WIDE, "narrow": NARROW}
    if isinstance(picture, SharedMap):
        return Inline(
            name, picture.title, picture.says(), (("any", _map(picture, name)),), picture.table(), _legends(picture)
        )
    drawings = tuple((window, _drawing(picture, size, f"{name}-{window}")) for window, size in sizes.items())
    return Inline(name, picture.title, picture.says(), drawings, picture.table())


def _legends(picture: SharedMap) -> tuple[Legend, ...]:
    return tuple(
        Legend(each.name, tuple((text, REST_CLASS if text == REST else i) for i, text in enumerate(each.classes)))
        for each in picture.colourings
    )


def _drawing(picture: Picture, size: Size, salt: str) -> Markup:
    root, places = _drawn(picture, size, salt)
    group = ET.SubElement(root, f"{{{SVG}}}g", {"class": "places"})
    for place in places:
        _point(group, place, RADIUS, {"class": "place"})
    return _markup(root, picture.title)


def _map(picture: SharedMap, salt: str) -> Markup:
    root, places = _drawn(picture, Size(WIDE.width, WIDE.em), salt)
    colours = [_classes(picture, track) for track in range(len(picture.titles))]
    owners = [*range(len(picture.titles)), *picture.track_of_caption.tolist()]
    group = ET.SubElement(root, f"{{{SVG}}}g", {"class": "places"})
    radius = min(LARGEST, max(SMALLEST, SPREAD / len(places) ** 0.5))
    for place, owner in zip(places, owners, strict=True):
        numbers = colours[owner]
        about = {
            "class": f"dot {place.kind} k{numbers[0]}",
            "data-k": " ".join(map(str, numbers)),
            "data-t": str(owner),
        }
        _point(group, place, radius if place.kind == "track" else 0.85 * radius, about)
    return _markup(root, picture.title)


def _classes(picture: SharedMap, track: int) -> list[int]:
    """The colour of a track by each column."""
    found = []
    for each in picture.colourings:
        number = each.of_track[track]
        found.append(REST_CLASS if each.classes[number] == REST else number)
    return found


def _drawn(picture: Picture, size: Size, salt: str) -> tuple[ET.Element, list[Hotspot]]:
    height = picture.height(size)
    svg, places = drawn_for_page(picture.draw, size, height, salt)
    element = _ELEMENT.search(as_variables(svg))
    assert element is not None, "matplotlib writes an svg element"
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(_FONT.sub("var(--sans)", element[0]))  # nosec B314 # drawn just now, by us
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    _drop_idle_ids(root)
    return root, places


def _drop_idle_ids(root: ET.Element) -> None:
    """Ids that nothing in the drawing refers to, of which other drawings have the same."""
    values = [value for element in root.iter() for name, value in element.attrib.items() if name != "id"]
    meant = {found for value in values for found in _REFERENCE.findall(value)}
    for element in root.iter():
        if element.get("id") not in meant:
            element.attrib.pop("id", None)


def _point(group: ET.Element, place: Hotspot, radius: float, about: dict[str, str]) -> None:
    circle = ET.SubElement(
        group, f"{{{SVG}}}circle", {"cx": f"{place.x:g}", "cy": f"{place.y:g}", "r": f"{radius:g}", **about}
    )
    ET.SubElement(circle, f"{{{SVG}}}title").text = _printable(place.text)


def _printable(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(
        c if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff") else "�"
        for c in text
    )


def _markup(root: ET.Element, title: str) -> Markup:
    from markupsafe import Markup

    root.set("role", "img")
    root.set("aria-label", title)
    return Markup(ET.tostring(root, encoding="unicode"))  # nosec B704 # escaped by ElementTree


def numbered(pictures: Sequence[Picture | None]) -> list[Inline | None]:
    """Each of them, in the order of the page; None stays None."""
    return [None if picture is None else inline(picture, i) for i, picture in enumerate(pictures)]
