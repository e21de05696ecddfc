"""Tokens: what makes whoever sends it an owner. In memory there are their hashes alone.

Players' plug-ins and programs send ``Authorization: Bearer TOKEN``. Subsonic's clients send it as ``apiKey``, or as
their password
``p``; what is salted, ``t``, needs the token itself and is judged where Subsonic's methods are answered.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qs

from antiphon.errors import ConfigError
from antiphon.search.server.guard.asgi import Scope, path_of, value
from antiphon.search.server.guard.refusals import SUBSONIC

SHORTEST = 16
"""Characters of a token: at 600 guesses a minute random letters of this length are never found."""
LONGEST = 512


class Tokens:
    """The tokens of one server.

    Raises
    ------
    ConfigError : one is too short or too long, or holds what a header cannot carry.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self._hashes = tuple(_hashed(checked(token)) for token in tokens)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def hash_of(self, token: str) -> bytes | None:
        """The hash of a token that is one of these; None for any other text.

        All are compared, each in constant time: how long it takes says nothing of how much of a guess was right.
        """
        asked, found = _hashed(token), None
        for known in self._hashes:
            if hmac.compare_digest(asked, known):
                found = known
        return found

    def hashes(self) -> tuple[bytes, ...]:
        """Of all tokens, 32 bytes each; what sessions are signed with."""
        return self._hashes


def token_in(scope: Scope) -> str | None:
    """The token that a request carries; None where it carries none."""
    header = value(scope, b"authorization")
    if header is not None:
        kind, _, token = header.partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""
    return _of_subsonic(scope) if path_of(scope).startswith(SUBSONIC) else None


def _of_subsonic(scope: Scope) -> str | None:
    try:
        asked = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=100)
    except ValueError:  # more fields than that
        return ""
    keys = asked.get("apiKey") or asked.get("p")
    if keys is None:
        return None
    return _decoded(keys[0])


def _decoded(password: str) -> str:
    """Subsonic's passwords may be hexadecimal behind ``enc:``."""
    if not password.startswith("enc:"):
        return password
    try:
        return bytes.fromhex(password[4:]).decode()
    except ValueError:
        return ""


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def checked(token: str) -> str:
    """A token that may be one.

    Raises
    ------
    ConfigError : it is too short or too long, or holds what a header cannot carry.
    """
    fix = "Make one: openssl rand -hex 24"
    if not SHORTEST <= len(token) <= LONGEST:
        raise ConfigError(f"A token has {len(token)} characters; it needs {SHORTEST} to {LONGEST}.", fix=fix)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError("A token holds characters that a header cannot carry.", fix=fix)
    return token
