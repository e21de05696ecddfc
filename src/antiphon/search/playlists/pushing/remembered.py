"""``playlists/pushed.json``: which playlists of which server are ours, since some servers keep no comments."""

from __future__ import annotations

from pathlib import Path

from antiphon.errors import LibraryError
from antiphon.library.files import read_json, write_json
from antiphon.library.manifest.paths.walk import PLAYLISTS

FILE = "pushed.json"


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
