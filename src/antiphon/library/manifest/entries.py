"""A user's manifest, read, checked and merged into one entry a track.

Every form ends here: columns get their meaning, paths are checked, rows of one id become one track with several
captions, and whatever cannot be used is listed as a :class:`~antiphon.library.manifest.table.Problem`, never dropped in
silence.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns import ColumnRoles
from antiphon.library.manifest.columns.meaning import column_notes, columns_of
from antiphon.library.manifest.columns.options import DEFAULTS, ManifestOptions
from antiphon.library.manifest.folders import manifest_hash, read_tables
from antiphon.library.manifest.nothing_left import nothing_left
from antiphon.library.manifest.paths.finder import Finder
from antiphon.library.manifest.problems import problem_lines
from antiphon.library.manifest.rows.entry import Entry
from antiphon.library.manifest.rows.rows import RowReader, rows_wanted
from antiphon.library.manifest.rows.sharing import sharing_of
from antiphon.library.manifest.table import Problem, Source, Table
from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.splits.names import name_splits
from antiphon.printed import counted
from antiphon.texts import look_alike


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a manifest says.

    Parameters
    ----------
    path, sha256 : the file, folder or server, and the hash of its tables.
    audio_root : folder that relative paths start from.
    entries : one a track, in the order of the manifest.
    problems : what could not be used, in the order of the manifest.
    notes : columns that were ignored, files that no row names, and the like.
    rows : rows read, unusable ones included.
    renamed : written path → file, where a file was found under nearly the same name.
    named_ids : whether any table has a column of ids; otherwise ids are paths.
    form : of its only table, where that is a folder of sound.
    fields : the columns that have no role, by the entries' numbers.
    """

    path: Source
    sha256: str
    audio_root: Path
    entries: list[Entry]
    problems: list[Problem]
    notes: list[str]
    rows: int
    renamed: dict[str, str]
    named_ids: bool
    form: Literal["", "folder", "classes"]
    fields: MetadataCollector


def read_manifest(
    path: Source, audio_out: Path, options: ManifestOptions = DEFAULTS, more: Sequence[Source] = ()
) -> Manifest:
    """Read and check a manifest of any form.

    Parameters
    ----------
    path : a table or a folder; as text the address of a Subsonic server.
    audio_out : where sound that is embedded in the manifest is written.
    options : what the user says about it.
    more : further tables; rows of one id belong together, whichever table they stand in.

    Raises
    ------
    ManifestError : it cannot be read at all, lacks the columns that are needed, or none of its rows can be used.
    """
    _require_folders(options.audio_folders)
    tables = read_tables(path, audio_out, options, more)
    start = _start(path, tables)
    root = start.resolve()
    named = tuple(folder.resolve() for folder in options.audio_folders)
    here = (root,) if Path(path).is_dir() and not options.no_audio else ()  # a folder's tables speak of the sound in it
    finder = Finder(root=root, folders=named or here, ids_have_files=bool(named), maps=options.path_maps)
    rows = RowReader(finder, str(audio_out.parent.resolve() / "audio") + os.sep, options.caption_kind)
    notes: list[str] = []
    meanings = columns_of(tables, options)
    for table, columns in zip(tables, meanings, strict=True):
        placed = replace(table, base=_below(root, table.base, start))
        said = _add(rows, placed, columns, options)
        notes += table.notes + said
    notes += _wordless(tables, meanings)
    if not rows.entries:
        raise nothing_left(path, rows, root, tables, meanings, options)
    entries = list(rows.entries.values())
    problems, said = _set_splits(entries, rows.first_said, options)
    return Manifest(
        path=path if isinstance(path, str) else path.resolve(),
        sha256=manifest_hash([path, *more]),
        audio_root=root,
        entries=entries,
        problems=[*rows.problems, *problems],
        notes=[*said, *_together(notes), *_found(finder), *_nothings(rows), *_alike(rows)],
        rows=rows.read,
        renamed=dict(finder.renamed),
        form=tables[0].form if len(tables) == 1 else "",
        named_ids=rows.named_ids,
        fields=rows.kept.fields,
    )


def _require_folders(folders: Sequence[Path]) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise ManifestError(f"There is no folder {folder} to look for sound in.", fix="Correct --audio-folder.")


def require_clean(problems: Sequence[Problem], path: Source) -> None:
    """Refuse a manifest that has any problem.

    Raises
    ------
    ManifestError : there is one; the message lists them all, of many the first of each kind.
    """
    if problems:
        listed = "".join(f"\n  {line}" for line in problem_lines(problems))
        raise ManifestError(
            f"{path} has {counted(len(problems), 'problem')}:{listed}",
            fix="Mend them, or run without --strict: these rows are left out then, and audit.json lists all of them.",
        )


