"""Who may ask the local server, and for what.

It listens on 127.0.0.1, but every program and every web page on this machine can reach that. So the address has a
secret in it; a name that only points here (DNS rebinding) is refused by its ``Host``; and a form or script of another
site can post nothing, because it can set neither the secret, nor ``Origin``, nor a content type of JSON unasked.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

NAMES = ("127.0.0.1", "localhost")
MOST_BODY = 4096
"""Bytes of a verdict at most."""


class Refused(Exception):  # noqa: N818  what happened, not what went wrong
    """A request that is not answered; carries the status."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True)
class Guard:
    """What a request must have.

    Parameters
    ----------
    port : that the server listens on.
    token : the secret in its address.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def inside(self, path: str, headers: Mapping[str, str]) -> str:
        """The path behind the secret.

        Raises
        ------
        Refused : 421 for a foreign host, 404 without the secret.
        """
        if headers.get("Host", "") not in self._hosts():
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "This server answers to its own address only.")
        begin, _, rest = path.partition("?")[0].lstrip("/").partition("/")
        if not hmac.compare_digest(begin.encode("utf-8", "replace"), self.token.encode()):
            raise Refused(HTTPStatus.NOT_FOUND, "Nothing is here. Open the address that antiphon review printed.")
        return rest

    def require_own_post(self, headers: Mapping[str, str]) -> int:
        """The length of the body of a request that this server's own page makes.

        Raises
        ------
        Refused : 403 from another site, 415 for anything but JSON, 411 or 413 for a length that is not stated or too
            large.
        """
        if headers.get("Origin", "") not in {f"http://{host}" for host in self._hosts()}:
            raise Refused(HTTPStatus.FORBIDDEN, "Only the page itself may send verdicts.")
        if headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A verdict is JSON.")
        length = headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "The length of a verdict has to be stated.")
        if int(length) > MOST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "A verdict is short.")
        return int(length)

    def _hosts(self) -> set[str]:
        return {f"{name}:{self.port}" for name in NAMES}
