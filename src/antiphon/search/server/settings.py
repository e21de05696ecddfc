"""How a server behaves: where it listens, who may ask, and how much."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from antiphon.errors import ConfigError

HOST, PORT = "127.0.0.1", 8337
MOST_K, MOST_QUERY = 500, 2000
"""Answers to one question, and characters of it, that the shapes of requests allow: limits only narrow them."""
_ROOT_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request may ask for, and how many requests there may be.

    Parameters
    ----------
    max_body : bytes of a request's body.
    max_query : characters of a query, 1 … :data:`MOST_QUERY`.
    max_k : answers to one question, 1 … :data:`MOST_K`.
    rate : requests a minute from one address; 0 for any number.
    concurrency : requests that are answered at one time; more wait in turn.

    Raises
    ------
    ConfigError : a limit is more than requests can ask for, or less than one; a rate is below 0.
    """

    max_body: int = 1 << 20
    max_query: int = MOST_QUERY
    max_k: int = MOST_K
    rate: int = 600
    concurrency: int = 64

    def __post_init__(self) -> None:
        if self.rate < 0:
            raise ConfigError(f"{self.rate} requests a minute are no limit.", fix="--rate 600, or 0 for any number")
        for name, most in (("max_k", MOST_K), ("max_query", MOST_QUERY)):
            given = getattr(self, name)
            if not 1 <= given <= most:
                raise ConfigError(f"{name} is {given}: requests ask for 1 to {most}.", fix=f"{name}={most}")


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """How one server behaves.

    Parameters
    ----------
    host, port : where it listens.
    tokens : each makes whoever sends it an owner; without any, whoever asks from this machine is one.
    guests : whether others may search and listen: they get no paths, start no jobs, and write nothing.
    root_path : the path under which a reverse proxy shows it, such as ``/antiphon``; "" for none.
    allowed_hosts : names that requests may address it by, beside those of this machine and ``host``.
    allowed_origins : origins of other sites whose pages may ask, such as ``https://music.example.com``.
    proxies : addresses or networks of reverse proxies, whose ``X-Forwarded-*`` headers are believed.
    guests_hear : whether guests also get the sound of tracks.
    jellyfin_key : by which Jellyfin may be asked what its users play; "" for not at all. It is never shown.
    limits : of requests.

    Raises
    ------
    ConfigError : the port is none, or the path is none that a proxy can show it under.
    """

    host: str = HOST
    port: int = PORT
    tokens: tuple[str, ...] = ()
    guests: bool = False
    root_path: str = ""
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    guests_hear: bool = True
    jellyfin_key: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise ConfigError(f"{self.port} is no port: ports go from 0 to 65535.", fix=f"--port {PORT}")
        if not _ROOT_PATH.fullmatch(self.root_path):
            raise ConfigError(
                f"'{self.root_path}' is no path to be shown under: it begins with a slash, does not end with one, and "
                "has letters, digits and ._~- between them.",
                fix=_root_path_meant(self.root_path),
            )


def _root_path_meant(written: str) -> str:
    """The option as it was probably meant: an address has a path in it, and signs that no path may have go."""
    path = urlsplit(written).path if "://" in written else written
    words = [re.sub(r"[^A-Za-z0-9._~-]+", "-", word).strip("-.") for word in path.split("/")]
    meant = "/".join(filter(None, words))
    return f"--root-path /{meant}" if meant else "Leave --root-path out: the server is shown at the root then."
