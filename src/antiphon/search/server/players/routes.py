"""Players' dialects on an application."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from antiphon.search.server.players.audiomuse.routes import audiomuse_routes
from antiphon.search.server.players.known import KnownPlayers
from antiphon.search.server.players.opensubsonic.routes import subsonic_routes


def add_players(app: FastAPI, root: Path) -> None:
    """Let an application answer players.

    Their addresses (:class:`antiphon.search.server.players.addresses.PlayerAddresses`) have to be put in front of
    whatever judges requests by their path.

    Parameters
    ----------
    root : the library that it serves.
    """
    app.state.players = KnownPlayers(root)
    app.router.routes.extend([*audiomuse_routes(), *subsonic_routes()])
