"""Playlists on a Subsonic server: made, replaced whole, renamed and deleted, where an earlier one of the name is ours.

A playlist is known as ours by its comment, which begins with :data:`MADE`, or by its id, where a server keeps no
comments. One that somebody else made under the same name is never touched, and none is ever made twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from antiphon.errors import LibraryError
from antiphon.library.subsonic.client import Subsonic, listed

MADE = "Made by Antiphon"
"""How the comment of a playlist of ours begins."""
BATCH = 40
"""Songs in one request where a server reads no forms: addresses have a length that servers refuse."""


@dataclass(frozen=True, kw_only=True)
class WrittenPlaylist:
    """A playlist as it is on the server now.

    Parameters
    ----------
    id, name : there.
    replaced : whether there was one of ours before.
    songs : how many are in it.
    """

    id: str
    name: str
    replaced: bool
    songs: int


def write_playlist(
    server: Subsonic, name: str, song_ids: Sequence[str], *, about: str = "", known: Collection[str] = ()
) -> WrittenPlaylist:
    """Make a playlist of the server's songs, in place of an earlier one of ours.

    Parameters
    ----------
    song_ids : the server's own, in order; each once.
    about : what is in it, for its comment.
    known : ids of playlists that are known to be ours.

    Raises
    ------
    LibraryError : somebody else has a playlist of that name, or what is on the server then is not what was sent.
    SubsonicError : the server refuses.
    """
    ours, others = _of_name(server, name, known)
    if others and ours is None:
        raise LibraryError(
            f"{server.server} has a playlist '{name}' that Antiphon did not make: it is left as it is.",
            fix="Give this one another name: --name NAME",
        )
    size = len(song_ids) if server.takes_forms else BATCH
    first, rest = list(song_ids[:size]), list(song_ids[size:])
    target = {"name": name} if ours is None else {"playlistId": ours["id"]}
    answer = server.write("createPlaylist", **target, songId=first)
    playlist_id = str(ours["id"]) if ours is not None else _id_of(answer, server, name)
    server.write("updatePlaylist", playlistId=playlist_id, comment=f"{MADE}: {about}" if about else f"{MADE}.")
    for start in range(0, len(rest), size):
        server.write("updatePlaylist", playlistId=playlist_id, songIdToAdd=rest[start : start + size])
    _require_same(server, playlist_id, name, song_ids)
    return WrittenPlaylist(id=playlist_id, name=name, replaced=ours is not None, songs=len(song_ids))


def delete_playlist(server: Subsonic, name: str, *, known: Collection[str] = ()) -> str | None:
    """Delete the playlist of ours that has a name; its id, None where there is none.

    Parameters
    ----------
    known : as for :func:`write_playlist`.

    Raises
    ------
    LibraryError : the server refuses, or cannot be reached.
    """
    ours, _ = _of_name(server, name, known)
    if ours is None:
        return None
    server.write("deletePlaylist", id=ours["id"])
    return str(ours["id"])


def rename_playlist(server: Subsonic, name: str, new: str, *, known: Collection[str] = ()) -> bool:
    """Give the playlist of ours that has a name another one; whether there is one. ``known`` as before.

    Raises
    ------
    LibraryError : a playlist is called so already, the server refuses, or it cannot be reached.
    """
    ours, _ = _of_name(server, name, known)
    if ours is None:
        return False
    if any(_of_name(server, new, known)):
        raise LibraryError(f"{server.server} has a playlist '{new}' already.", fix="Take another name.")
    server.write("updatePlaylist", playlistId=ours["id"], name=new)
    return True


def _of_name(server: Subsonic, name: str, known: Collection[str]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The playlist of a name that is ours, and those that are not."""
    named = [each for each in _own(server) if each.get("name") == name]
    ours = next((each for each in named if _is_ours(each, known)), None)
    return ours, [each for each in named if not _is_ours(each, known)]


def _is_ours(playlist: Mapping[str, Any], known: Collection[str]) -> bool:
    return str(playlist.get("comment") or "").startswith(MADE) or str(playlist["id"]) in known


def _own(server: Subsonic) -> list[dict[str, Any]]:
    """The user's own playlists that can be written."""
    found = listed(server.ask("getPlaylists"), "playlists", "playlist")
    mine = [each for each in found if isinstance(each, dict) and each.get("id") and not each.get("readonly")]
    user = server.user.casefold()
    return [each for each in mine if not user or str(each.get("owner") or user).casefold() == user]


def _id_of(answer: dict[str, Any], server: Subsonic, name: str) -> str:
    """The id of the playlist that was just made; servers from before 1.14 do not say it, but list it."""
    made = answer.get("playlist")
    if isinstance(made, dict) and made.get("id"):
        return str(made["id"])
    found = [each for each in _own(server) if each.get("name") == name]
    if len(found) != 1:
        raise LibraryError(f"{server.server} does not say which playlist it made.", fix="Look for it in the player.")
    return str(found[0]["id"])


def _require_same(server: Subsonic, playlist_id: str, name: str, song_ids: Sequence[str]) -> None:
    there = [str(each.get("id")) for each in listed(server.ask("getPlaylist", id=playlist_id), "playlist", "entry")]
    if there != list(song_ids):
        raise LibraryError(
            f"{server.server} has {len(there)} songs in '{name}' where {len(song_ids)} were sent, or in another order.",
            fix="Run it again: it replaces the playlist whole.",
        )
