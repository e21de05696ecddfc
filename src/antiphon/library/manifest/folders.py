"""What kind of manifest a path is, and its tables.

A folder with a table is the AudioFolder convention of Hugging Face ``datasets``: ``metadata.csv`` (or .tsv, .jsonl,
.json, .parquet) with a ``file_name`` column, at any depth; folders and tables called ``train``, ``validation``,
``test`` say the split. A folder of Parquet files is a data set as the hub stores it. A folder with neither holds sound,
with texts beside it or in folders that are classes.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from antiphon.errors import ManifestError
from antiphon.library.captions import MADE_COLUMN, unguarded
from antiphon.library.files import add_stream
from antiphon.library.manifest.arrow_tables import read_parquet, read_saved_dataset
from antiphon.library.manifest.columns import match_columns
from antiphon.library.manifest.columns.meaning import unusable
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.delimited import read_csv
from antiphon.library.manifest.forms.json_tables import read_json
from antiphon.library.manifest.forms.sound_folder import folder_problems, read_sound
from antiphon.library.manifest.nothing_left import FORMS, nothing_at
from antiphon.library.manifest.paths.endings import is_sound
from antiphon.library.manifest.paths.walk import Walk, walk
from antiphon.library.manifest.sources.kinds import read_source
from antiphon.library.manifest.sources.subsonic.server import read_server
from antiphon.library.manifest.strangers import require_known
from antiphon.library.manifest.table import Source, Table
from antiphon.library.manifest.text_tables import read_jsonl
from antiphon.library.splits.names import split_name

METADATA = ("metadata.csv", "metadata.tsv", "metadata.jsonl", "metadata.json", "metadata.parquet")
TABLES = frozenset({".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet", ".pq"})
LARGEST_NAME = 1024
FEW_ROWS = 0.1
"""Rows a sound file that tables below a folder's top must have to be its manifest: some albums bring their own."""
S = TypeVar("S", bound=Source)


def read_tables(path: Source, audio_out: Path, options: ManifestOptions, more: Sequence[Source] = ()) -> list[Table]:
    """Every table of a manifest, whatever its form.

    Parameters
    ----------
    path : a file, a folder, or a server's address.
    audio_out : folder for sound that the manifest carries inside itself.
    options : what the user says about it.
    more : further ones; then each table's name may say its split.

    Raises
    ------
    ManifestError : it is missing, or of no known form.
    """
    if not more:
        return _read(path, audio_out, options)
    for named in (path, *more):
        if isinstance(named, Path) and not named.exists():  # a slip of the fingers, and no bad file among good ones
            raise nothing_at(named)
    return _each([path, *more], lambda item: [_named_split(t, item) for t in _read(item, audio_out, options)])


def _read(path: Source, audio_out: Path, options: ManifestOptions) -> list[Table]:
    if isinstance(path, str):
        return [read_server(path, options)]
    if path.is_dir():
        return _read_folder(path, audio_out, options)
    if not path.is_file():
        raise nothing_at(path)
    return read_file(path, audio_out, options)


def read_file(path: Path, audio_out: Path, options: ManifestOptions) -> list[Table]:
    """The tables of one file, by what it holds or the ending of its name.

    Raises
    ------
    ManifestError : the ending is unknown.
    """
    source = read_source(path, options)
    if source is not None:
        return [source]
    require_known(path)
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv", ".tab"}:
        return [_unguarded(read_csv(path))]
    if suffix in {".jsonl", ".ndjson"}:
        return [read_jsonl(path)]
    if suffix == ".json":
        return [read_json(path)]
    if suffix in {".parquet", ".pq"}:
        return [read_parquet(path, audio_out, options)]
    if suffix in {".h5", ".hdf5"}:
        from antiphon.library.manifest.hdf5 import read_h5  # h5py is optional

        return read_h5(path)
    if suffix in {".db", ".sqlite"} and not path.stat().st_size:
        raise ManifestError(f"{path} is empty (0 bytes).", fix="Give the database that its program writes.")
    fix = "If it is a table, rename it to end in .csv or .tsv. " if suffix in {"", ".txt"} else ""
    raise ManifestError(f"{path} has no known form ('{suffix or 'no ending'}').", fix=f"{fix}Use {FORMS}.")


def _unguarded(table: Table) -> Table:
    """A table of made captions as it was before its formulas were made harmless (``captions/table.py``)."""
    if MADE_COLUMN not in table.columns:
        return table
    columns: dict[str, Sequence[Any]] = {
        name: [unguarded(cell) if isinstance(cell, str) else cell for cell in cells]
        for name, cells in table.columns.items()
    }
    return replace(table, columns=columns)


def _read_folder(folder: Path, audio_out: Path, options: ManifestOptions) -> list[Table]:
    if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
        return read_saved_dataset(folder, audio_out, options)
    found = walk(folder)
    paths = _metadata(found) or _tables(folder, found)
    sounds = [path for path in found.files if is_sound(path)]
    if paths:
        must = not sounds or any(path.parent == folder for path in paths)
        tables = _placed_tables(paths, folder, audio_out, options, must=must)
        if must or sum(len(table.lines) for table in tables) >= FEW_ROWS * len(sounds):
            return [_with_unnamed(folder, found, tables, options), *tables[1:]]
    elif not sounds:
        raise ManifestError(
            f"{folder} holds neither a metadata table ({', '.join(METADATA)}) nor sound files.", fix=f"Use {FORMS}."
        )
    return [read_sound(folder, found, options.folder_tags)]


