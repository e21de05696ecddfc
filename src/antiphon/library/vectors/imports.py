"""Vectors that were made elsewhere, brought into a library. See docs/decisions/imported-vectors.md."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import FLOAT16_MAX, Row, VectorWriter
from antiphon.library.vectors.vector_files import VectorFile, open_vector_file

SIGNATURE = "imported"
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What came in.

    Parameters
    ----------
    name, kind, file, folder : what was imported, and where it is now.
    rows : vectors in the file.
    imported : vectors stored.
    unknown : ids that the library does not have; their vectors were left out.
    repeated : ids that stood several times with the same vector; stored once.
    lacking : ids of the library that still have no vector of this name.
    layout : how the vectors are composed.
    """

    name: str
    kind: str
    file: str
    folder: str
    rows: int
    imported: int
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]
    lacking: tuple[str, ...]
    layout: Layout

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "layout": self.layout.to_dict()}

    def lines(self) -> list[str]:
        """Text for the console."""
        item = "track" if self.kind == "audio" else "caption"
        lines = [f"{self.imported:,} of {self.rows:,} vectors ({self.layout} numbers) stored in {self.folder}"]
        for ids, what in (
            (self.unknown, f"ids of {self.file} are no {item} of this library; their vectors were left out"),
            (self.repeated, "ids stood several times with the same vector; stored once"),
            (self.lacking, f"{item}s of this library still have no '{self.name}' vector"),
        ):
            if ids:
                more = f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else ""
                lines.append(f"{len(ids):,} {what}: {', '.join(ids[:SHOWN])}{more}")
        return lines


def import_embeddings(
    root: Path, name: str, file: Path, *, kind: Kind = "audio", ids: Path | None = None, layout: Layout | None = None
) -> ImportReport:
    """Store vectors from a file under an encoder's name. The file is checked wholly before anything is written.

    Parameters
    ----------
    root : the library's folder.
    name : what to call the encoder here.
    file : ``.npy`` (with ``ids``), ``.npz`` (ids, vectors), ``.parquet`` (id, vector) or ``.h5``; any real or integer
        type that fits float16's range of ±65,504.
    kind : "audio" (ids are track ids) or "text" (ids are caption ids, ``{track_id}#{n}``).
    ids : a text file with one id a line.
    layout : how a vector is composed; without it nothing is assumed.

    Raises
    ------
    EmbeddingError : the file cannot be read, does not fit its ids, the layout, float16 or this library.
    """
    root, file = Path(root), Path(file)
    _check_name(name)
    library = Library(root)
    known = (library.column("track_id") if kind == "audio" else library.caption_column("caption_id")).tolist()
    with open_vector_file(file, name, ids) as source:
        item_ids = _caption_ids(source, known, kind)
        chosen = layout or Layout.flat(source.size)
        if chosen.size != source.size:
            raise EmbeddingError(
                f"{file} has vectors of {source.size} numbers, but the layout of '{name}' is {chosen} = {chosen.size}.",
                fix=f"Say how yours are composed (--layout 1x{source.size}x1), or use another name.",
            )
        wanted, unknown = _wanted(file, item_ids, known, kind)
        _check_values(file, source, item_ids)
        repeated = _check_repeats(file, source, item_ids)
        provenance = _provenance(name, kind, chosen, file)
        folder = library.embedding_folder(kind, name)
        _write(folder, provenance, source, item_ids, wanted)
        with VectorWriter(folder, provenance) as writer:
            lacking = [known[i] for i in writer.pending(known, [SIGNATURE] * len(known))]
    return ImportReport(
        name=name,
        kind=kind,
        file=str(file),
        folder=str(folder),
        rows=len(item_ids),
        imported=len(wanted),
        unknown=tuple(unknown),
        repeated=tuple(repeated),
        lacking=tuple(lacking),
        layout=chosen,
    )


def _check_name(name: str) -> None:
    if not name or name.startswith(".") or any(mark in name for mark in "/\\\x00\n"):
        raise EmbeddingError(f"'{name}' cannot be a folder's name.", fix="Call the encoder by a plain word, like muq.")


