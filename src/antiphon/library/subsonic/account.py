"""Who asks a Subsonic server, and how a request is signed: a token from password and salt, or a key.

Protocol: https://opensubsonic.netlify.app/docs/api-reference
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TypeGuard
from urllib.parse import quote, urlsplit, urlunsplit

from antiphon.errors import ConfigError

CLIENT = "antiphon"
"""The name by which a server lists us; Navidrome keeps settings for each such "player"."""
VERSION = "1.16.1"
SERVER, USER, PASSWORD, API_KEY = (f"ANTIPHON_SUBSONIC_{name}" for name in ("SERVER", "USER", "PASSWORD", "API_KEY"))
"""Variables of the environment that say who asks which server."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user of a server. Neither password nor key is ever shown.

    Parameters
    ----------
    user, password : as one types them in the player.
    api_key : in place of both, for servers that have them (OpenSubsonic's ``apiKeyAuthentication``).
    """

    user: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)

    def environment(self) -> dict[str, str]:
        """The variables by which a process learns of it."""
        return {API_KEY: self.api_key} if self.api_key else {USER: self.user, PASSWORD: self.password}

    def signed(self, *, plain: bool = False) -> dict[str, str]:
        """The parameters that sign one request.

        Parameters
        ----------
        plain : send the password itself (hexadecimal): some servers cannot check tokens.
        """
        about = {"v": VERSION, "c": CLIENT, "f": "json"}
        if self.api_key:
            return {**about, "apiKey": self.api_key}
        if plain:
            return {**about, "u": self.user, "p": f"enc:{self.password.encode().hex()}"}
        salt = secrets.token_hex(8)
        token = hashlib.md5((self.password + salt).encode(), usedforsecurity=False).hexdigest()
        return {**about, "u": self.user, "t": token, "s": salt}


def server_address(text: str) -> tuple[str, str]:
    """(address without user and trailing slash, user) of a server as one types it.

    >>> server_address("https://anna@music.example.com/navidrome/")
    ('https://music.example.com/navidrome', 'anna')

    Raises
    ------
    ConfigError : it is no http or https address, or has a password in it.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"'{text}' is no address: {error}.", fix="Write https://HOST or http://HOST:PORT") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError(f"'{text}' is no server's address.", fix="Write https://HOST or http://HOST:PORT")
    if parts.password is not None:
        raise ConfigError(
            "The address has a password in it, which every program on this machine can read.",
            fix="Leave it out: Antiphon asks for it, or reads ANTIPHON_SUBSONIC_PASSWORD.",
        )
    where = f"[{host}]" if ":" in host else host
    path = quote(parts.path.rstrip("/").removesuffix("/rest").removesuffix("/app"), safe="/%")
    return urlunsplit((parts.scheme, f"{where}:{port}" if port else where, path, "", "")), parts.username or ""


def song_address(server: str, song_id: str) -> str:
    """The address of a track's sound at a server, without who asks: ``subsonic+https://HOST/rest/ID``."""
    return f"subsonic+{server}/rest/{quote(song_id, safe='')}"


def is_server(text: object) -> TypeGuard[str]:
    """Whether this is the address of a server and no path. A ``Path`` never is: it has lost a slash."""
    return isinstance(text, str) and text.strip().casefold().startswith(("http://", "https://"))
