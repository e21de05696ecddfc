"""What is said of a manifest that is not there, or of which no row can be used, with the command that mends it."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns import ColumnRoles
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.paths.mapping import mapped, shared_folder
from antiphon.library.manifest.problems import problem_lines
from antiphon.library.manifest.rows.rows import RowReader
from antiphon.library.manifest.table import Source, Table

FORMS = (
    "CSV, TSV, JSON lines (.jsonl), JSON list, Parquet, HDF5 (.h5), a saved Hugging Face data set, "
    "a Navidrome or beets database, or an M3U playlist"
)
HOST_AND_PORT = re.compile(r"[\w.-]+:\d{2,5}(/.*)?")
NEAR = ("audio", "audios", "wav", "wavs", "clips", "sounds", "mp3", "music", "data")
"""Folders that data sets keep their sound in, beside the table."""


def nothing_at(path: Path) -> ManifestError:
    """The error for a path that leads nowhere."""
    if path.is_symlink():
        return ManifestError(f"{path} is a link to {path.readlink()}, where nothing is.", fix="Correct the link.")
    return ManifestError(
        f"There is nothing at {path}.", fix=f"{_meant(path)}Give a folder of music, or a table: {FORMS}."
    )


def _meant(path: Path) -> str:
    """What a path that leads nowhere may have been meant as: a server, or a neighbour with nearly its name; or ""."""
    if HOST_AND_PORT.fullmatch(str(path)):
        return f"For a server: http://{path}. "
    try:
        there = [entry.name for entry in path.parent.iterdir()]
    except OSError:  # nothing there either, or nothing that we may look into
        return ""
    near = difflib.get_close_matches(path.name, there, n=1)
    return f"Did you mean {path.parent / near[0]}? " if near else ""


def nothing_left(
    path: Source,
    rows: RowReader,
    root: Path,
    tables: Sequence[Table],
    meanings: Sequence[ColumnRoles | None],
    options: ManifestOptions,
) -> ManifestError:
    """The error for a manifest without a single usable row.

    Parameters
    ----------
    path : of the manifest, or a server's address.
    rows : what was read, with its problems.
    root : folder that relative paths start from.
    tables, meanings : of the manifest, and of their columns.
    """
    if not rows.problems:
        return ManifestError(f"{path} has no rows that can be used.", fix="Write one row for each track.")
    kinds = Counter(problem.kind for problem in rows.problems)
    listed = "".join(f"\n  {line}" for line in problem_lines(rows.problems))
    fix = "Mend the rows listed above."
    if kinds["missing file"] == len(rows.problems):
        fix = _mapping(_seen(root, tables, meanings), options) or _folder(root, tables, meanings)
    return ManifestError(f"None of the {rows.read:,} rows of {path} can be used.{listed}", fix=fix)


def _folder(root: Path, tables: Sequence[Table], meanings: Sequence[ColumnRoles | None]) -> str:
    if tables and tables[0].anchored:
        said = " ".join(tables[0].notes)
        return f"{said or f'They are not in {root}.'} Where the music is, says --audio-folder DIR."
    ids = any(columns is not None and "id" in columns.roles for columns in meanings)
    near = next((root / name for name in NEAR if (root / name).is_dir()), "DIR")
    return (
        f"Paths start from {root}: write them relative to it, or absolute; or name the folder that the files are "
        f"in: --audio-folder {near}. For captions and imported vectors without sound: --no-audio"
        f"{'' if ids else ', and a column of ids'}."
    )


def _seen(root: Path, tables: Sequence[Table], meanings: Sequence[ColumnRoles | None]) -> str:
    """The folder that all paths begin with where that folder is not on this machine, "" otherwise."""
    if tables and tables[0].anchored and not root.is_dir():
        return os.fspath(root)
    columns = [m.roles["audio"] for m in meanings if m is not None and "audio" in m.roles]
    cells = (cell for table in tables for name in columns for cell in table.columns.get(name, ()))
    shared = shared_folder(cell for cell in cells if isinstance(cell, str))
    return shared if shared and not Path(shared).is_dir() else ""


def _mapping(seen: str, options: ManifestOptions) -> str:
    if not seen:
        return ""
    there = mapped(seen, options.path_maps)
    told = f"There is no folder {there} on this machine. "
    if there != seen:
        return f"{told}It is what --path-map makes of {seen}: name the folder that the same files are in."
    return (
        f"{told}If a player or another machine has its music there, say where the same folder is here: "
        f"--path-map {seen}=FOLDER"
    )
