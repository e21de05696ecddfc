"""Who asks in the protocol's ways: any user with a token as password, plain or salted, or the token as a key.

What carries a token in its address was judged by the server's guard already. A salted token, and one in a form, are
checked here, against the tokens themselves.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from antiphon.search.server.callers import GUEST, OWNER, ROLE, Role
from antiphon.search.server.players.opensubsonic.envelope import SubsonicFailure

GUEST_USER = "guest"
"""The user by which a guest asks, where guests may; any password will do."""
SHORTEST_SALT = 6
WRONG, CONFLICT, WRONG_KEY, MISSING = 40, 43, 44, 10


def role_of_request(scope: Mapping[str, Any], given: Mapping[str, Any], tokens: Sequence[str], *, guests: bool) -> Role:
    """The role of a request.

    Parameters
    ----------
    given : its parameters.
    tokens : the server's.
    guests : whether others may ask.

    Raises
    ------
    SubsonicFailure : it has none.
    """
    if "apiKey" in given and "u" in given:
        raise SubsonicFailure(CONFLICT, "Send either apiKey or a user, not both.")
    role = scope.get(ROLE)
    if role == OWNER or _is_token(given, tokens) or _is_salted(given, tokens):
        return OWNER
    if guests and (role == GUEST or given.get("u") == GUEST_USER):
        return GUEST
    if "apiKey" in given:
        raise SubsonicFailure(WRONG_KEY, "The key is none of this server's tokens.")
    if not ("u" in given and ("p" in given or "t" in given)):
        raise SubsonicFailure(
            MISSING, "Send a user, and one of this server's tokens as password; or the token as apiKey."
        )
    raise SubsonicFailure(WRONG, "The password is none of this server's tokens.")


def _is_token(given: Mapping[str, Any], tokens: Sequence[str]) -> bool:
    """Whether the password, plain or hexadecimal, or the key is one of the tokens. All are compared."""
    password = str(given.get("p", ""))
    sent = str(given["apiKey"]).encode() if "apiKey" in given else _decoded(password)
    return sum(hmac.compare_digest(sent, token.encode()) for token in tokens) > 0


def _decoded(password: str) -> bytes:
    try:
        return bytes.fromhex(password[4:]) if password.startswith("enc:") else password.encode()
    except ValueError:
        return b""


def _is_salted(given: Mapping[str, Any], tokens: Sequence[str]) -> bool:
    """Whether ``t`` is the MD5 of one of the tokens and the salt ``s``, as the protocol has it. All are compared."""
    sent, salt = str(given.get("t", "")).lower(), str(given.get("s", ""))
    if len(salt) < SHORTEST_SALT:
        return False
    right = [hashlib.md5(f"{token}{salt}".encode(), usedforsecurity=False).hexdigest() for token in tokens]
    return sum(hmac.compare_digest(sent.encode(), each.encode()) for each in right) > 0
