"""Where captions stand and who wrote them: ``captions.parquet`` by the manifest, ``made_captions.parquet`` by Antiphon.

What the manifest says and what Antiphon makes are two files, each with one writer: ingesting again never mixes them,
and made captions can be made anew, or deleted, without touching what somebody wrote.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from antiphon.arrow import arrow_texts
from antiphon.errors import LibraryError
from antiphon.library.files import json_file, parquet, read_parquet, write_together

CaptionKind = Literal["human", "tags", "machine"]
KINDS: tuple[CaptionKind, ...] = ("human", "tags", "machine")
"""Who wrote a caption: a person; Antiphon, from metadata; a machine that heard the sound. Best first."""
CAPTION_COLUMNS = ("caption_id", "track_id", "text", "kind")
MADE_KINDS: tuple[CaptionKind, ...] = ("tags", "machine")
"""The kinds that Antiphon makes."""
FEWEST_DESCRIBED = 20
"""Tracks of a split that people have to have described for their captions alone to ask its questions, where more of its
tracks have captions. Of fewer candidates R@10 is more than half chance, one query moves R@1 by more than 5 points, and
the 95 % interval of an MRR is wider than ±0.15 (1.96 · 0.35 / √20, 0.35 being the spread of 1/rank in
``docs/results.md``): too little to choose an epoch by, or to tell a training from its baselines."""
CHOICE = "made_kinds"
"""Where ``library.json`` says which kinds its owner wants made; without it all are."""
MADE_FILE = "made_captions.parquet"
MADE_COLUMN = "caption_made"
"""The column that a table for editing has beside its captions: what they were when they were made."""

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


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


def asking_kinds(tracks: Collection[str], owners: Iterable[str], kinds: Iterable[str]) -> tuple[CaptionKind, ...]:
    """Kinds of the captions that ask the questions of some tracks: people's, once they described enough of them.

    Enough are :data:`FEWEST_DESCRIBED`, or all that have a caption. Where it is fewer, all captions ask; where it is
    none, those that were made.

    Parameters
    ----------
    owners, kinds : (m,) of every caption its track and its kind.
    """
    described, captioned = set[str](), set[str]()
    for owner, kind in zip(owners, kinds, strict=True):
        if owner in tracks:
            captioned.add(owner)
            if kind == "human":
                described.add(owner)
    if not described:
        return MADE_KINDS
    return ("human",) if len(described) >= min(FEWEST_DESCRIBED, len(captioned)) else KINDS


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
    owner = pc.binary_join_element_wise(table.column("track_id"), kinds, arrow_texts(["#"])[0])
    named = pc.equal(pc.replace_substring_regex(ids, r"[0-9]+$", ""), owner)
    well = pc.and_(pc.and_(named, pc.not_equal(ids, owner)), pc.is_in(kinds, value_set=arrow_texts(MADE_KINDS)))
    bad = ids.filter(pc.invert(well))
    if len(bad):
        return str(bad[0].as_py())
    if len(pc.unique(ids)) == len(ids):
        return None
    return str(Counter(ids.to_pylist()).most_common(1)[0][0])


def made_kinds_of(meta: Mapping[str, Any]) -> tuple[CaptionKind, ...]:
    """The kinds of captions that are made for a library, as its ``library.json`` says."""
    chosen = meta.get(CHOICE)
    return tuple(kind for kind in MADE_KINDS if kind in chosen) if isinstance(chosen, list) else MADE_KINDS


def with_choice(meta: Mapping[str, Any], kinds: Collection[str]) -> dict[str, Any]:
    """``library.json`` that says which kinds of captions are made from now on."""
    chosen = [kind for kind in MADE_KINDS if kind in kinds]
    rest = {name: value for name, value in meta.items() if name != CHOICE}
    return rest if chosen == list(MADE_KINDS) else {**rest, CHOICE: chosen}


def write_made_table(root: Path, table: pa.Table, meta: Mapping[str, Any] | None = None) -> None:
    """Replace all captions that Antiphon made by a table with the columns ``CAPTION_COLUMNS``.

    Parameters
    ----------
    meta : what ``library.json`` says from the same moment on; None leaves it.
    """
    also = {} if meta is None else {"library.json": json_file(meta)}
    write_together(root, {MADE_FILE: parquet(table.select(CAPTION_COLUMNS)), **also})


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


def guarded(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula, whoever wrote it.

    >>> guarded("=1+1"), guarded("jazz")
    ("'=1+1", 'jazz')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What :func:`guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text
