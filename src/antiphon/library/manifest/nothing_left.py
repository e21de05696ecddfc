"""What is said of a manifest of which no row can be used, with the command that mends it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns import Columns
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.paths.mapping import mapped, shared_folder
from antiphon.library.manifest.rows.rows import Rows
from antiphon.library.manifest.table import Source, Table

SHOWN = 20
FEW = 5
NEAR = ("audio", "audios", "wav", "wavs", "clips", "sounds", "mp3", "music", "data")
"""Folders that data sets keep their sound in, beside the table."""


def nothing_left(
    path: Source,
    rows: Rows,
    root: Path,
    tables: Sequence[Table],
    meanings: Sequence[Columns | None],
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
    most = SHOWN if len(kinds) > 1 else FEW
    listed = "".join(f"\n  {problem}" for problem in rows.problems[:most])
    listed += f"\n  … and {len(rows.problems) - most} more" if len(rows.problems) > most else ""
    fix = "Mend the rows listed above."
    if kinds["missing file"] == len(rows.problems):
        fix = _mapping(_seen(root, tables, meanings), options) or _folder(root, tables, meanings)
    return ManifestError(f"None of the {rows.read} rows of {path} can be used.{listed}", fix=fix)


def _folder(root: Path, tables: Sequence[Table], meanings: Sequence[Columns | None]) -> str:
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


def _seen(root: Path, tables: Sequence[Table], meanings: Sequence[Columns | None]) -> str:
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
