"""Requests that a page of another site makes in a visitor's browser: they neither change nor learn anything.

A browser says from where a request comes. ``Sec-Fetch-Site`` is sent to https and localhost, ``Origin`` by
everything that can
write; no script can forge them. Programs that are no browsers send neither, and are judged by their token alone.

Fetch metadata: https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

from collections.abc import Iterable

from antiphon.search.server.guard.asgi import SAFE, App, Receive, Scope, Send, is_request, path_of, value
from antiphon.search.server.guard.hosts import same_place
from antiphon.search.server.guard.refusals import SUBSONIC, Refusal, unread

OWN = frozenset({"same-origin", "none"})
"""A request of our own page, or of the person at the address bar."""


class Origins:
    """Refuses requests of other sites' pages, and bodies that a plain form could have sent.

    A link to the server may be followed from anywhere: that is a navigation, which shows the page and gives its
    origin nothing. Subsonic's players send forms; nothing else may.

    Parameters
    ----------
    told : origins whose pages may ask, such as ``https://music.example.com``.
    """

    def __init__(self, app: App, *, told: Iterable[str] = ()) -> None:
        self._app = app
        self._told = {origin.rstrip("/").lower() for origin in told}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope):
            return await self._app(scope, receive, send)
        if not self._is_ours(scope):
            return await Refusal(
                status=403,
                type="origin",
                message="A page of another site asked, and this server answers its own page alone.",
                fix="If the page is yours, start the server with --allow-origin ORIGIN",
                headers=unread(scope),
            )(scope, send)
        if _could_be_a_form(scope):
            return await Refusal(
                status=415,
                type="content_type",
                message="What is sent here has to be JSON.",
                fix="Send the header Content-Type: application/json",
                headers=unread(scope),
            )(scope, send)
        return await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        origin, site = value(scope, b"origin"), value(scope, b"sec-fetch-site")
        if origin is not None and origin.lower() in self._told:
            return True
        if site is not None:
            followed = scope["method"] == "GET" and value(scope, b"sec-fetch-mode") == "navigate"
            return site in OWN or followed
        return origin is None or same_place(origin, value(scope, b"host") or "")


def _could_be_a_form(scope: Scope) -> bool:
    """Whether a request that changes something has a body of a kind that a form of any site can send."""
    if scope["method"] in SAFE or path_of(scope).startswith(SUBSONIC):
        return False
    has_body = bool(list(unread(scope)))
    kind = (value(scope, b"content-type") or "").partition(";")[0].strip().lower()
    return has_body and kind != "application/json"
