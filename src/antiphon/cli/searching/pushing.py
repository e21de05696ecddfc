"""Playlists of the command playlist on their way to a player: who asks its server, and what is said then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from antiphon.cli.accounts import account_for
from antiphon.errors import ConfigError
from antiphon.library.subsonic.account import Account, is_server
from antiphon.library.subsonic.client import Subsonic
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.pushing.push import Pushed, push


@dataclass
class Pusher:
    """Pushes playlists to one server; who asks is found out before anything is made.

    Parameters
    ----------
    addresses : as they are typed; all the same, or none.

    Raises
    ------
    ConfigError : one is no server's address, or there are two; nobody is there to be asked who asks.
    """

    addresses: Sequence[str]
    _account: Account | None = field(init=False)

    def __post_init__(self) -> None:
        wrong = next((address for address in self.addresses if not is_server(address)), None)
        if wrong is not None:
            raise ConfigError(f"'{wrong}' is no server's address.", fix="--push https://USER@HOST")
        self._account = account_for(list(dict.fromkeys(self.addresses)))

    def push(
        self, library: Path, made: Playlist, name: str, maps: Mapping[str, str], *, about: str = ""
    ) -> Pushed | None:
        """Make a playlist on the server, or replace ours; None where there is no server.

        Parameters
        ----------
        about : what was asked; "" for the playlist's own name.

        Raises
        ------
        LibraryError : it could not be made.
        """
        if self._account is None:
            return None
        return push(library, made, Subsonic(self.addresses[0], self._account), name=name, about=about, maps=maps)
