"""Where captions stand and who wrote them: ``captions.parquet`` by the manifest, ``made_captions.parquet`` by Antiphon.

What the manifest says and what Antiphon makes are two files, each with one writer: ingesting again never mixes them,
and made captions can be made anew, or deleted, without touching what somebody wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from antiphon.errors import LibraryError
from antiphon.library.files import read_parquet, write_parquet

CaptionKind = Literal["human", "tags", "machine"]
KINDS: tuple[CaptionKind, ...] = ("human", "tags", "machine")
"""Who wrote a caption: a person; Antiphon, from metadata; a machine that heard the sound. Best first."""
CAPTION_COLUMNS = ("caption_id", "track_id", "text", "kind")
MADE_FILE = "made_captions.parquet"
MADE_COLUMN = "caption_made"
"""The column that a table for editing has beside its captions: what they were when they were made."""


def with_kinds(table: pa.Table, where: Path) -> pa.Table:
    """A caption table with its column ``kind``; where an older version of Antiphon wrote none, people wrote them all.

    Raises
    ------
    LibraryError : a kind is none of ``KINDS``.
    """
    if "kind" not in table.column_names:
        return table.append_column("kind", pa.array(["human"] * table.num_rows, pa.string()))
    unknown = sorted({str(kind) for kind in pc.unique(table.column("kind")).to_pylist()} - set(KINDS))
    if unknown:
        raise LibraryError(
            f"{where} has captions of the kind '{unknown[0]}'.", fix=f"Kinds are {', '.join(KINDS)}: ingest again."
        )
    return table


def made_captions(root: Path, track_ids: pa.ChunkedArray) -> pa.Table | None:
    """Captions that Antiphon made of the tracks that are (still) there; None where it made none.

    Raises
    ------
    LibraryError : the file is damaged.
    """
    path = root / MADE_FILE
    if not path.exists():
        return None
    fix = "Make them anew with antiphon caption, or delete the file."
    try:
        table = texts_of(read_parquet(path), CAPTION_COLUMNS)
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise LibraryError(f"{path} cannot be read: {error}", fix=fix) from error
    if strange := _not_made(table):
        raise LibraryError(f"{path} has a caption that Antiphon did not make: '{strange}'.", fix=fix)
    return table.filter(pc.is_in(table.column("track_id"), value_set=track_ids.combine_chunks()))


def texts_of(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Columns of a table that all have to be text, every cell.

    Raises
    ------
    ValueError : a column has another type, an empty cell, or bytes that are no UTF-8; the message names it.
    KeyError : one is not there.
    """
    chosen = table.select(columns)
    for field, column in zip(chosen.schema, chosen.columns, strict=True):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if table.num_rows and not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise ValueError(f"column {field.name} holds {field.type}, not text.")
        if column.null_count:
            row = pc.index(column.is_null(), True).as_py() + 1
            raise ValueError(f"column {field.name} has nothing in row {row}.")
    found = chosen.cast(pa.schema([(name, pa.string()) for name in columns]))
    found.validate(full=True)
    return found


def _not_made(table: pa.Table) -> str | None:
    """The first caption whose id is not its track's and its kind's, or stands there twice; None where all are well."""
    ids, kinds = table.column("caption_id"), table.column("kind")
    owner = pc.binary_join_element_wise(table.column("track_id"), kinds, "#")
    named = pc.equal(pc.replace_substring_regex(ids, r"[0-9]+$", ""), owner)
    well = pc.and_(pc.and_(named, pc.not_equal(ids, owner)), pc.is_in(kinds, value_set=pa.array(["tags", "machine"])))
    bad = ids.filter(pc.invert(well))
    if len(bad):
        return str(bad[0].as_py())
    counts = pc.value_counts(ids.combine_chunks())
    twice = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    return str(twice[0].as_py()) if len(twice) else None


def write_made_table(root: Path, table: pa.Table) -> None:
    """Replace all captions that Antiphon made by a table with the columns ``CAPTION_COLUMNS``."""
    write_parquet(root / MADE_FILE, table.select(CAPTION_COLUMNS))


def remove_made_captions(root: Path) -> None:
    """Remove all captions that Antiphon made."""
    (root / MADE_FILE).unlink(missing_ok=True)


def made_mark(caption_id: str, text: str) -> str:
    """What stands beside a made caption in a table for editing: which one it was, and a hash of its text."""
    return f"{made_name(caption_id)}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def made_name(caption_id: str) -> str:
    """Which of its track's captions one is: ``"a.flac#tags0"`` → "tags0"."""
    return caption_id.rpartition("#")[2]


def is_as_made(mark: str, text: str) -> bool:
    """Whether a text is still the one that stood beside its mark."""
    return mark == made_mark(mark.partition(":")[0], text)


def taken_names(track_ids: Iterable[str], values: Iterable[object]) -> dict[str, frozenset[str]]:
    """Track → which made captions stand in its manifest, edited, emptied or as they were: they are not made again.

    Which, and not which text: words of machines change a little whenever a library grows.

    Parameters
    ----------
    track_ids, values : (n,) tracks, and their cells of the field ``MADE_COLUMN``: a text, a list of texts, or None.
    """
    return {
        track_id: frozenset(str(mark).partition(":")[0] for mark in (value if isinstance(value, list) else [value]))
        for track_id, value in zip(track_ids, values, strict=True)
        if value is not None
    }
