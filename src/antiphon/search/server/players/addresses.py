"""Addresses as plug-ins write them, before anything else sees them.

Some put a path behind a server's address that ends with a slash (``//api/similar_tracks``), or end with one themselves.
``/players/NAME/…`` says which player asks, and is the same as without it.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

PLAYER = "antiphon.player"
"""Where a request's scope says which player asks."""
_NAMED = re.compile(r"/players/([^/]*)(/.*)?")
_DIALECT = re.compile(r"/(?:api|chat/api|external|rest)(?:/|$)")


class PlayerAddresses:
    """Rewrites the addresses of players' requests; all others go on as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            prefix = str(scope.get("root_path") or "")
            path = str(scope["path"])
            inside = path[len(prefix) :] if prefix and path.startswith(f"{prefix}/") else path
            rewritten, player = plain_address(inside)
            if rewritten != inside:
                before = prefix if inside is not path else ""
                scope = {**scope, "path": f"{before}{rewritten}", "raw_path": f"{before}{rewritten}".encode()}
            if player:
                scope[PLAYER] = player
        await self.app(scope, receive, send)


def plain_address(path: str) -> tuple[str, str]:
    """(the path of a player's request as routes know it, the player that it names or "").

    >>> plain_address("//api/similar_tracks"), plain_address("/players/lms/api/health/")
    (('/api/similar_tracks', ''), ('/api/health', 'lms'))
    """
    single = re.sub("/+", "/", path)
    named = _NAMED.fullmatch(single)
    player = named[1] if named else ""
    below = (named[2] or "/") if named else single
    if _DIALECT.match(below):
        return below.rstrip("/"), player
    return (below, player) if named and below == "/" else (path, "")
