"""Headers that tell a browser what the server's answers may do.

The page gets its scripts and styles from files of this server and from nowhere else: **no inline script, no inline
style, no** ``onclick`` **attribute, no** ``eval``. Text comes into it by ``textContent``, never as HTML: Chromium
refuses ``innerHTML`` and whatever else makes HTML of a text. A script may set styles (``element.style.width = …``).
"""

from __future__ import annotations

from antiphon.search.server.guard.asgi import App, Message, Receive, Scope, Send, is_request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
"""The content security policy (https://www.w3.org/TR/CSP3/)."""
SECURITY: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
FRESH = (b"cache-control", b"no-store")
"""What is said of an answer that says nothing itself: a search of an owner is nobody else's to read."""


class SecurityHeaders:
    """Adds :data:`SECURITY` to every answer, refusals too. What a route has set itself stays."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope):
            return await self._app(scope, receive, send)

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                there = {name.lower() for name, _ in given}
                added = [header for header in (*SECURITY, FRESH) if header[0] not in there]
                message = {**message, "headers": [*given, *added]}
            await send(message)

        return await self._app(scope, receive, adding)
