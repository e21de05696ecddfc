"""The local server of the review: the page, its pairs, their sound, and the verdicts that come back."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, NamedTuple

from antiphon.errors import AntiphonError
from antiphon.evaluate.review.page.guard import Guard, Refused
from antiphon.evaluate.review.page.sound import content_type, pieces, stretch_of
from antiphon.evaluate.review.queue import ReviewQueue
from antiphon.evaluate.review.shown import ShownTrack
from antiphon.library.judgements.judgement import GRADES, VERDICTS

LOG = logging.getLogger(__name__)
QUIET_S = 30.0
"""After which a connection that says nothing is closed."""
ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
SIDES = ("found", "meant")
PACKAGE = "antiphon.evaluate.review.page"


class ReviewServer(ThreadingHTTPServer):
    """Serves a queue on 127.0.0.1 until it is shut down.

    Parameters
    ----------
    queue : its candidates are shown, and take the verdicts.
    graded : whether the page asks for grades.
    port : 0 for any that is free.

    Raises
    ------
    OSError : the port is taken.
    """

    daemon_threads = True

    def __init__(self, queue: ReviewQueue, *, graded: bool = False, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.queue = queue
        self.graded = graded
        self.guard = Guard(int(self.server_address[1]))
        self.one_at_a_time = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of a sound is no error; anything else is said."""
        del request, client_address
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            LOG.warning("the review's page: %s: %s", type(error).__name__, error)


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    protocol_version = "HTTP/1.1"
    server_version = "antiphon"
    sys_version = ""
    timeout = QUIET_S

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is the person's."""

    def _answer(self, how: Callable[[str], None]) -> None:
        try:
            how(self.server.guard.inside(self.path, self.headers))  # type: ignore[arg-type]
        except Refused as refused:
            self.close_connection = True  # a body that nobody read must not be taken for the next request
            self._send(refused.status, "text/plain; charset=utf-8", refused.why.encode())

    def _get(self, inside: str) -> None:
        if inside == "":
            page = document()
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", page.html, {"Content-Security-Policy": page.policy})
        elif inside == "pairs":
            self._send_json(_all_pairs(self.server))
        else:
            self._send_sound(_track(self.server.queue, inside))

    def _post(self, inside: str) -> None:
        length = self.server.guard.require_own_post(self.headers)  # type: ignore[arg-type]
        if inside != "verdict":
            raise Refused(HTTPStatus.NOT_FOUND, "Verdicts go to verdict.")
        place, verdict, grade = _verdict(self.rfile.read(length), graded=self.server.graded)
        try:
            with self.server.one_at_a_time:
                self.server.queue.judge_at(place, verdict, grade)
        except IndexError as error:
            raise Refused(HTTPStatus.NOT_FOUND, "There is no such pair.") from error
        except (AntiphonError, OSError) as error:
            raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, f"Not stored: {error}") from error
        self._send_json({"stored": self.server.queue.verdicts[place]})

    def _send_json(self, data: Any) -> None:
        self._send(HTTPStatus.OK, "application/json", json.dumps(data).encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes, more: dict[str, str] | None = None) -> None:
        self._begin(status, {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})})
        self.wfile.write(body)

    def _begin(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**ALWAYS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_sound(self, track: ShownTrack) -> None:
        path = track.file
        if path is None:
            raise Refused(HTTPStatus.NOT_FOUND, "The sound is not on this machine.")
        kind = content_type(path)
        try:
            stream = path.open("rb")
        except OSError as error:
            raise Refused(HTTPStatus.NOT_FOUND, f"The sound cannot be read: {error.strerror}.") from error
        with stream:
            stretch = stretch_of(self.headers.get("Range"), path.stat().st_size)
            headers = {"Content-Type": kind, "Content-Length": str(stretch.end - stretch.start)}
            if stretch.partial:
                headers["Content-Range"] = f"bytes {stretch.start}-{stretch.end - 1}/{stretch.size}"
            self._begin(
                HTTPStatus.PARTIAL_CONTENT if stretch.partial else HTTPStatus.OK, {"Accept-Ranges": "bytes", **headers}
            )
            for piece in pieces(stream, stretch):
                self.wfile.write(piece)


def _all_pairs(server: ReviewServer) -> dict[str, Any]:
    """What the page shows: every candidate, with what was said of it since the server began."""
    queue = server.queue
    shown = []
    for place, candidate in enumerate(queue.candidates):
        pair = {**queue.shelf.described(candidate), "verdict": queue.verdicts.get(place)}
        for side, track_id in zip(SIDES, (candidate.track_id, candidate.written_for), strict=True):
            track = queue.shelf.track(track_id)
            pair[side]["sound"] = None if track.file is None else f"sound/{place}/{side}{track.fragment}"
        shown.append(pair)
    grades = [{"grade": grade, "says": says} for grade, says in GRADES.items()] if server.graded else None
    return {"pairs": shown, "grades": grades, "remarks": list(queue.remarks)}


def _track(queue: ReviewQueue, inside: str) -> ShownTrack:
    """The track whose sound is asked for: ``sound/3/found``, of a pair that is shown."""
    kind, _, rest = inside.partition("/")
    place, _, side = rest.partition("/")
    known = kind == "sound" and side in SIDES and place.isascii() and place.isdecimal() and len(place) < 8
    if not known or int(place) >= len(queue.candidates):
        raise Refused(HTTPStatus.NOT_FOUND, "Nothing is here.")
    candidate = queue.candidates[int(place)]
    return queue.shelf.track(candidate.track_id if side == "found" else candidate.written_for)


def _verdict(body: bytes, *, graded: bool) -> tuple[int, Any, int | None]:
    """Place, verdict and grade of what the page sent."""
    try:
        data = json.loads(body)
        place, verdict, grade = data["place"], data.get("verdict", "unsure"), data.get("grade")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "No verdict.") from error
    well = type(place) is int and verdict in VERDICTS and (grade is None or (graded and type(grade) is int))
    if not well or (grade is not None and grade not in GRADES):
        raise Refused(HTTPStatus.BAD_REQUEST, "No verdict.")
    return place, verdict, grade


class Document(NamedTuple):
    """A page, and the value of its header ``Content-Security-Policy``."""

    html: bytes
    policy: str


def document() -> Document:
    """The page as it is sent; nothing of the library stands in it."""
    nonce = secrets.token_urlsafe(16)
    html = _read("page.html").replace("NONCE", nonce)
    html = html.replace("/* STYLE */", _read("page.css")).replace("/* SCRIPT */", _read("page.js"))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            "img-src data:",
            "media-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
    return Document(html.encode(), policy)


def _read(name: str) -> str:
    return files(PACKAGE).joinpath(name).read_text(encoding="utf-8")