def _caption_ids(source: VectorFile, known: Sequence[str], kind: Kind) -> list[str]:
    """The ids of a file; where a caption table names tracks, once for each caption, its rows are counted."""
    if kind == "audio" or not source.per_caption or set(source.ids) & set(known):
        return source.ids
    seen: dict[str, int] = {}
    numbered = []
    for track_id in source.ids:
        n = seen.get(track_id, 0)
        seen[track_id] = n + 1
        numbered.append(f"{track_id}#{n}")
    return numbered


def _wanted(file: Path, ids: Sequence[str], known: Sequence[str], kind: Kind) -> tuple[dict[str, int], list[str]]:
    """(id → its first row, ids that the library does not have).

    Raises
    ------
    EmbeddingError : it has none of them.
    """
    here = set(known)
    wanted: dict[str, int] = {}
    unknown: dict[str, None] = {}
    for row, item in enumerate(ids):
        if item in here:
            wanted.setdefault(item, row)
        else:
            unknown[item] = None
    if not wanted:
        what = "track ids" if kind == "audio" else "caption ids"
        raise EmbeddingError(
            f"None of the {len(ids)} ids of {file} is in this library. In the file: {_few(list(unknown))}. "
            f"{what.capitalize()} of the library: {_few(known)}.",
            fix=f"Rename the ids to the library's {what}"
            + (", or say --kind text if these are captions." if kind == "audio" else " ({track_id}#{n})."),
        )
    return wanted, list(unknown)


def _few(ids: Sequence[str]) -> str:
    return ", ".join(f"'{item}'" for item in ids[:3]) + (", …" if len(ids) > 3 else "") if ids else "none"


def _rows(source: VectorFile) -> Iterator[tuple[int, NDArray[Any]]]:
    start = 0
    for block in source.blocks():
        yield start, block
        start += len(block)


def _check_values(file: Path, source: VectorFile, ids: Sequence[str]) -> None:
    for start, block in _rows(source):
        values = block.astype(np.float64) if block.dtype.kind != "f" else block
        largest = np.abs(values).max(axis=1)
        bad = np.flatnonzero(~(largest <= FLOAT16_MAX))
        if len(bad):
            value = largest[bad[0]]
            said = f"goes up to {value:.6g}" if np.isfinite(value) else "has values that are not finite"
            raise EmbeddingError(
                f"{file}, row {start + bad[0] + 1} ('{ids[start + bad[0]]}') {said}; vectors are stored as float16, "
                f"up to ±{FLOAT16_MAX:g}.",
                fix="Divide all vectors by one number (cosines do not change), or leave that row out.",
            )


def _check_repeats(file: Path, source: VectorFile, ids: Sequence[str]) -> list[str]:
    """Ids that stand several times, always with the same vector.

    Raises
    ------
    EmbeddingError : one stands for two different vectors.
    """
    counts: dict[str, int] = {}
    for item in ids:
        counts[item] = counts.get(item, 0) + 1
    repeated = {item for item, n in counts.items() if n > 1}
    digests: dict[str, bytes] = {}
    for start, block in _rows(source) if repeated else ():
        for offset in range(len(block)):
            item = ids[start + offset]
            if item in repeated:
                digest = hashlib.sha256(np.ascontiguousarray(block[offset]).tobytes()).digest()
                if digests.setdefault(item, digest) != digest:
                    raise EmbeddingError(
                        f"{file} has two different vectors for '{item}' (the second in row {start + offset + 1}).",
                        fix="Keep one vector an id; average them if they are parts of one track.",
                    )
    return sorted(repeated)


def _provenance(name: str, kind: Kind, layout: Layout, file: Path) -> Provenance:
    """Identity is the name and layout only: what made the vectors is not known, and a second file may add to them."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return Provenance(
        encoder=name,
        kind=kind,
        layout=layout,
        weights_id="unknown",
        pooling="unknown",
        version="unknown",
        origin="imported",
        source=f"{file.name} sha256:{digest.hexdigest()}",
    )


def _write(
    folder: Path, provenance: Provenance, source: VectorFile, ids: Sequence[str], wanted: dict[str, int]
) -> None:
    with VectorWriter(folder, provenance) as writer:
        for start, block in _rows(source):
            kept = [i for i in range(len(block)) if wanted.get(ids[start + i]) == start + i]
            if kept:
                rows = [Row(ids[start + i], "ok", signature=SIGNATURE) for i in kept]
                writer.write(rows, block[kept])
