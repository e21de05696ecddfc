"""The path under which a reverse proxy shows the server: requests come with it or without, and mean the same.

Some proxies take the path off (nginx, where ``proxy_pass`` ends in a slash), others leave it on. In a scope the path
holds it and ``root_path`` names it, as ASGI says (https://asgi.readthedocs.io/en/latest/specs/www.html).
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """Puts the path on where a proxy took it off.

    Parameters
    ----------
    prefix : ``/antiphon``; "" for none.
    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        prefix = self._prefix
        if prefix and scope["type"] in ("http", "websocket"):
            path = scope["path"]
            whole = path if path == prefix or path.startswith(f"{prefix}/") else prefix + path
            scope = {**scope, "root_path": prefix, "path": whole}
        await self._app(scope, receive, send)