def _add(rows: RowReader, table: Table, columns: ColumnRoles | None, options: ManifestOptions) -> list[str]:
    if columns is None:
        rows.problems += table.problems
        return []
    wanted = rows_wanted(table, options.only)
    sharing = sharing_of(table, columns, options.choice)
    rows.add(table, columns, sharing, wanted)
    left_out = len(table.lines) - len(wanted)
    notes = [f"{table.file}: {left_out} rows left out by --only {' '.join(options.only)}."] if left_out else []
    columned = column_notes(table, columns, parts=sharing.spans is not None)
    return [*notes, *sharing.notes, *[f"{table.file}: {note}" for note in columned]]


def _start(path: Source, tables: Sequence[Table]) -> Path:
    """The folder that ids start from: the music's own, where a player says it, else the manifest's."""
    if tables and tables[0].anchored:
        return tables[0].base
    return Path(path) if Path(path).is_dir() else Path(path).parent


def _below(root: Path, base: Path, start: Path) -> Path:
    """A table's folder from the resolved root; links inside the manifest's folder keep their names."""
    return Path(os.path.normpath(root / os.path.relpath(base, start)))


def _set_splits(
    entries: list[Entry], first_said: Mapping[str, str], options: ManifestOptions
) -> tuple[list[Problem], list[str]]:
    """Give each entry the splits that its rows mean; what means none, and which names were read as what."""
    if options.split:
        for entry in entries:
            entry.splits = frozenset({options.split})
        return [], []
    counts = Counter(name for entry in entries for name in entry.said)
    means = name_splits(counts)
    together = {said: frozenset(means[name] for name in said if name in means) for said in {e.said for e in entries}}
    for entry in entries:
        entry.splits = together[entry.said]
    problems = [
        Problem(
            where=first_said[name],
            column="",
            kind="unknown split",
            problem=f"'{name}' is no split ({counts[name]} {'track' if counts[name] == 1 else 'tracks'} from here on)",
            fix="Use train, val or test; or name the column with --split-column.",
            effect="split chosen by the hash",
        )
        for name in counts
        if name not in means
    ]
    if all(name.casefold() == split for name, split in means.items()):
        return problems, []
    told = ", ".join(f"{name} → {split} ({counts[name]})" for name, split in means.items())
    return problems, [f"Splits by their names: {told} tracks."]


def _together(notes: Sequence[str]) -> list[str]:
    """Notes, those that say the same of several tables as one."""
    files: dict[str, list[str]] = {}
    for note in dict.fromkeys(notes):
        file, colon, text = note.partition(": ")
        files.setdefault(text if colon else note, []).append(file if colon else "")
    told = []
    for text, names in files.items():
        more = f" and {len(names) - 2} more" if len(names) > 2 else ""
        told.append(f"{', '.join(names[:2])}{more}: {text}" if any(names) else text)
    return told


def _found(finder: Finder) -> list[str]:
    notes = []
    if finder.by_id:
        notes.append(f"{finder.by_id} {'file was' if finder.by_id == 1 else 'files were'} found by the track's id.")
    if not finder.renamed:
        return notes
    written, path = next(iter(finder.renamed.items()))
    number = len(finder.renamed)
    files = "1 file was" if number == 1 else f"{number} files were"
    said = f"{files} found by name or under nearly the same name, all in audit.json: '{written}' is '{path}'."
    return [*notes, said]


def _nothings(rows: RowReader) -> list[str]:
    notes = []
    for column, words in rows.nothing.items():
        listed = ", ".join(f"'{word}' ({number})" for word, number in words.most_common(5))
        notes.append(f"{column}: {listed} read as empty.")
    return notes


def _alike(rows: RowReader) -> list[str]:
    pairs = look_alike(rows.entries)
    if not pairs:
        return []
    listed = ", ".join(f"{one!a} and {other!a}" for one, other in pairs[:3])
    more = f" and {len(pairs) - 3:,} more" if len(pairs) > 3 else ""
    return [
        f"Ids that look the same are tracks of their own: {listed}{more}. They differ by how accents are encoded (NFC, "
        "NFD) or by marks without width: if they mean one track, write them one way."
    ]


def _wordless(tables: Sequence[Table], meanings: Sequence[ColumnRoles | None]) -> list[str]:
    if any(columns is not None and columns.texts for columns in meanings):
        return []
    names = ", ".join(table.file for table in tables[:3])
    have = "have" if len(tables) > 1 else "has"
    return [f"{names} {have} no captions: search answers without, and captions can be made."]
