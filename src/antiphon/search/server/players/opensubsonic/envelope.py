"""Answers in the protocol's three forms: XML where nothing is said, JSON, and JSON in a function's call."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET  # nosec B405 # writes, never reads

from starlette.responses import Response

from antiphon._version import __version__

PROTOCOL = "1.16.1"
NAMESPACE = "http://subsonic.org/restapi"
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.]{0,99}")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
AS_ELEMENTS = frozenset({"similarity", "versions"})
"""Values that XML has as an element with a text; all others are attributes."""
Fields = Mapping[str, Any]


class SubsonicFailure(Exception):  # noqa: N818 - the protocol's word
    """A refusal in the protocol's own numbers.

    Parameters
    ----------
    code : 0 generic, 10 missing parameter, 40 wrong credentials, 50 not authorised, 70 not found …
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def succeeded(fields: Fields, given: Fields) -> Response:
    """An answer in the form that a request's parameters ask for."""
    return _response({"status": "ok", **_about(), **fields}, given)


def failed(failure: SubsonicFailure, given: Fields) -> Response:
    """A refusal; to HTTP it is a success, as players expect."""
    error = {"code": failure.code, "message": failure.message}
    return _response({"status": "failed", **_about(), "error": error}, given)


def _about() -> dict[str, Any]:
    return {"version": PROTOCOL, "type": "antiphon", "serverVersion": __version__, "openSubsonic": True}


def _response(fields: Fields, given: Fields) -> Response:
    form, callback = str(given.get("f", "xml")), str(given.get("callback", ""))
    if form == "jsonp" and _CALLBACK.fullmatch(callback):
        return Response(f"{callback}({_json(fields)});", media_type="application/javascript")
    if form in ("json", "jsonp"):
        return Response(_json(fields), media_type="application/json")
    return Response(xml_of(fields), media_type="application/xml")


def _json(fields: Fields) -> str:
    """No script can be ended, and no line be broken, by what a title holds."""
    text = json.dumps({"subsonic-response": fields}, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def xml_of(fields: Fields) -> bytes:
    """The XML document of an answer."""
    root = ET.Element("subsonic-response", xmlns=NAMESPACE)
    _fill(root, fields)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _fill(element: ET.Element, fields: Fields) -> None:
    for name, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                _fill(ET.SubElement(element, name), each)
            elif name in AS_ELEMENTS or isinstance(value, list):
                ET.SubElement(element, name).text = _text(each)
            elif each is not None:
                element.set(name, _text(each))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else _NOT_XML.sub("\ufffd", str(value))
