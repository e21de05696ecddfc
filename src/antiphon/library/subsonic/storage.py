"""A server's sound, as a storage that fsspec opens: ``subsonic+https://HOST/rest/ID``.

Like other storages' drivers it takes who asks from the environment, so that worker processes need not be told.
A manifest may come from anybody; what is signed is therefore sent only to the server that ``ANTIPHON_SUBSONIC_SERVER``
names.
"""

from __future__ import annotations

import io
import os
from typing import Any
from urllib.parse import unquote

from fsspec import AbstractFileSystem

from antiphon.errors import ConfigError
from antiphon.library.subsonic.account import API_KEY, PASSWORD, SERVER, USER, Account, server_address
from antiphon.library.subsonic.client import NOT_FOUND, Subsonic, SubsonicError

SCHEMES = ("subsonic+https", "subsonic+http")


class SubsonicStorage(AbstractFileSystem):  # type: ignore[misc]
    """Files are a server's tracks: their size and time as the server has them, their bytes as they are on its disk."""

    protocol = SCHEMES
    cachable = False

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Size in bytes and when the server first saw the file.

        Raises
        ------
        FileNotFoundError : the server has no such track.
        """
        server, song_id = server_of(path)
        try:
            song = server.ask("getSong", id=song_id).get("song")
        except SubsonicError as error:
            if error.code == NOT_FOUND:
                raise FileNotFoundError(path) from error
            raise
        found = song if isinstance(song, dict) else {}
        size = found.get("size")
        known = size if isinstance(size, int) and size > 0 else 1  # 0 bytes would be an empty file
        return {"name": path, "type": "file", "size": known, "created": found.get("created")}

    def _open(self, path: str, mode: str = "rb", **_: Any) -> io.BytesIO:
        if mode != "rb":
            raise OSError(f"{path} can only be read.")
        server, song_id = server_of(path)
        return io.BytesIO(server.sound(song_id))


def server_of(address: str) -> tuple[Subsonic, str]:
    """The server of a track's address, to be asked as the environment says, and the track's id there.

    Raises
    ------
    ConfigError : the environment names no server or another one, or nobody who asks.
    """
    there, _, song_id = address.removeprefix("subsonic+").rpartition("/rest/")
    if server_address(os.environ.get(SERVER) or "http://none")[0] != there:
        raise ConfigError(f"{there} is not the server that {SERVER} names.", fix=f"If it is yours: {SERVER}={there}")
    key, user, password = (os.environ.get(name, "") for name in (API_KEY, USER, PASSWORD))
    if not (key or (user and password)):
        raise ConfigError(f"{there} wants a user and a password.", fix=f"Set {USER} and {PASSWORD}, or {API_KEY}.")
    return Subsonic(there, Account(user=user, password=password, api_key=key)), unquote(song_id)
