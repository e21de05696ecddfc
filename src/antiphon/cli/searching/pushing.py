"""Playlists of the command playlist on their way to a player: who asks its server, and what is said then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from antiphon.cli.accounts import account_for
from antiphon.errors import ConfigError
from antiphon.library.subsonic.account import is_server
from antiphon.library.subsonic.client import Subsonic
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.push import Pushed, push


def server_for(*addresses: str) -> Subsonic | None:
    """A player's server, with who asks it; None where there is no address.

    Parameters
    ----------
    addresses : as they are typed; all the same, or none.

    Raises
    ------
    ConfigError : one is no server's address, or there are two; nobody is there to be asked who asks.
    """
    wrong = next((address for address in addresses if not is_server(address)), None)
    if wrong is not None:
        raise ConfigError(f"'{wrong}' is no server's address.", fix="--push https://USER@HOST")
    account = account_for(list(dict.fromkeys(addresses)))
    return None if account is None else Subsonic(addresses[0], account)


class Pusher:
    """Pushes playlists to one server; who asks is found out before anything is made.

    Parameters
    ----------
    addresses : as for :func:`server_for`.
    """

    def __init__(self, addresses: Sequence[str]) -> None:
        self._server = server_for(*addresses)

    def push(
        self, library: Path, made: Playlist, name: str, path_map: Mapping[str, str], *, about: str = ""
    ) -> Pushed | None:
        """Make a playlist on the server, or replace ours; None where there is no server.

        Parameters
        ----------
        about : what was asked; "" for the playlist's own name.

        Raises
        ------
        LibraryError : it could not be made.
        """
        if self._server is None:
            return None
        return push(library, made, self._server, name=name, about=about, path_map=path_map)
