"""Vectors that were made elsewhere, brought into a library. See docs/decisions/imported-vectors.md."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.commands import RESERVED
from antiphon.library.files import file_hash
from antiphon.library.manifest.paths.endings import is_sound
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.caption_rows import CaptionRows, caption_rows
from antiphon.library.vectors.files.import_report import ImportReport, listed
from antiphon.library.vectors.files.opening import open_vector_file
from antiphon.library.vectors.files.vector_file import VectorFile
from antiphon.library.vectors.numbers import NumberCheck, Numbers, require_storable, row_hashes
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.rows import UNSIGNED
from antiphon.library.vectors.store import Row, VectorWriter
from antiphon.library.vectors.texts import text_signature
from antiphon.printed import counted
from antiphon.texts import spelled_as

ZERO = "its vector is all zeros"


def import_embeddings(
    root: Path, name: str, file: Path, *, kind: Kind = "audio", ids: Path | None = None, layout: Layout | None = None
) -> ImportReport:
    """Store vectors from a file under an encoder's name. The file is checked wholly before anything is written.

    Parameters
    ----------
    root : the library's folder.
    name : what to call the encoder here.
    file : ``.npy`` (with ``ids``), ``.npz`` (ids, vectors), ``.parquet`` (id, vector) or ``.h5``; any real or integer
        type that fits float16's range of ±65,504. The captions may stand beside (``text``).
    kind : "audio" (ids are track ids) or "text" (ids are caption ids, ``{track_id}#{n}``, or, beside texts, track ids).
    ids : a text file with one id a line.
    layout : how a vector is composed; without it nothing is assumed.

    Raises
    ------
    EmbeddingError : the file cannot be read, does not fit its ids, the layout, float16 or this library, or describes
        nothing: all of it is zero, or one vector.
    """
    root, file = Path(root), Path(file)
    _check_name(name)
    library = Library(root)
    known = (library.column("track_id") if kind == "audio" else library.caption_column("caption_id")).tolist()
    with open_vector_file(file, name, ids) as opened:
        names = known if kind == "audio" else [*library.column("track_id").tolist(), *known]
        source = replace(opened, ids=spelled_as(opened.ids, names))
        found = caption_rows(source, library) if kind == "text" else CaptionRows(ids=source.ids, doubtful={})
        chosen = layout or Layout.flat(source.size)
        if chosen.size != source.size:
            raise EmbeddingError(
                f"{file} has vectors of {source.size} numbers, but the layout of '{name}' is {chosen} = {chosen.size}.",
                fix=f"Say how yours are composed (--layout 1x{source.size}x1), or use another name.",
            )
        wanted, unknown = _wanted(file, source, found, known, kind)
        numbers = _checked(file, source, wanted)
        repeated = _check_repeats(file, source, found.ids, wanted)
        provenance = _provenance(name, kind, chosen, file)
        folder = library.embedding_folder(kind, name)
        signatures = _signatures(library, kind)
        before = _write(folder, provenance, source, wanted, set(numbers.zero), signatures)
        with VectorWriter(folder, provenance) as writer:
            good = {row.id for row in writer.rows if row.status == "ok"}
    named = {row: item for item, row in wanted.items()}
    zero = set(numbers.zero)
    return ImportReport(
        name=name,
        kind=kind,
        file=str(file),
        folder=str(folder),
        rows=len(found.ids),
        imported=len(wanted) - len(zero),
        unknown=tuple(unknown),
        repeated=tuple(repeated),
        zero=tuple(named[row] for row in numbers.zero),
        shared=tuple(tuple(named[row] for row in rows) for rows in numbers.shared),
        still=numbers.still,
        coarse=numbers.coarse,
        half=numbers.half,
        doubtful=found.doubtful,
        other_text=found.other_text,
        replaced=tuple(item for item, row in wanted.items() if item in before and row not in zero),
        lacking=tuple(item for item in known if item not in good),
        layout=chosen,
    )


def _signatures(library: Library, kind: Kind) -> dict[str, str]:
    """What the vectors describe: of captions their texts' hashes. Of tracks nothing is known; those get a hash of their
    vector, so that whatever was made of an earlier one, such as an index, is seen to be out of date."""
    if kind == "audio":
        return {}
    columns = (library.caption_column(name).tolist() for name in ("caption_id", "text"))
    return {caption: text_signature(text) for caption, text in zip(*columns, strict=True)}


def _check_name(name: str) -> None:
    """A name is a folder's, a column's and an option's value: it must be safe as each of them."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name) or name.casefold() in RESERVED:
        raise EmbeddingError(
            f"'{name[:120]}' cannot be an encoder's name.",
            fix="Use up to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit, such as muq; "
            f"not {' or '.join(RESERVED)}.",
        )


def _wanted(
    file: Path, source: VectorFile, found: CaptionRows, known: Sequence[str], kind: Kind
) -> tuple[dict[str, int], list[str]]:
    """(id → its first row, ids that the library does not have).

    Raises
    ------
    EmbeddingError : it has none of them.
    """
    here = set(known)
    wanted: dict[str, int] = {}
    unknown: dict[str, None] = {}
    for row, item in enumerate(found.ids):
        if item in here:
            wanted.setdefault(item, row)
        elif not found.doubtful or not item.endswith(" (in doubt)"):
            unknown[item or "(no id)"] = None
    if not wanted and kind == "text" and source.texts is not None:
        raise EmbeddingError(
            f"None of the {len(source.ids)} texts of {file} is a caption of its track here. In the file: "
            f"{_few(list(unknown))}.",
            fix="Write the captions as they stand in captions.parquet, beside their track's id; or leave them out and "
            "give caption ids, {track_id}#{n}.",
        )
    if not wanted and found.doubtful:
        raise EmbeddingError(
            f"No row of {file} is surely of a caption here: {listed(list(found.doubtful.values()))}.",
            fix=f"Give each row's text beside its id, or the ids that the library has ({_few(known)}).",
        )
    if not wanted:
        what = "track ids" if kind == "audio" else "caption ids"
        raise EmbeddingError(
            f"None of the {len(source.ids)} ids of {file} is in this library. In the file: {_few(source.ids)}. "
            f"{what.capitalize()} of the library: {_few(known)}.",
            fix=f"Rename the ids to the library's {what}{_nearly(source.ids, known)}"
            + (", or say --kind text if these are captions." if kind == "audio" else " ({track_id}#{n})."),
        )
    return wanted, list(unknown)


def _nearly(ids: Sequence[str], known: Sequence[str]) -> str:
    """Which ids of the library those of a file come close to, "" for none: but for folder, ending, case or zeros."""
    here: dict[str, list[str]] = {}
    for item in known:
        here.setdefault(_bare(item), []).append(item)
    found = [(item, here[_bare(item)][0]) for item in dict.fromkeys(ids) if len(here.get(_bare(item), ())) == 1]
    if not found:
        return ""
    item, like = found[0]
    number = counted(len(found), "id")
    return f" ({number} of the file would fit but for folder, ending, case or zeros: '{item}' for '{like}')"


def _bare(item: str) -> str:
    name = item.replace("\\", "/").rpartition("/")[2]
    stem = name.rpartition(".")[0] if is_sound(name) else name
    return stem.casefold().lstrip("0") if stem.isdecimal() else stem.casefold()


def _few(ids: Sequence[str]) -> str:
    return ", ".join(f"'{item}'" for item in ids[:3]) + (", …" if len(ids) > 3 else "") if ids else "none"


def _rows(source: VectorFile) -> Iterator[tuple[int, NDArray[Any]]]:
    start = 0
    for block in source.blocks():
        yield start, block
        start += len(block)


def _checked(file: Path, source: VectorFile, wanted: Mapping[str, int]) -> Numbers:
    """Whether all rows can be stored, and what those that are wanted are worth."""
    check = NumberCheck(file, source.size)
    rows = np.sort(np.fromiter(wanted.values(), np.int64, len(wanted)))
    for start, block in _rows(source):
        require_storable(file, start, block, source.ids)
        mine = rows[np.searchsorted(rows, start) : np.searchsorted(rows, start + len(block))]
        check.see(mine, block[mine - start])
    return check.conclude()


def _check_repeats(file: Path, source: VectorFile, ids: Sequence[str], wanted: Mapping[str, int]) -> list[str]:
    """Ids of the library that stand several times, always with the same vector.

    Raises
    ------
    EmbeddingError : one stands for two different vectors.
    """
    counts: dict[str, int] = {}
    for item in ids:
        counts[item] = counts.get(item, 0) + 1
    repeated = {item for item, n in counts.items() if n > 1 and item in wanted}
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
    return Provenance(
        encoder=name,
        kind=kind,
        layout=layout,
        weights_id="unknown",
        pooling="unknown",
        version="unknown",
        origin="imported",
        source=f"{file.name} sha256:{file_hash(file)}",
    )


def _write(
    folder: Path,
    provenance: Provenance,
    source: VectorFile,
    wanted: Mapping[str, int],
    zero: set[int],
    signatures: Mapping[str, str],
) -> set[str]:
    """Store the rows that are wanted; the ids that had a good vector before."""
    item_of = {row: item for item, row in wanted.items()}
    with VectorWriter(folder, provenance) as writer:
        before = {row.id for row in writer.rows if row.status == "ok"}
        for start, block in _rows(source):
            kept, rows = [], []
            hashes = row_hashes(np.ascontiguousarray(block, dtype=np.float16))
            for row in range(start, start + len(block)):
                item = item_of.get(row)
                if item is None or (row in zero and item in before):
                    continue
                signed = signatures.get(item) or f"{UNSIGNED} {hashes[row - start]:016x}"
                kept.append(row - start)
                rows.append(Row(item, "failed", ZERO, signed) if row in zero else Row(item, "ok", "", signed))
            if kept:
                writer.write(rows, block[kept])
    return before
