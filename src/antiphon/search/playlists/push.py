"""A playlist to a player: its tracks as the server's own songs, made there or replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.errors import LibraryError
from antiphon.library.files import read_json, write_json
from antiphon.library.manifest.paths.mapping import PathMap, seen_by_player
from antiphon.library.manifest.paths.walk import PLAYLISTS
from antiphon.library.players.looking import look_up
from antiphon.library.players.songs import Song
from antiphon.library.subsonic.client import Subsonic
from antiphon.library.subsonic.playlists import WrittenPlaylist, delete_playlist, rename_playlist, write_playlist
from antiphon.library.tracks import Library
from antiphon.printed import Printed, counted
from antiphon.search.playlists.answer import Playlist

FILE = "pushed.json"
"""Which playlists of which server are ours, since some servers keep no comments; beside a library's playlists."""


@dataclass(frozen=True, kw_only=True)
class Pushed(Printed):
    """What a server has then.

    Parameters
    ----------
    server : its address.
    written : the playlist there.
    missing : tracks that it does not have, by name.
    """

    server: str
    written: WrittenPlaylist
    missing: Sequence[str]

    def lines(self) -> list[str]:
        """What was written, and which tracks the server does not have."""
        how = "replaced" if self.written.replaced else "made"
        told = [f"'{self.written.name}' {how} on {self.server}: {counted(self.written.songs, 'track')}."]
        if self.missing:
            told.append(f"{counted(len(self.missing), 'track')} not found there: {'; '.join(self.missing)}.")
        return told

    def to_dict(self) -> dict[str, Any]:
        """The field ``pushed`` of ``antiphon playlist --json``."""
        return {"server": self.server, **vars(self.written), "missing": list(self.missing)}


def push(
    root: Path,
    playlist: Playlist,
    server: Subsonic,
    *,
    name: str = "",
    about: str = "",
    path_map: Mapping[str, str] | None = None,
) -> Pushed:
    """Make a playlist on a server, in place of an earlier one of ours.

    Parameters
    ----------
    name : what it is called there; "" for the playlist's own name.
    about : what was asked, for its comment; "" likewise.
    path_map : a folder as the server sees it → where it is on this machine.

    Raises
    ------
    LibraryError : the server has none of the tracks, cannot be reached, or somebody else has a playlist of the name.
    """
    tracks = [hit.track_id for hit in playlist]
    maps = [PathMap(written=there, here=Path(here)) for there, here in (path_map or {}).items()]
    found = look_up(server, Library(root), tracks, place=lambda path: seen_by_player(path, maps))
    missing = [_named(song) for song in found.missing]
    if not found.ids:
        raise LibraryError(
            f"{server.server} has none of the {counted(len(tracks), 'track')} of '{playlist.name}': {missing[0]} …"
            if missing
            else f"'{playlist.name}' has no tracks.",
            fix=f"Learn its ids once: antiphon ids {server.server}" if missing else None,
        )
    ids = list(dict.fromkeys(found.ids.values()))
    ours = pushed_before(root, server.server)
    written = write_playlist(server, name or playlist.name, ids, about=about or playlist.name, known=ours)
    remember(root, server.server, written.id)
    return Pushed(server=server.server, written=written, missing=missing)


def delete_pushed(root: Path, name: str, server: Subsonic) -> list[str]:
    """Delete the playlist of a name on a server where it is ours; what is to be said of it, a sentence each.

    Raises
    ------
    LibraryError : the server refuses, or cannot be reached.
    """
    deleted = delete_playlist(server, name, known=pushed_before(root, server.server))
    if deleted is None:
        return []
    known = _read(root)
    if deleted in known.get(server.server, []):  # a server may give the number to another one
        known[server.server].remove(deleted)
        write_json(root / PLAYLISTS / FILE, known)
    return [f"'{name}' is deleted on {server.server}, too."]


def rename_pushed(root: Path, name: str, new: str, server: Subsonic) -> list[str]:
    """Rename the playlist of a name on a server where it is ours; what is to be said, and errors, likewise.

    LibraryError also where the server has a playlist of the new name.
    """
    renamed = rename_playlist(server, name, new, known=pushed_before(root, server.server))
    return [f"'{name}' is '{new}' on {server.server}, too."] if renamed else []


def pushed_elsewhere(root: Path, server: str = "") -> list[str]:
    """Servers beside this one that have playlists of this library; which ones is not written down."""
    return [each for each, ids in _read(root).items() if ids and each != server]


def _named(song: Song) -> str:
    return " - ".join(part for part in (song.artist, song.title) if part) or song.id


def pushed_before(root: Path, server: str) -> list[str]:
    """The ids of the playlists on a server that were made from this library.

    Raises
    ------
    LibraryError : the file is damaged.
    """
    return _read(root).get(server, [])


def remember(root: Path, server: str, playlist_id: str) -> None:
    """Write down that a playlist is ours."""
    known = _read(root)
    if playlist_id not in known.setdefault(server, []):
        known[server].append(playlist_id)
        (root / PLAYLISTS).mkdir(exist_ok=True)
        write_json(root / PLAYLISTS / FILE, known)


def _read(root: Path) -> dict[str, list[str]]:
    path = root / PLAYLISTS / FILE
    if not path.is_file():
        return {}
    try:
        return {str(server): [str(each) for each in ids] for server, ids in read_json(path).items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise LibraryError(
            f"{path} is damaged: {error}", fix=f"Delete {path}: playlists that have our comment stay known."
        ) from error