def _placed_tables(
    paths: Sequence[Path], folder: Path, audio_out: Path, options: ManifestOptions, *, must: bool
) -> list[Table]:
    """The tables of a folder; none where all of them are bad, unless one ``must`` be good."""
    try:
        return _each(paths, lambda path: [_placed(t, folder, path) for t in read_file(path, audio_out, options)])
    except ManifestError:
        if must:
            raise
        return []


def _metadata(found: Walk) -> list[Path]:
    """One ``metadata.…`` of each folder, those of the top first."""
    by_folder: dict[str, list[str]] = {}
    for path in found.files:
        head, name = os.path.split(path)
        if name in METADATA:
            by_folder.setdefault(head, []).append(name)
    heads = sorted(by_folder, key=lambda head: (head.count(os.sep), head))
    return [Path(head) / min(by_folder[head], key=METADATA.index) for head in heads]


def _tables(folder: Path, found: Walk) -> list[Path]:
    """Tables of other names: those of a folder from the hub, those called by splits, or the only one.

    Raises
    ------
    ManifestError : there are several, and nothing says which is meant.
    """
    stems = {os.path.splitext(path)[0] for path in found.files if is_sound(path)}  # noqa: PTH122
    paths = [Path(path) for path in found.files if Path(path).suffix.lower() in TABLES]
    paths = [path for path in paths if str(path.with_suffix("")) not in stems]
    parquet = [path for path in paths if path.suffix.lower() in {".parquet", ".pq"}]
    if parquet and not stems:
        return parquet
    paths = [path for path in paths if path.parent == folder and _has_rows(path)]
    if len(paths) < 2 or all(split_of_name(path) for path in paths):
        return paths
    listed = ", ".join(path.name for path in paths)
    raise ManifestError(f"{folder} holds {len(paths)} tables: {listed}.", fix=f"Name those that are meant: {paths[0]}")


def _has_rows(path: Path) -> bool:
    """Whether a table could be a manifest; one that cannot be read could, so that its trouble is told."""
    try:
        tables = read_file(path, path.parent, ManifestOptions(no_audio=True))
    except ManifestError:
        return path.suffix.lower() != ".json"
    return any({"id", "audio"} & match_columns(list(table.columns)).roles.keys() for table in tables)


def split_of_name(path: Path) -> str:
    """The split that a file's name holds as a word (``clotho_captions_development.csv``), or its folder's, or ""."""
    words = [*re.split(r"[-._ ]", path.stem), path.parent.name]
    return next((word for word in words if split_name(word)), "")


def _named_split(table: Table, path: Source) -> Table:
    return (
        table if table.split or table.anchored or isinstance(path, str) else replace(table, split=split_of_name(path))
    )


def _placed(table: Table, folder: Path, path: Path) -> Table:
    """A table under its name in the folder, with the split that its own name or a folder's says."""
    inside = path.relative_to(folder)
    folders = [part for part in inside.parts[:-1] if split_name(part)]
    split = table.split or (folders[0] if folders else "") or (split_of_name(path) if path.parent == folder else "")
    if not split and path.suffix.lower() in {".parquet", ".pq"}:
        split = split_of_name(path)
    prefix = "/".join(inside.parts[:-1])
    name = table.file if not prefix else f"{prefix}/{table.file}"
    problems = [replace(p, where=f"{prefix}/{p.where}") if prefix else p for p in table.problems]
    return replace(table, file=name, split=split, problems=problems)


def _each(paths: Sequence[S], read: Callable[[S], list[Table]]) -> list[Table]:
    """The tables of several files; a bad one beside good ones is a problem.

    Raises
    ------
    ManifestError : all are bad; this is what is wrong with the first.
    """
    tables: list[Table] = []
    errors: list[ManifestError] = []
    for path in paths:
        try:
            tables += read(path)
        except ManifestError as error:
            errors.append(error)
            file = Path(path)
            problem = unusable(file.name, error)
            tables.append(Table(file=file.name, columns={}, lines=[], base=file.parent, problems=[problem]))
    if errors and len(errors) == len(paths):
        raise errors[0]
    return tables


def _with_unnamed(folder: Path, found: Walk, tables: list[Table], options: ManifestOptions) -> Table:
    """The first table, with a note on sound files that no row names, so that none is left out in silence."""
    named = set()
    for table in tables:
        for cells in table.columns.values():
            named |= {os.path.basename(cell) for cell in cells if isinstance(cell, str) and len(cell) < LARGEST_NAME}  # noqa: PTH119
    spare = [path for path in found.files if is_sound(path) and os.path.basename(path) not in named]  # noqa: PTH119
    if spare and not options.audio_folders:
        first = os.path.relpath(spare[0], folder)
        tables[0].notes.append(f"{len(spare)} sound files in {folder} are named by no row (the first: {first}).")
    tables[0].problems.extend(folder_problems(folder, found))
    return tables[0]


def manifest_hash(paths: Sequence[Source]) -> str:
    """sha256 of manifest files, or over the tables of folders (names and sizes of what has no table).

    Of a server it is the address's: what it holds changes with every play.
    """
    digest = hashlib.sha256()
    for path in paths:
        if isinstance(path, str):
            digest.update(path.encode())
            continue
        if path.is_file():
            _hash_file(digest, path)
            continue
        for name in walk(path).files:
            size = os.stat(name).st_size if os.path.exists(name) else -1  # noqa: PTH110, PTH116
            digest.update(os.fsencode(os.path.relpath(name, path)) + f"\x00{size}\x01".encode())
            if os.path.basename(name) in METADATA or name.endswith((".txt", ".json")):  # noqa: PTH119
                _hash_file(digest, Path(name))
    return digest.hexdigest()


def _hash_file(digest: hashlib._Hash, path: Path) -> None:
    try:
        with path.open("rb") as stream:
            add_stream(digest, stream)
    except OSError:  # its trouble is told where it is read
        return
