"""All captions that a library's metadata and vectors give, made anew each time; nothing is remembered but the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from antiphon.captions.phrases import Phrase
from antiphon.captions.report import Made, Missing
from antiphon.captions.sentences import captions_of
from antiphon.captions.sound.heard import heard_phrases
from antiphon.captions.tags.described import Describer
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.captions import (
    CAPTION_COLUMNS,
    CaptionKind,
    made_captions,
    taken_names,
    write_made_table,
)
from antiphon.library.lock import only_writer
from antiphon.library.next_step import command
from antiphon.library.tracks import Library

MADE_KINDS: tuple[CaptionKind, ...] = ("tags", "machine")
BATCH = 1 << 14
"""Tracks whose captions are Python texts at one time."""


@dataclass(frozen=True, kw_only=True)
class _Source:
    """Where captions of one kind come from: the phrases of each track, in the order of ``tracks.parquet``."""

    kind: CaptionKind
    phrases: Iterator[Sequence[Phrase]]


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
    tables = []
    for kind in dict.fromkeys(kinds):
        source = _from_metadata(library, missing) if kind == "tags" else _from_sound(library, missing)
        if source is not None:
            tables.append(_table(library, source))
    schema = pa.schema([(name, pa.string()) for name in CAPTION_COLUMNS])
    return Made(library, pa.concat_tables([schema.empty_table(), *tables]), tuple(dict.fromkeys(kinds)), missing)


def write_captions(made: Made) -> None:
    """Put captions in the place of all that were made before.

    Raises
    ------
    LibraryError : there are none to write; or another process is writing the library's tables.
    """
    if not made.table.num_rows and not _taken(made.library):
        what = " ".join(missing.problem for missing in made.missing)
        fix = "; ".join(missing.fix for missing in made.missing if missing.fix)
        raise LibraryError(f"No caption can be made. {what}", fix=fix or None)
    with only_writer(made.library.root, "writing the tables of"):
        write_made_table(made.library.root, made.table)


def renew_captions(library: Library) -> Made | None:
    """Make all captions that can be made, and write them if they are others than those that are there.

    Returns
    -------
    None where nothing has changed.

    Raises
    ------
    LibraryError : the metadata are damaged, or another process is writing the library's tables.
    """
    made = make_captions(library)
    before = made_captions(library.root, library.track_table.column("track_id"))
    there = made.table.schema.empty_table() if before is None else before.select(CAPTION_COLUMNS)
    if made.table.combine_chunks().equals(there.combine_chunks()):
        return None
    with only_writer(library.root, "writing the tables of"):
        write_made_table(library.root, made.table)
    return made


def _from_metadata(library: Library, missing: list[Missing]) -> _Source | None:
    metadata = library.metadata
    describer = Describer(metadata.names)
    if not describer.fields:
        missing.append(_no_fields(metadata.names))
        return None
    return _Source(kind="tags", phrases=_described(library, describer))


def _described(library: Library, describer: Describer) -> Iterator[Sequence[Phrase]]:
    names = list(dict.fromkeys(name for found in describer.fields.values() for name in found))
    columns = [library.metadata.arrow(name).combine_chunks() for name in names]
    titles, albums = library.column("title"), library.column("album")
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


def _from_sound(library: Library, missing: list[Missing]) -> _Source | None:
    heard = heard_phrases(library)
    if not heard.tracks:
        sounding = any(library.column("path"))
        fix = command("embed" if sounding else "import-embeddings NAME FILE", library.root)
        problem = "No track has been heard yet by an encoder that words are known for."
        missing += heard.missing if library.embedded("audio") else [Missing(problem=problem, fix=fix)]
        return None
    missing += heard.missing
    return _Source(kind="machine", phrases=(heard.tracks.get(track_id, ()) for track_id in library.column("track_id")))


def _table(library: Library, source: _Source) -> pa.Table:
    """The captions of one kind; those that their owner has edited, or taken over as they are, are left out."""
    taken = _taken(library)
    batches: list[pa.Table] = []
    rows: list[tuple[str, str, str, str]] = []
    for number, (track_id, phrases) in enumerate(zip(library.column("track_id"), source.phrases, strict=True), 1):
        known = taken.get(track_id, ())
        rows += [
            (f"{track_id}#{source.kind}{n}", track_id, text, source.kind)
            for n, text in enumerate(captions_of(f"{source.kind}:{track_id}", phrases))
            if f"{source.kind}{n}" not in known
        ]
        if number % BATCH == 0 or number == library.track_table.num_rows:
            batches.append(_columns(rows))
            rows = []
    return pa.concat_tables(batches) if batches else _columns(rows)


def _columns(rows: Sequence[tuple[str, str, str, str]]) -> pa.Table:
    return pa.table({name: pa.array([row[k] for row in rows], pa.string()) for k, name in enumerate(CAPTION_COLUMNS)})


def _taken(library: Library) -> dict[str, frozenset[str]]:
    """Track → which made captions stand in its manifest now, edited or not."""
    for name in Describer(library.metadata.names).fields.get("made", ()):
        return taken_names(library.metadata.track_ids, library.metadata.column(name))
    return {}
