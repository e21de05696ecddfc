"""The tables of a library: tracks, captions, metadata, splits, the ledger of files; and its JSON files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.api.checking.found import CheckedFile, Context
from antiphon.api.tagging.backup import NAME as TAGS_BEFORE
from antiphon.api.tagging.backup import read_backup
from antiphon.errors import AntiphonError
from antiphon.library.captions import MADE_FILE
from antiphon.library.commands import command
from antiphon.library.files import SEALED, read_json
from antiphon.library.judgements.file import NAME as JUDGEMENTS
from antiphon.library.judgements.file import read_judgements
from antiphon.library.metadata.store import METADATA_FILE
from antiphon.library.tags.ledger import FILES
from antiphon.library.tracks import FORMAT, SPLITS_FILE

NEEDED = ("tracks.parquet", "captions.parquet")
TABLES = (*NEEDED, METADATA_FILE, SPLITS_FILE, FILES, MADE_FILE)
UNREADABLE = (OSError, ValueError, pa.ArrowException)


def check_tables(context: Context) -> Iterator[CheckedFile]:
    """``library.json`` and all that ingest writes, then judgements and results of the whole library."""
    yield _about(context)
    for name in TABLES:
        path = context.root / name
        if path.exists():
            yield check_parquet(context, path, _fix_of(context, name))
        elif name in NEEDED:
            yield context.damaged(path, "it is missing", context.ingest)
    for name, fix in (("audit.json", context.ingest), ("comparison.json", command("compare", context.root))):
        if (context.root / name).exists():
            yield check_json(context, context.root / name, fix)
    if (context.root / JUDGEMENTS).exists():
        yield _judgements(context)
    if (context.root / TAGS_BEFORE).exists():
        yield _tags_before(context)


def _fix_of(context: Context, name: str) -> str:
    return command("caption", context.root) if name == MADE_FILE else context.ingest


def _about(context: Context) -> CheckedFile:
    path = context.root / "library.json"
    try:
        found = read_json(path)
        number = found["format"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        return context.damaged(path, error, context.ingest)
    context.read(path)
    if number != FORMAT:
        return context.newer(path, f"it has format {number}, and this version reads {FORMAT}")
    return context.unsealed(path)


def check_parquet(context: Context, path: Path, fix: str) -> CheckedFile:
    """A table, decoded in full, its pages compared with their checksums where they have some."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            sealed = SEALED in (file.schema_arrow.metadata or {})
            for batch in file.iter_batches():
                batch.validate(full=True)
    except UNREADABLE as error:
        return context.damaged(path, _first_line(error), fix)
    context.read(path)
    return context.sound(path) if sealed else context.unsealed(path)


def check_json(context: Context, path: Path, fix: str) -> CheckedFile:
    """A JSON file, which has no checksum."""
    try:
        read_json(path)
    except (OSError, ValueError) as error:
        return context.damaged(path, error, fix)
    context.read(path)
    return context.unsealed(path)


def _judgements(context: Context) -> CheckedFile:
    path = context.root / JUDGEMENTS
    try:
        found = read_judgements(context.root)
    except AntiphonError as error:
        return context.damaged(path, error.problem, error.fix or "Correct that line, or restore the file from a copy.")
    context.read(path)
    return context.unsealed(path, " ".join(found.remarks))


def _tags_before(context: Context) -> CheckedFile:
    path = context.root / TAGS_BEFORE
    try:
        read_backup(context.root)
    except AntiphonError as error:
        return context.damaged(path, error.problem, error.fix or "Restore it from a copy.")
    context.read(path)
    return context.unsealed(path)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
