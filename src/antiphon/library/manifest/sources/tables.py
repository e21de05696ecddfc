"""From the tracks of a source to a table: where their files start from, and which columns mean something."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.paths.mapping import below, is_absolute, mapped
from antiphon.library.manifest.table import Problem, Table, file_and_line
from antiphon.library.manifest.text_tables import objects_table

MEANT = frozenset({"audio", "title", "artist", "album"})
"""The columns of a source that have a role by their name; a tag that somebody called "text" or "split" has none."""
Item = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class MusicFolder:
    """The folder that a source's files are in.

    Parameters
    ----------
    written : as the source writes it, "" where it does not say.
    here : where it is on this machine.
    """

    written: str
    here: Path

    def path_of(self, written: str) -> str:
        """A track's path: relative where its file lies in the folder, so that its id is the one it has in there."""
        for folder in (self.written, os.fspath(self.here)):
            inside = below(written, folder) if folder else None
            if inside:
                return inside
        return written


def music_folder(written: str, options: ManifestOptions, fallback: Path) -> MusicFolder:
    """Where a source's music is here, by what the source and the user say.

    Parameters
    ----------
    written : the folder as the source writes it, "" where it does not say.
    fallback : where nothing says it.
    """
    maps, folders = options.path_maps, options.audio_folders
    if not written and maps:
        written = maps[0].written
    there = mapped(written, maps)
    if written and (there != written or not folders or Path(there).is_dir()):
        here = Path(there)
    else:
        here = folders[0] if folders else fallback
    return MusicFolder(written=written, here=here.absolute())


def source_table(
    path: Path,
    items: Sequence[tuple[int, Item]],
    folder: MusicFolder,
    problems: list[Problem],
    notes: list[str],
    *,
    by_line: bool = False,
    meant: frozenset[str] = MEANT,
) -> Table:
    """A table of (row or line, track) pairs; a track's ``audio`` is the path as the source writes it.

    Parameters
    ----------
    meant : columns that may have a role by their names; without ``id`` among them a track's id is its path.

    Raises
    ------
    ManifestError : there are no tracks at all.
    """
    good: list[tuple[int, Item]] = []
    for row, item in items:
        written, where = str(item.get("audio", "")), file_and_line(path.name, row, by_line=by_line)
        if not written:
            problems.append(_no_path(where))
        elif not _is_text(written):
            problems.append(_bad_name(where, written))
        else:
            good.append((row, {**item, "audio": folder.path_of(written)}))
    if not items and not problems:
        raise ManifestError(f"{path} lists no tracks. {' '.join(notes)}".strip(), fix="Add music to it first.")
    table = objects_table(path, good, problems, by_line=by_line)
    return replace(table, base=folder.here, anchored=True, meant=meant, notes=notes)


def without_nothing(item: Item) -> Item:
    """A track's fields that say something. Players write 0 and "" for what they do not know."""
    return {name: value for name, value in item.items() if value not in (None, "", 0, [], b"")}


def partial_date(year: object, month: object, day: object) -> str:
    """An ISO date as far as it is known: "1998", "1998-05", "1998-05-03"; "" for none."""
    numbers = [number if isinstance(number, int) else 0 for number in (year, month, day)]
    known = numbers[: numbers.index(0)] if 0 in numbers else numbers
    return "-".join(f"{number:0{4 if i == 0 else 2}d}" for i, number in enumerate(known))


def player_path(folder: str, path: str) -> str:
    """A path in a player's folder, which may be another system's; "" where there is none."""
    return path if is_absolute(path) or not (folder and path) else f"{folder.rstrip('/')}/{path}"


def file_path(cell: object) -> str:
    """The path in a database's cell, whatever the type it was stored as; "" where it holds none."""
    return os.fsdecode(cell) if isinstance(cell, str | bytes) else ""


def _is_text(path: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in path)


def _no_path(where: str) -> Problem:
    return Problem(
        where=where,
        column="audio",
        problem="the track has no path",
        fix="Let the player scan its files again",
        effect="left out",
        kind="no path",
    )


def _bad_name(where: str, written: str) -> Problem:
    shown = written.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Problem(
        where=where,
        column="audio",
        problem=f"the name {shown} is not UTF-8, and no table can hold it",
        fix="Rename it: convmv -f latin1 -t utf8",
        effect="left out",
        kind="bad file name",
    )
