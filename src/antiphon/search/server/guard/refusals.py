"""How a request is refused: a status, and words in the shape that who asked can read.

The API has ``{"error": {"message", "fix", "type"}}``. Plug-ins of players read a text under ``error``
(``/api/``, ``/chat/api/``, ``/external/``), or Subsonic's own answer, which is a success to HTTP (``/rest/``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import Any

from antiphon.search.server.guard.asgi import Headers, Scope, Send, answer, path_of, value

DIALECT, SUBSONIC = ("/api/", "/chat/api/", "/external/"), "/rest/"
SUBSONIC_CODES = {401: 40, 403: 50}
"""Subsonic's numbers of what HTTP calls so: wrong user or password, and not permitted."""
JSON, XML = b"application/json", b"application/xml"
CLOSE = (b"connection", b"close")
"""What ends a connection whose request has not been read to its end."""
REFUSED = "antiphon.refused"
"""Where a request's scope notes why it was refused, for the counters."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a request is not answered.

    Parameters
    ----------
    status : of HTTP.
    type : one word for programs: ``token``, ``guest``, ``host``, ``origin``, ``size``, ``slow``, ``rate``, ``crowd`` …
    message : what was wrong.
    fix : what to do about it.
    headers : beside the answer's own.
    """

    status: int
    type: str
    message: str
    fix: str | None = None
    headers: Headers = field(default=())

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer a request with this."""
        scope[REFUSED] = self.type
        code = SUBSONIC_CODES.get(self.status) if path_of(scope).startswith(SUBSONIC) else None
        if code is None:
            status, kind, body = self.status, JSON, json.dumps(self._object(scope)).encode()
        else:
            status, (kind, body) = 200, _subsonic(scope, code, self.message)
        about = [(b"content-type", kind), (b"cache-control", b"no-store"), *self.headers]
        await answer(send, status, body, about)

    def _object(self, scope: Scope) -> dict[str, Any]:
        if path_of(scope).startswith(DIALECT):
            return {"error": self.message}
        return {"error": {"message": self.message, "fix": self.fix, "type": self.type}}


def _subsonic(scope: Scope, code: int, message: str) -> tuple[bytes, bytes]:
    """Content type and body of Subsonic's own refusal, in the form that was asked for; without a word it is XML."""
    about = {"status": "failed", "version": "1.16.1", "type": "antiphon", "openSubsonic": True}
    if b"f=json" in scope["query_string"].split(b"&"):
        return JSON, json.dumps({"subsonic-response": {**about, "error": {"code": code, "message": message}}}).encode()
    root = '<subsonic-response xmlns="http://subsonic.org/restapi" status="failed" version="1.16.1">'
    return XML, f'{root}<error code="{code}" message="{escape(message)}"/></subsonic-response>'.encode()


def retry_after(seconds: float) -> tuple[bytes, bytes]:
    """The header that says when to come again; a part of a second is a whole one."""
    return b"retry-after", str(max(1, int(-(-seconds // 1)))).encode()


def unread(scope: Scope) -> Headers:
    """The headers of a refusal that leaves a request's body unread: the connection cannot go on after it."""
    has_body = value(scope, b"content-length") not in (None, "0") or value(scope, b"transfer-encoding") is not None
    return (CLOSE,) if has_body else ()
