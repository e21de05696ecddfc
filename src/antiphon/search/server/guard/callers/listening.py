"""Where a server may listen: at this machine; anywhere else it wants a token, or to be told that guests may ask."""

from __future__ import annotations

from collections.abc import Collection

from antiphon.errors import ConfigError
from antiphon.search.server.guard.hosts import is_loopback

MAKE = "openssl rand -hex 24 > token; antiphon serve --token-file token"


def require_safe_listening(host: str, *, tokens: Collection[str], guests: bool, proxied: bool) -> None:
    """Refuse to listen where strangers would be owners, or nobody could ask.

    Parameters
    ----------
    proxied : whether anything says that a reverse proxy stands in front: then all requests come from this machine.

    Raises
    ------
    ConfigError : it is not told who may ask.
    """
    if tokens or guests:
        return
    if not is_loopback(host):
        raise ConfigError(
            f"A server that listens at {host} is asked by other machines, and is not told who may.",
            fix=f"Set a token ({MAKE}), or let anybody search with --guests.",
        )
    if proxied:
        raise ConfigError(
            "Behind a reverse proxy every request comes from this machine, so everybody would be an owner.",
            fix=f"Set a token ({MAKE}), or let anybody search with --guests.",
        )
