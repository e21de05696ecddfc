"""What fails in a way that nobody foresaw: its traceback goes into the log, and who asked learns nothing of it."""

from __future__ import annotations

import asyncio
import logging

from antiphon.search.server.guard.asgi import App, Message, Receive, Scope, Send, is_request
from antiphon.search.server.guard.limits.patience import ABORT, NotTakenError
from antiphon.search.server.guard.refusals import CLOSE, Refusal, retry_after

_LOG = logging.getLogger("antiphon.server")
FAILED = Refusal(
    status=500,
    type="fault",
    message="The server failed at this request; its log says why.",
    fix="If it happens again, report it with the lines of the log.",
    headers=(CLOSE,),
)
ENDING = Refusal(
    status=503,
    type="ending",
    message="The server is ending, and this took longer than it waits.",
    fix="Ask again once it has started anew.",
    headers=(retry_after(10), CLOSE),
)


class Failures:
    """Answers a request at which something failed. Half an answer cannot be mended: its connection ends."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope):
            return await self._app(scope, receive, send)
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            return await self._app(scope, receive, noting)
        except NotTakenError:
            raise
        except asyncio.CancelledError:  # a server that ends waits so long and no longer
            abort = (scope.get("state") or {}).get(ABORT)
            if not started:
                return await ENDING(scope, send)
            if abort is not None:
                abort()
            return None
        except Exception:
            if started:
                raise
            _LOG.exception("A request failed: %s", scope["method"])
        return await FAILED(scope, send)
