"""The page's session: after its token was typed once, a browser keeps a cookie, and no script can read it.

A session is ``EXPIRES.SIGNATURE``, signed with the hash of the token that began it. So a server that starts anew
knows its
sessions still, it keeps none in memory, and a session ends with its token, which is how one is taken back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable

from antiphon.search.server.guard.asgi import Scope, value
from antiphon.search.server.guard.callers.tokens import Tokens

COOKIE = "antiphon_session"
DAYS = 30
_SESSION = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})")


class Sessions:
    """Begins and recognises sessions.

    Parameters
    ----------
    now : the time in seconds since 1970.
    """

    def __init__(self, tokens: Tokens, *, now: Callable[[], float] = time.time) -> None:
        self._tokens, self._now = tokens, now

    def begin(self, token: str) -> str | None:
        """A new session's text; None where the token is wrong."""
        known = self._tokens.hash_of(token)
        if known is None:
            return None
        expires = str(int(self._now()) + DAYS * 86_400)
        return f"{expires}.{_signature(known, expires)}"

    def holds(self, session: str) -> bool:
        """Whether this is a session that one of the tokens began, and that has not ended."""
        parts = _SESSION.fullmatch(session)
        if parts is None or int(parts[1]) <= self._now():
            return False
        right = [hmac.compare_digest(_signature(key, parts[1]), parts[2]) for key in self._tokens.hashes()]
        return any(right)


def session_in(scope: Scope) -> str | None:
    """The session that a request's cookies hold; None for none. Cookies that other servers of this name set pass by."""
    pairs = (pair.strip().partition("=") for pair in (value(scope, b"cookie") or "").replace(",", ";").split(";"))
    return next((text for name, _, text in pairs if name == COOKIE), None)


def cookie(session: str, *, path: str, secure: bool) -> str:
    """The header ``Set-Cookie`` of a session; an empty one ends it.

    Parameters
    ----------
    path : under which the server is shown.
    secure : whether the browser came over https, and may send it over nothing else.
    """
    age = DAYS * 86_400 if session else 0
    about = f"Path={path or '/'}; Max-Age={age}; HttpOnly; SameSite=Strict"
    return f"{COOKIE}={session}; {about}; Secure" if secure else f"{COOKIE}={session}; {about}"


def _signature(key: bytes, expires: str) -> str:
    return hmac.new(key, f"antiphon session {expires}".encode(), hashlib.sha256).hexdigest()
