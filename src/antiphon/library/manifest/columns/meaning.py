"""What the columns of a manifest's tables mean together, and what is said about those without a role."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from antiphon.errors import ManifestError
from antiphon.library.captions import KINDS
from antiphon.library.manifest.cells import CellError, text_of
from antiphon.library.manifest.cells.bulk import bulk_of
from antiphon.library.manifest.columns.match import (
    ALIASES,
    PREDICTED,
    TAGS,
    Choice,
    ColumnRoles,
    is_known,
    match_columns,
    plain_name,
    without_role,
)
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.table import Problem, Table

SAMPLE = 20
WORDY = 3.0
"""Words a cell, on average, from which a column looks like text."""
TEXTS = TAGS | {"prompt", "comment", "comments", "notes", "lyrics"}
TEXT_WORDS = frozenset({"caption", "captions", "text", "description", "prompt", "comment", "sentence", "summary"})
ABOUT_TEXT = frozenset({"id", "ids", "length", "len", "lang", "language", "count", "source", "type", "model", "date"})
"""Last words of names that say something about a text and are none."""
MUSICAL_KEY = re.compile(
    r"([A-Ga-g](#|b|♯|♭| ?sharp| ?flat)?([ ,:]*(major|minor|maj|min|m))?|-?\d{1,2}(\.0)?|\d{1,2}[ABdm])"
)
"""A key as people write it, as a pitch class, or as on the Camelot wheel."""
YEAR = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
LISTED = 12


def columns_of(tables: Sequence[Table], options: ManifestOptions) -> list[ColumnRoles | None]:
    """The meaning of each table's columns; None for a table that cannot be used, whose problems say why.

    Raises
    ------
    ManifestError : no table has the columns that are needed, or the user names a column that none has.
    """
    _require_named(tables, options.choice)
    found: list[ColumnRoles | None] = []
    refused: list[ManifestError] = []
    for table in tables:
        try:
            found.append(_columns(table, options))
        except ManifestError as error:
            refused.append(error)
            if table.columns or not table.problems:  # else they say why
                table.problems.append(unusable(table.file, error))
            found.append(None)
        if not table.columns and table.problems:  # it could not even be read
            found[-1] = None
    if refused and not any(found):
        raise refused[0]
    return found


def unusable(file: str, error: ManifestError) -> Problem:
    """A table that is left out."""
    return Problem(
        where=file, column="", kind="bad table", problem=error.problem, fix=error.fix or "", effect="table left out"
    )


def _require_named(tables: Sequence[Table], choice: Choice) -> None:
    has = {plain_name(name): name for table in tables for name in table.columns}
    for name in choice.names:
        if plain_name(name) not in has:
            listed = ", ".join(f"'{known}'" for known in has.values())
            raise ManifestError(f"There is no column '{name}'.", fix=f"Columns: {listed}.")


def _columns(table: Table, options: ManifestOptions) -> ColumnRoles:
    names = list(table.columns)
    choice = options.choice.within({plain_name(name) for name in names})
    columns = match_columns(names, choice)
    if unmeant := _unmeant(table, columns, choice):
        columns = match_columns(names, choice, unmeant=unmeant)
    if options.no_audio and "audio" in columns.roles:
        roles = {role: name for role, name in columns.roles.items() if role != "audio"}
        if table.anchored:  # a player's tracks go by their paths, read or not
            roles.setdefault("id", columns.roles["audio"])
        columns = replace(columns, roles=roles, ignored=(*columns.ignored, columns.roles["audio"]))
    _require(table, columns)
    return columns


def _unmeant(table: Table, columns: ColumnRoles, choice: Choice) -> list[str]:
    """Columns that do not mean what they are called: musical keys, years of release, and a player's own fields."""
    if table.meant is not None:
        named = {plain_name(name) for name in choice.names}
        return [name for name in table.columns if name not in table.meant and plain_name(name) not in named]
    track_id, album = columns.roles.get("id", ""), columns.roles.get("album", "")
    unmeant = [track_id] if not choice.id and _is_musical(table, track_id) else []
    if plain_name(album) == "release":
        years = [text_of(cell) for cell in table.columns[album]]
        unmeant += [album] if all(YEAR.fullmatch(year) for year in years if year) else []
    kind = columns.roles.get("kind", "")
    return [*unmeant, kind] if kind and not (columns.texts and _is_of_captions(table, kind)) else unmeant


def _is_of_captions(table: Table, column: str) -> bool:
    """Whether a column called ``kind`` says who wrote captions, and not of which kind a track is."""
    if plain_name(column) != "kind":
        return True
    words = {text_of(cell).casefold() for cell in table.columns[column] if isinstance(cell, str)}
    return words <= {*KINDS, ""}


