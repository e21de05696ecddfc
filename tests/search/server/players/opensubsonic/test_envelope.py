"""The three forms of an answer, whatever a title holds."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.search.server.players.opensubsonic.envelope import SubsonicFailure, failed, succeeded, xml_of

NASTY = {"song": [{"title": "</script><b>\u2028 & \x00\x1b[2J"}]}


def test_jsonp_calls_the_function_that_is_named() -> None:
    answer = succeeded({"license": {"valid": True}}, {"f": "jsonp", "callback": "jQuery_1.done"})
    body = bytes(answer.body).decode()
    assert body.startswith("jQuery_1.done({")
    assert json.loads(body.removeprefix("jQuery_1.done(").removesuffix(");"))["subsonic-response"]["status"] == "ok"
    assert answer.media_type == "application/javascript"


@pytest.mark.parametrize("callback", ["", "alert(1)//", "a;b", "x" * 200, "a\nb", "<script>"])
def test_what_is_no_functions_name_is_not_called(callback: str) -> None:
    answer = failed(SubsonicFailure(0, "no"), {"f": "jsonp", "callback": callback})
    assert answer.media_type == "application/json"
    assert json.loads(bytes(answer.body))["subsonic-response"]["error"] == {"code": 0, "message": "no"}


def test_a_title_ends_no_script_and_no_line() -> None:
    body = bytes(succeeded(NASTY, {"f": "json"}).body).decode()
    assert "</script>" not in body
    assert "\u2028" not in body
    assert json.loads(body)["subsonic-response"]["song"] == NASTY["song"]


@given(st.text())
def test_every_title_is_xml_that_can_be_read(title: str) -> None:
    root = ET.fromstring(xml_of({"song": [{"title": title, "year": None}]}))
    song = root[0]
    assert set(song.attrib) == {"title"}
    if title.isprintable():
        assert song.get("title") == title
