"""Captions that no person wrote, while a library is made: they judge nothing, and are not kept twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from antiphon.library.captions import CAPTION_COLUMNS, KINDS, MADE_COLUMN, MADE_FILE, made_name, taken_names
from antiphon.library.files import Write, parquet, read_parquet
from antiphon.library.manifest.rows.entry import Entry

_BY = {"human": "people", "tags": "metadata", "machine": "machines"}


def judging_captions(entries: Sequence[Entry]) -> list[int]:
    """(n,) captions of each track that can ask the questions of a split: people's, where they wrote any."""
    human = [len(entry.human_captions) for entry in entries]
    return human if any(human) else [len(entry.captions) for entry in entries]


def kind_notes(entries: Sequence[Entry]) -> list[str]:
    """What the audit says of who wrote the captions; nothing where people wrote them all."""
    counts: Counter[str] = Counter()
    for entry in entries:
        counts["human"] += len(entry.human_captions)
        counts.update((entry.kinds or {}).values())
    told = ", ".join(f"{counts[kind]:,} by {_BY[kind]}" for kind in KINDS if counts[kind])
    return [f"Captions by who wrote them: {told}."] if counts["tags"] or counts["machine"] else []


def without_taken(root: Path, metadata: pa.Table) -> dict[str, Write]:
    """The file of made captions without those that stand in the manifest now, where there are such.

    Parameters
    ----------
    metadata : of the new library.
    """
    name = next((name for name in metadata.column_names if name.casefold() == MADE_COLUMN), None)
    if name is None or not (root / MADE_FILE).exists():
        return {}
    try:
        made = read_parquet(root / MADE_FILE).select(CAPTION_COLUMNS)
        rows = made.to_pylist()
    except (OSError, ValueError, KeyError, pa.ArrowException):  # whoever reads it is told
        return {}
    taken = taken_names(metadata.column("track_id").to_pylist(), metadata.column(name).to_pylist())
    kept = [made_name(row["caption_id"]) not in taken.get(row["track_id"], ()) for row in rows]
    return {} if all(kept) else {MADE_FILE: parquet(made.filter(pa.array(kept, pa.bool_())))}
