"""Which role a request has: an owner's, a guest's, or none at all.

Without tokens an owner is whoever asks at this machine itself: a server that listens here alone, by this machine's own
name, from this machine's own address, and no proxy in between. A proxy on this machine that hides itself looks just
like that:
behind one, set a token.
"""

from __future__ import annotations

from antiphon.search.server.callers import GUEST, OWNER, ROLE, Role
from antiphon.search.server.guard.asgi import App, Receive, Scope, Send, is_request, value
from antiphon.search.server.guard.callers.proxies import PROXIED, client_of
from antiphon.search.server.guard.callers.session import Sessions, session_in
from antiphon.search.server.guard.callers.tokens import Tokens, token_in
from antiphon.search.server.guard.hosts import host_of, is_loopback

WRONG_TOKEN = "antiphon.wrong_token"  # nosec B105 # a key of the scope
"""Where a request's scope notes that it carried a token that is none."""


class Identify:
    """Writes the role of a request into its scope; nothing is refused yet.

    Parameters
    ----------
    listens : the address that the server listens at.
    guests : whether anybody else may ask.
    """

    def __init__(self, app: App, *, tokens: Tokens, sessions: Sessions, listens: str, guests: bool) -> None:
        self._app, self._tokens, self._sessions = app, tokens, sessions
        self._here_alone, self._guests = is_loopback(listens), guests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if is_request(scope):
            scope[ROLE] = self._role(scope)
        return await self._app(scope, receive, send)

    def _role(self, scope: Scope) -> Role | None:
        if self._is_owner(scope):
            return OWNER
        return GUEST if self._guests and not scope.get(WRONG_TOKEN) else None

    def _is_owner(self, scope: Scope) -> bool:
        if not self._tokens:
            return self._here_alone and _is_here(scope)
        token = token_in(scope)
        if token is not None:
            right = self._tokens.hash_of(token) is not None
            scope[WRONG_TOKEN] = not right
            return right
        session = session_in(scope)
        return session is not None and self._sessions.holds(session)


def _is_here(scope: Scope) -> bool:
    """Whether a request was made at this machine, at its own name, and was not passed on by anybody."""
    host = host_of(value(scope, b"host") or "")
    return not scope.get(PROXIED) and is_loopback(client_of(scope)) and host is not None and is_loopback(host)
