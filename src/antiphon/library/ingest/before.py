"""What the library's folder held before an ingest, as far as it can be read.

A damaged ``library.json`` or ``tracks.parquet`` is what ingesting mends, so neither stops it. The split of each track
stands twice, in ``tracks.parquet`` and in ``splits.parquet``: a library that lost one of them keeps every split.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.errors import LibraryError
from antiphon.library.captions import made_kinds_of, with_choice
from antiphon.library.files import PENDING, finish_together, read_parquet
from antiphon.library.ingest.recipe.recorded import sources_of
from antiphon.library.leakage.groups import read_audit
from antiphon.library.manifest.text_tables import parse_json
from antiphon.library.tracks import FORMAT, SPLITS_FILE, storage_of

KEPT_OF_AUDIT = ("regrouped", "seed")
BATCH = 1 << 16
_UNREADABLE = (OSError, ValueError, KeyError, pa.ArrowException)


@dataclass(frozen=True, kw_only=True)
class Before:
    """An earlier state.

    Parameters
    ----------
    splits : track id → split, of every track that was there.
    captions : caption_id and text, as far as they could be read.
    seed : of the split, None where nothing says it.
    sources : what it was made of, as ``library.json`` names it; none where that does not say.
    chosen : of ``library.json`` what its owner chose: storage that may be opened, kinds of captions that are made.
    audit : what ``audit.json`` says of later joins, and the seed; empty where there is none.
    notes : what was damaged, and what was lost with it.
    """

    splits: dict[str, str] = field(default_factory=dict)
    captions: pa.Table | None = None
    seed: int | None = None
    sources: tuple[str, ...] = ()
    chosen: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def texts(self) -> dict[str, str]:
        """Caption id → text."""
        return {} if self.captions is None else dict(_pairs(self.captions))


def before_of(root: Path) -> Before:
    """Read what is there; nothing where there is no library.

    Raises
    ------
    LibraryError : the library is of a newer format than this version knows.
    """
    notes: list[str] = []
    names = ("library.json", "tracks.parquet", SPLITS_FILE)
    if not any((root / name).exists() for name in (*names, PENDING)):
        return Before()
    _require_ours(root)
    try:
        finish_together(root)
    except (OSError, ValueError) as error:
        notes.append(f"The library was left half written, and could not be finished: {error}.")
    meta = _meta(root, notes)
    audit = {key: value for key, value in read_audit(root).items() if key in KEPT_OF_AUDIT}
    splits = _splits(root, notes)
    captions = _columns(root, "captions.parquet", ["caption_id", "text"], notes)
    seed = next((s for s in (meta.get("seed"), audit.get("seed")) if isinstance(s, int)), None)
    allowed = {"storage": storage} if (storage := storage_of(meta)) else {}
    chosen = with_choice(allowed, made_kinds_of(meta))
    return Before(
        splits=splits,
        captions=captions,
        seed=seed,
        sources=sources_of(meta),
        chosen=chosen,
        audit=audit,
        notes=tuple(notes),
    )


def _require_ours(root: Path) -> None:
    """A table of the user's own, in a folder that is no library, must not be written over."""
    path = root / "tracks.parquet"
    if (root / "library.json").exists() or (root / SPLITS_FILE).exists() or not path.exists():
        return
    try:
        with pq.ParquetFile(path) as file:
            ours = {"track_id", "split"} <= set(file.schema_arrow.names)
    except _UNREADABLE:
        return
    if not ours:
        raise LibraryError(f"{path} is no table of a library.", fix="Choose another folder: --library DIR.")


def _meta(root: Path, notes: list[str]) -> dict[str, Any]:
    path = root / "library.json"
    try:
        meta = parse_json(path.read_text(encoding="utf-8"))
        found = meta.get("format") if isinstance(meta, dict) else None
    except (OSError, ValueError) as error:
        meta, found = {}, error
    if isinstance(found, int) and found > FORMAT:
        raise LibraryError(
            f"{path} has format {found}; this version of Antiphon reads up to {FORMAT}.",
            fix="Use the version that wrote it, or another folder: --library DIR.",
        )
    if found != FORMAT:
        notes.append("library.json was missing or damaged, and is written anew.")
        return {}
    return dict(meta)


def _splits(root: Path, notes: list[str]) -> dict[str, str]:
    table = _columns(root, "tracks.parquet", ["track_id", "split"], notes)
    if table is None:
        table = _columns(root, SPLITS_FILE, ["track_id", "split"], [])
        if table is None:
            notes.append("No earlier split could be read: each track's split is chosen as for a new library.")
            return {}
        notes.append(f"The splits of {table.num_rows} tracks were taken from {SPLITS_FILE}.")
    return {track_id: sys.intern(split) for track_id, split in _pairs(table)}  # three texts, and not a million


def _columns(root: Path, name: str, columns: Sequence[str], notes: list[str]) -> pa.Table | None:
    """Some columns of a table; None where they cannot be read."""
    try:
        table = read_parquet(root / name).select(columns)
        table.validate(full=True)
    except _UNREADABLE:
        notes.append(f"{name} was missing or damaged, and is written anew.")
        return None
    return table


def _pairs(table: pa.Table) -> Iterator[tuple[str, str]]:
    """The rows of two columns."""
    for batch in table.to_batches(max_chunksize=BATCH):
        for a, b in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield str(a), str(b or "")
