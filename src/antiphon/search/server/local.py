"""Who is an owner: whoever sends a token, or where none is set whoever asks from this machine."""

from __future__ import annotations

import hmac
import ipaddress
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from antiphon.search.server.callers import GUEST, OWNER, ROLE, Role
from antiphon.search.server.routes.errors import error_response
from antiphon.search.server.settings import ServerSettings

OPEN = ("/health",)
"""What is answered whoever asks."""


class LocalOwner:
    """Writes the role of each request into its scope, and refuses who has none."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self.app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            role = self._role(scope)
            if role is None and scope["path"] not in OPEN:
                refused = error_response(
                    HTTPStatus.UNAUTHORIZED,
                    "A token is needed.",
                    fix="Send it: Authorization: Bearer TOKEN",
                    kind="NotAllowedError",
                )
                refused.headers["WWW-Authenticate"] = "Bearer"
                await refused(scope, receive, send)
                return
            scope[ROLE] = role or GUEST
        await self.app(scope, receive, send)

    def _role(self, scope: Scope) -> Role | None:
        settings = self._settings
        sent = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ").encode()
        if sum(hmac.compare_digest(sent, token.encode()) for token in settings.tokens):
            return OWNER
        if not settings.tokens and _is_this_machine(scope):
            return OWNER
        return GUEST if settings.guests else None


def _is_this_machine(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
