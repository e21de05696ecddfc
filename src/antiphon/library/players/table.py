"""``players/NAME.json``: the ids of one player, as they were matched to a library's tracks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.files import read_json, write_json

FORMAT = 1
FOLDER = "players"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class IdTable:
    """One player's ids.

    Parameters
    ----------
    player : its name: "navidrome", "jellyfin", "lms", "ampache", or one that its owner gave it.
    source : where the ids were read: an address or a file.
    tracks : the player's id of a song → the track's id here.
    artists : the player's id of an artist → the name.
    matched_by : rule → how many tracks it found.
    unmatched : songs of the player that are no track here, or could be several.
    """

    player: str
    source: str = ""
    tracks: Mapping[str, str] = field(default_factory=dict)
    artists: Mapping[str, str] = field(default_factory=dict)
    matched_by: Mapping[str, int] = field(default_factory=dict)
    unmatched: int = 0


def player_name(name: str) -> str:
    """A player's name as it is kept and asked for.

    Raises
    ------
    ConfigError : no file and no address can be called so.
    """
    plain = name.strip().casefold()
    if not _NAME.fullmatch(plain):
        raise ConfigError(f"'{name}' cannot be a player's name.", fix="Take letters, digits, - and _: --player lms")
    return plain


def save_ids(root: Path, table: IdTable) -> Path:
    """Write a player's ids, in place of older ones; the file."""
    path = root / FOLDER / f"{player_name(table.player)}.json"
    path.parent.mkdir(exist_ok=True)
    write_json(path, {"format": FORMAT, **vars(table)})
    return path


def id_files(root: Path) -> list[Path]:
    """The tables of all players of a library, in order of their names."""
    return sorted((root / FOLDER).glob("*.json"))


def read_ids(path: Path) -> IdTable:
    """A player's ids.

    Raises
    ------
    LibraryError : the file is damaged, or a newer Antiphon wrote it.
    """
    try:
        return _of(read_json(path), path.stem)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise LibraryError(
            f"{path} is no table of a player's ids: {error}",
            fix=f"Make it again: antiphon ids SOURCE --player {path.stem}",
        ) from error


def _of(data: Mapping[str, Any], player: str) -> IdTable:
    if data["format"] != FORMAT:
        raise ValueError(f"it has format {data['format']}, this Antiphon reads {FORMAT}")
    return IdTable(
        player=player,
        source=str(data["source"]),
        tracks={str(theirs): str(ours) for theirs, ours in data["tracks"].items()},
        artists={str(theirs): str(name) for theirs, name in data["artists"].items()},
        matched_by={str(rule): int(number) for rule, number in data["matched_by"].items()},
        unmatched=int(data["unmatched"]),
    )