def _is_musical(table: Table, column: str) -> bool:
    """Whether a column called ``key`` holds musical keys, few different ones, and not the tracks' ids."""
    if plain_name(column) != "key":
        return False
    cells = [cell for cell in table.columns[column] if cell is not None and cell != ""]
    texts = [text_of(cell) for cell in cells]
    return len(set(texts)) < len(texts) and all(MUSICAL_KEY.fullmatch(text) for text in texts if text)


def _require(table: Table, columns: ColumnRoles) -> None:
    lacking = "audio" if not {"audio", "id"} & columns.roles.keys() else "caption" if not columns.texts else ""
    close = [f"'{name}' (did you mean '{hint}'?)" for name, hint in columns.hints.items() if hint in _names(lacking)]
    if lacking != "audio" and not (lacking and close):
        return
    if not table.columns and not table.lines and not table.problems:
        raise ManifestError(f"{table.file} is empty: it has no rows.", fix="Write one row for each track.")
    if not table.columns and table.problems:
        first = table.problems[0]
        raise ManifestError(f"No row of {table.file} can be read: {first.where}: {first.problem}.", fix=first.fix)
    if table.separator and len(table.columns) <= 2:
        how = f"Read with {table.separator} as separator, its header has {len(table.columns)} "
        how += f"{'cell' if len(table.columns) == 1 else 'cells'}: "
    else:
        how = "Its columns: "
    has = ", ".join(f"'{name}'" for name in table.columns) or "none"
    options = "--audio COLUMN or --id COLUMN" if lacking == "audio" else "--caption COLUMN"
    raise ManifestError(
        f"{table.file} has no column for {'audio and none for ids' if lacking == 'audio' else 'captions'}. {how}{has}.",
        fix=f"Rename {close[0]}."
        if close
        else f"{_above(table)}Say which it is: {options}; or name it: {', '.join(_names(lacking))}.",
    )


def _above(table: Table) -> str:
    """What is to be done where the line that was taken for the header is none, as far as a text table shows it."""
    if not table.separator:
        return ""
    for row in range(min(len(table.lines), LISTED)):
        cells = [str(cells[row]) for cells in table.columns.values()]
        if is_known(cells[0]) or (len(cells) > 1 and is_known(cells[1])):
            return f"The names of the columns seem to stand in line {table.lines[row]}: delete the lines above it. "
    return "If the first line is a row, write the names of the columns above it, such as: audio,caption. "


def _names(lacking: str) -> tuple[str, ...]:
    if lacking == "audio":
        return ALIASES["audio"] + ALIASES["id"]
    return ALIASES["caption"] + ALIASES["captions"] if lacking else ()


def column_notes(table: Table, columns: ColumnRoles, *, parts: bool) -> list[str]:
    """What is said about columns: those that look like text with the command that uses them, then the rest."""
    kept = [name for name in without_role(columns, parts=parts) if name.strip() and name != columns.made]
    ignored = [name for name in kept if not bulk_of(table.columns[name])]
    texts = [name for name in ignored if _looks_like_text(table, name)]
    notes = []
    if texts:
        command = " ".join(f"--caption {_quoted(name)}" for name in [*columns.texts, *texts])
        notes.append(f"{_columns_are(texts, 'looks', 'look')} like text, kept as metadata; as captions: {command}")
    rest = [name for name in ignored if name not in texts]
    for name in [name for name in rest if name in columns.hints]:
        notes.append(f"column '{name}' is kept as metadata. Did you mean '{columns.hints[name]}'? Then rename it.")
    plain = [name for name in rest if name not in columns.hints]
    if plain:
        more = f" and {len(plain) - LISTED} more" if len(plain) > LISTED else ""
        notes.append(f"{_columns_are(plain[:LISTED], 'is', 'are', more)} kept as metadata.")
    if columns.official:
        notes.append(f"the split is read from '{columns.official}': where it is true, the row is a test.")
    if PREDICTED in (plain_name(name) for name in columns.texts):
        notes.append(f"the authors of LP-MusicCaps advise against {PREDICTED}; choose with --caption.")
    return notes


def _columns_are(names: Sequence[str], one: str, many: str, more: str = "") -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"column {listed}{more} {one}" if len(names) == 1 else f"columns {listed}{more} {many}"


def _looks_like_text(table: Table, name: str) -> bool:
    plain = plain_name(name)
    if plain in TEXTS:
        return True
    words = plain.split("_")
    called = bool(set(words) & TEXT_WORDS) and words[-1] not in ABOUT_TEXT
    lengths = []
    for cell in islice((cell for cell in table.columns[name] if isinstance(cell, str) and cell.strip()), SAMPLE):
        try:
            lengths.append(len(text_of(cell).split()))
        except CellError:
            continue
    return bool(lengths) and (called or sum(lengths) / len(lengths) > WORDY)


def _quoted(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else f"'{name}'"
