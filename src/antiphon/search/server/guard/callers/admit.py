"""Who may go where. The rule refuses by default: a guest may ask, and only an owner may change anything.

Routes check for themselves as well (``require_owner``): a new one that forgets to is closed to guests all the same
if it writes.
"""

from __future__ import annotations

import re

from antiphon.search.server.callers import GUEST, OWNER, ROLE
from antiphon.search.server.guard.asgi import SAFE, App, Receive, Scope, Send, is_request, path_of
from antiphon.search.server.guard.callers.identify import WRONG_TOKEN
from antiphon.search.server.guard.refusals import Refusal, unread

OPEN = re.compile(r"/|/health|/favicon\.ico|/static/.*|/session|/rest/[^/]+|/api/health")
"""What everybody may see: that a server is here, and the page that asks for a token. Subsonic's methods say themselves
who may ask (``players/opensubsonic/account.py``): a salted token is checked against the tokens, and a refusal has the
protocol's own numbers and forms.
"""
QUESTIONS = re.compile(
    r"/v1/(?:search|path|embeddings)|/chat/api/chatPlaylist"
    r"|/api/(?:clap/(?:search|warmup)|alchemy|hyperbolic/similar|sem_grove/search|lyrics/search/text)"
)
"""What is asked by POST and changes nothing."""
OWNERS = re.compile(
    r"/metrics|/v1/(?:jobs|judgements).*|/api/(?:analysis|clustering|cancel|sonic_fingerprint).*", re.DOTALL
)
"""What a guest does not even see. Ids of tracks may hold line breaks, so a dot stands for those as well."""
SOUND = re.compile(r"/v1/tracks/.*/audio", re.DOTALL)
CHALLENGE = (b"www-authenticate", b"Bearer")


class Admit:
    """Refuses whom the rule does not admit; the request's role has been found before.

    Parameters
    ----------
    guests_hear : whether guests get the sound of tracks.
    """

    def __init__(self, app: App, *, guests_hear: bool = False) -> None:
        self._app, self._guests_hear = app, guests_hear

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope) or self.admits(scope):
            return await self._app(scope, receive, send)
        return await _refusal(scope)(scope, send)

    def admits(self, scope: Scope) -> bool:
        """Whether a request may go on."""
        role, path, method = scope.get(ROLE), path_of(scope), str(scope["method"])
        if role == OWNER or OPEN.fullmatch(path):
            return True
        if role != GUEST or OWNERS.fullmatch(path) or (SOUND.fullmatch(path) and not self._guests_hear):
            return False
        return method in SAFE or (method == "POST" and QUESTIONS.fullmatch(path) is not None)


def _refusal(scope: Scope) -> Refusal:
    if scope.get(ROLE) == GUEST:
        return Refusal(
            status=403,
            type="guest",
            message="That is for owners of this library alone.",
            fix="Send a token: Authorization: Bearer TOKEN",
            headers=unread(scope),
        )
    return Refusal(
        status=401,
        type="token",
        message="This token is none of the server's." if scope.get(WRONG_TOKEN) else "This server wants a token.",
        fix="Send the header Authorization: Bearer TOKEN, with a token that the server was started with.",
        headers=(CHALLENGE, *unread(scope)),
    )
