"""What fails in a way that nobody foresaw: its traceback goes into the log, and who asked learns nothing of it."""

from __future__ import annotations

import logging

from antiphon.search.server.guard.asgi import App, Message, Receive, Scope, Send, is_request
from antiphon.search.server.guard.limits.patience import NotTakenError
from antiphon.search.server.guard.refusals import CLOSE, Refusal

_LOG = logging.getLogger("antiphon.server")
FAILED = Refusal(
    status=500,
    type="fault",
    message="The server failed at this request; its log says why.",
    fix="If it happens again, report it with the lines of the log.",
    headers=(CLOSE,),
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
        except Exception:
            if started:
                raise
            _LOG.exception("A request failed: %s", scope["method"])
        return await FAILED(scope, send)
