"""Stored vectors: table, numbers and provenance of each encoder, every vector against its checksum."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from antiphon.api.checking.added import add_checksums, said_of
from antiphon.api.checking.found import CheckedFile, Context
from antiphon.api.checking.tables import check_parquet
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.commands import command
from antiphon.library.lock import writer_of
from antiphon.library.tag_strengths import TAGS_FILE, has_tags, read_sound_tags
from antiphon.library.vectors.opened import block_rows
from antiphon.library.vectors.provenance import Provenance, read_provenance
from antiphon.library.vectors.rows import UNSIGNED, Row, checksums_of, read_rows
from antiphon.library.vectors.store import Vectors, open_vectors
from antiphon.library.vectors.windows import INDEX, MEANS, mean_channels, open_windows

OPTION = {"audio": "--encoder", "text": "--text", "phrases": "--text"}
OLD = "{n:,} of {all:,} vectors are from before there were checksums: {add} gives them some, of what they are now"


def check_vectors(context: Context) -> Iterator[CheckedFile]:
    """All folders of vectors; one that is being written into right now is passed over, and said."""
    folders = context.root / "embeddings"
    for path in sorted(each for found in ("*/*/", "text/*/phrases/", "text/*/parts/") for each in folders.glob(found)):
        if writer_of(path) is not None:
            yield context.unsealed(path, "it is being written into: check it again afterwards")
        else:
            yield from _folder(context, path)


def _folder(context: Context, folder: Path) -> Iterator[CheckedFile]:
    kind, name = folder.parent.name, folder.name
    if folder.parent.parent.name == "text":  # captions' phrases stand below whole captions
        kind, name = "phrases", folder.parent.name
    about = folder / "provenance.json"
    again = _again(context, kind, name)
    if not about.exists() and not (folder / "vectors.npy").exists():
        return
    try:
        made_by = read_provenance(about)
    except EmbeddingError as error:
        again = _imported_again(context, kind, name) if _looks_imported(folder) else again
        yield context.damaged(about, error.problem, f"Delete {folder}, then: {again}")
        return
    context.read(about)
    yield context.unsealed(about)
    if made_by.origin == "imported":
        again = _imported_again(context, kind, name)
    rows_file = folder / "rows.parquet"
    if rows_file.exists():
        table = check_parquet(context, rows_file, f"Delete {folder}, then: {again}")
        yield table
        if table.wrong:
            return
    numbers = _numbers(context, folder, again)
    yield numbers
    if has_tags(folder) and not numbers.wrong:
        yield _tags(context, folder)
    if (folder / INDEX).exists():
        yield _windows(context, folder, made_by)


def _again(context: Context, kind: str, name: str) -> str:
    words = f"embed {OPTION.get(kind, '--encoder')} {name}"
    last = {"phrases": " --phrases", "audio": " --check-content"}.get(kind, "")
    return command(words + last, context.root)


def _imported_again(context: Context, kind: str, name: str) -> str:
    return command(f"import-embeddings {name} FILE{'' if kind == 'audio' else ' --kind text'}", context.root)


def _looks_imported(folder: Path) -> bool:
    """Whether vectors whose provenance cannot be read came from a file, as far as their table says."""
    try:
        return any(row.signature.startswith(UNSIGNED) for row in read_rows(folder))
    except EmbeddingError:
        return False


def _numbers(context: Context, folder: Path, again: str) -> CheckedFile:
    path = folder / "vectors.npy"
    try:
        stored, rows = open_vectors(folder), read_rows(folder)
        np.load(path, mmap_mode="r", allow_pickle=False)  # that others can open it, too
    except (EmbeddingError, OSError, ValueError) as error:
        said = error.problem if isinstance(error, EmbeddingError) else error
        return context.damaged(path, said, again)
    wrong = _changed(context, stored, rows)
    if wrong:
        listed = f"{wrong[0]}{f' and {len(wrong) - 1:,} more' if len(wrong) > 1 else ''}"
        return context.damaged(path, f"vectors are not those that were written: {listed}", again)
    old = sum(not row.checksum for row in rows if row.status == "ok")
    if old and context.add_checksums:
        add_checksums(folder)
    elif old:
        add = command("check --add-checksums", context.root)
        return context.unsealed(path, OLD.format(n=old, all=len(stored.ids), add=add))
    return context.sound(path, said_of(folder))


def _changed(context: Context, stored: Vectors, rows: list[Row]) -> list[str]:
    """Items whose vector is not the one that was written, those that are out of date included."""
    good = [at for at, row in enumerate(rows) if row.status != "failed"]
    found: list[str] = []
    for start in range(0, len(good), step := block_rows(int(stored.matrix.shape[1]))):
        some = good[start : start + step]
        vectors = np.asarray(stored.matrix[some])
        context.tell(vectors.nbytes)
        broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1)).tolist()
        for place, (at, checksum) in enumerate(zip(some, checksums_of(vectors), strict=True)):
            if place in broken or rows[at].checksum not in ("", checksum):
                found.append(rows[at].id)
    return found


def _tags(context: Context, folder: Path) -> CheckedFile:
    """What was heard in the sound, in words."""
    try:
        read_sound_tags(folder)
    except LibraryError as error:
        return context.damaged(folder / TAGS_FILE, error.problem, error.fix or "")
    context.read(folder / TAGS_FILE)
    return context.unsealed(folder / TAGS_FILE)


def _windows(context: Context, folder: Path, made_by: Provenance) -> CheckedFile:
    """Windows beside vectors; each is found by a hash of its vector, and has no checksum of its own."""
    try:
        found = open_windows(folder, mean_channels(made_by))
    except (EmbeddingError, OSError, ValueError) as error:
        said = error.problem if isinstance(error, EmbeddingError) else str(error)
        fix = f"Delete {folder / MEANS} and {folder / INDEX}, then: {command('embed --windows', context.root)}"
        return context.damaged(folder / MEANS, said, fix)
    if found is not None:
        context.read(folder / MEANS)
    return context.unsealed(folder / MEANS)
