"""All captions that a library's metadata and vectors give, made anew each time; nothing is remembered but the file."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from antiphon.arrow import arrow_texts
from antiphon.captions.phrases import Phrase
from antiphon.captions.report import Made, Missing
from antiphon.captions.sentences import captions_of
from antiphon.captions.sound.heard import heard_phrases
from antiphon.captions.tags.described import Describer
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.captions import (
    CAPTION_COLUMNS,
    MADE_KINDS,
    CaptionKind,
    made_captions,
    made_kinds_of,
    taken_names,
    with_choice,
    write_made_table,
)
from antiphon.library.lock import only_writer
from antiphon.library.next_step import command
from antiphon.library.tracks import Library

LOG = logging.getLogger(__name__)
BATCH = 1 << 14
"""Tracks whose captions are Python texts at one time."""


def make_captions(library: Library, kinds: Sequence[str] = MADE_KINDS) -> Made:
    """Make the captions of a library, and write none.

    Parameters
    ----------
    kinds : of ``MADE_KINDS``.

    Raises
    ------
    ConfigError : a kind is none that can be made.
    LibraryError : the metadata are damaged.
    """
    if wrong := [kind for kind in kinds if kind not in MADE_KINDS]:
        raise ConfigError(f"Captions of the kind '{wrong[0]}' are not made.", fix="Kinds: tags, machine.")
    missing: list[Missing] = []
    tables = [
        _tags(library, missing) if kind == "tags" else _machine(library, missing) for kind in dict.fromkeys(kinds)
    ]
    return Made(library, pa.concat_tables([_columns([]), *tables]), tuple(dict.fromkeys(kinds)), missing)


def write_captions(made: Made) -> None:
    """Put captions in the place of all that were made before, and make those of other kinds no more.

    Raises
    ------
    LibraryError : there are none to write; or another process is writing the library's tables.
    """
    if not made.table.num_rows and not _taken(made.library):
        what = " ".join(missing.problem for missing in made.missing)
        fix = "; ".join(missing.fix for missing in made.missing if missing.fix)
        raise LibraryError(f"No caption can be made. {what}", fix=fix or None)
    _replace(made.library.root, made.table, made.kinds)


def remove_captions(root: Path) -> None:
    """Remove all captions that were made, and make none any more.

    Raises
    ------
    LibraryError : another process is writing the library's tables.
    """
    _replace(root, _columns([]), ())


def _replace(root: Path, table: pa.Table, kinds: Collection[str]) -> None:
    """Captions and the choice of their kinds, together: no kill leaves one without the other."""
    with only_writer(root, "writing the tables of"):
        write_made_table(root, table, with_choice(Library(root).meta, kinds))


def renew_captions(library: Library) -> Made | None:
    """Make all captions of the kinds that are wanted, and write them if they are others than those that are there.

    Returns
    -------
    None where nothing has changed.

    Raises
    ------
    LibraryError : the metadata are damaged, or another process is writing the library's tables.
    """
    made = make_captions(library, made_kinds_of(library.meta))
    for missing in made.missing:
        if missing.damaged:
            LOG.warning("%s %s", missing.problem, missing.fix)
    if made.table.combine_chunks().equals(_there(library).combine_chunks()):
        return None
    with only_writer(library.root, "writing the tables of"):
        write_made_table(library.root, made.table)
    return made


def _there(library: Library) -> pa.Table:
    """The captions that were made before."""
    before = made_captions(library.root, library.track_table.column("track_id"))
    return _columns([]) if before is None else before.select(CAPTION_COLUMNS)


def _tags(library: Library, missing: list[Missing]) -> pa.Table:
    metadata = library.metadata
    describer = Describer(metadata.names)
    if not describer.fields:
        missing.append(_no_fields(metadata.names))
        return _columns([])
    return _table(library, "tags", phrases_from_metadata(library, describer))


def phrases_from_metadata(
    library: Library, describer: Describer, rows: NDArray[np.int64] | None = None
) -> Iterator[Sequence[Phrase]]:
    """What the metadata say of each track, in the order of the track table.

    Parameters
    ----------
    describer : of the library's metadata.
    rows : of the track table, in the order that is wanted; None for all.

    Raises
    ------
    LibraryError : the metadata are damaged.
    """
    names = list(dict.fromkeys(name for found in describer.fields.values() for name in found))
    columns = [library.metadata.arrow(name).combine_chunks() for name in names]
    titles, albums = library.column("title"), library.column("album")
    if rows is not None:
        columns, titles, albums = [column.take(rows) for column in columns], titles[rows], albums[rows]
    for start in range(0, len(titles), BATCH):
        cells = [column.slice(start, BATCH).to_pylist() for column in columns]
        for row, values in enumerate(zip(*cells, strict=True), start):
            yield describer.phrases(
                dict(zip(names, values, strict=True)), title=titles[row] or "", album=albums[row] or ""
            )


def _no_fields(names: Sequence[str]) -> Missing:
    if not names:
        return Missing(
            problem="There are no metadata: the files have no tags, and the manifest has no further columns.",
            fix="add columns such as genre, mood, instrument to the manifest, or tag the files; then ingest again",
        )
    listed = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return Missing(
        problem=f"None of the fields of metadata says how music sounds ({listed}).",
        fix="name columns genre, style, mood, theme, instrument, tags, bpm, key, language, comment; then ingest again",
    )


def _machine(library: Library, missing: list[Missing]) -> pa.Table:
    """Captions of what was heard; where that cannot be read any more, those that were made of it before stay."""
    heard = heard_phrases(library)
    if any(one.damaged for one in heard.missing):
        before = _there(library)
        kept = before.filter(pc.equal(before.column("kind"), "machine"))
        if kept.num_rows:
            missing += [
                one._replace(problem=f"{one.problem} The machine captions stay as they are.") if one.damaged else one
                for one in heard.missing
            ]
            return kept
    if not heard.tracks:
        sounding = any(library.column("path"))
        fix = command("embed" if sounding else "import-embeddings NAME FILE", library.root)
        problem = "No track has been heard yet by an encoder that words are known for."
        missing += heard.missing if library.embedded("audio") else [Missing(problem=problem, fix=fix)]
        return _columns([])
    missing += heard.missing
    return _table(library, "machine", (heard.tracks.get(track_id, ()) for track_id in library.column("track_id")))


def _table(library: Library, kind: CaptionKind, phrases: Iterator[Sequence[Phrase]]) -> pa.Table:
    """The captions of one kind; those that their owner has edited, or taken over as they are, are left out."""
    taken = _taken(library)
    batches: list[pa.Table] = []
    rows: list[tuple[str, str, str, str]] = []
    for number, (track_id, own) in enumerate(zip(library.column("track_id"), phrases, strict=True), 1):
        known = taken.get(track_id, ())
        rows += [
            (f"{track_id}#{kind}{n}", track_id, text, kind)
            for n, text in enumerate(captions_of(f"{kind}:{track_id}", own))
            if f"{kind}{n}" not in known
        ]
        if number % BATCH == 0 or number == library.track_table.num_rows:
            batches.append(_columns(rows))
            rows = []
    return pa.concat_tables(batches) if batches else _columns(rows)


def _columns(rows: Sequence[tuple[str, str, str, str]]) -> pa.Table:
    return pa.table({name: arrow_texts([row[k] for row in rows]) for k, name in enumerate(CAPTION_COLUMNS)})


def _taken(library: Library) -> dict[str, frozenset[str]]:
    """Track → which made captions stand in its manifest now, edited or not."""
    for name in Describer(library.metadata.names).fields.get("made", ()):
        return taken_names(library.metadata.track_ids, library.metadata.column(name))
    return {}
