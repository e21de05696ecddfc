"""Writing files so that a killed process leaves either the old content or the new one, never half of each.

A file is written beside its place under the name ``.NAME.XXXXXXXX.antiphon.tmp`` and renamed into it. Its writer holds
a lock on it meanwhile, which ends with the process, however that ends: a later write into the same folder removes what
dead processes left. Files that belong together are all written first, as ``.NAME.staged``; then ``.staged.json`` names
them, and from that moment they count as written: whoever opens the folder next finishes the renaming.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from antiphon.errors import LibraryError

if TYPE_CHECKING:
    import pyarrow as pa

Write = Callable[[BinaryIO], object]
PENDING = ".staged.json"
MARK = ".antiphon.tmp"
"""Ending of temporary files, so that nobody else's are taken for ours."""
SEALED = b"antiphon_page_checksums"
LEFT_ALONE_S = 60
"""Age below which a temporary file is never taken for a leftover: its writer may be about to lock it."""
_MASK = threading.Lock()  # the umask is read by changing it: two threads at once could leave it changed


def write_atomically(path: Path, write: Write, *, tidy: bool = True) -> None:
    """Call ``write`` on a temporary file beside ``path``, flush it to disk, then rename it into place.

    A pipe or a device (``/dev/null``, ``/dev/stdout``) is written into as it stands, and stays what it is.

    Parameters
    ----------
    tidy : remove leftovers in the folder first; to write many files into one folder, do that once yourself.
    """
    if _is_written_into(path):
        with of_file(path), path.open("wb") as stream:
            write(stream)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if tidy:
        remove_left_over(path.parent)
    with of_file(path):
        _write_beside(path, write)
    sync_folder(path.parent)


def _is_written_into(path: Path) -> bool:
    """Whether a path is a pipe or a device; of links, only those of the system are followed."""
    followed = not path.is_symlink() or path.is_relative_to("/dev")
    return followed and path.exists() and not path.is_file() and not path.is_dir()


@contextmanager
def of_file(path: Path) -> Iterator[None]:
    """Name the file that was being written where an error of the system names none, or its temporary file."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and (error.filename is None or MARK in str(error.filename)):
            raise OSError(error.errno, error.strerror or os.strerror(error.errno), str(path)) from error
        raise


def _write_beside(path: Path, write: Write) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=MARK, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _lock(stream)
            write(stream)
            flush_to_disk(stream)
            os.fchmod(stream.fileno(), _mode_for(path))
            Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode_for(path: Path) -> int:
    """The mode of the file that is replaced; for a new one what the user's umask leaves of rw-rw-rw-."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        with _MASK:
            mask = os.umask(0o077)
            os.umask(mask)
        return 0o666 & ~mask


def open_in_library(path: Path, mode: str) -> BinaryIO:
    """Open a file of a library for reading and writing, or for appending: never through a link that leads elsewhere.

    Parameters
    ----------
    mode : ``"r+b"`` (the file exists) or ``"ab"`` (it is made where it is missing).

    Raises
    ------
    LibraryError : the path is a link, which somebody else may have laid.
    """
    flags = os.O_RDWR if mode == "r+b" else os.O_WRONLY | os.O_APPEND | os.O_CREAT
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise LibraryError(
                f"{path} is a link: nothing is written through links inside a library.",
                fix="Remove the link, or put the file that it leads to in its place.",
            ) from error
        raise
    return cast(BinaryIO, os.fdopen(descriptor, mode))


def _lock(stream: BinaryIO) -> bool:
    """Lock a file; False where somebody else has, or on a file system without locks."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remove_left_over(folder: Path) -> None:
    """Remove temporary files that no living process is writing; without locks nobody can tell, and all are left."""
    if not folder.is_dir():
        return
    for path in (entry for entry in folder.iterdir() if entry.name.endswith(MARK)):
        try:
            if time.time() - path.stat().st_mtime > LEFT_ALONE_S:
                with path.open("r+b") as stream:
                    if _lock(stream):
                        path.unlink(missing_ok=True)
        except OSError:  # another process was quicker, or it is not ours to remove
            continue


def write_together(folder: Path, writes: Mapping[str, Write]) -> None:
    """Write several files of a folder, name → how: after a kill at any moment either all are new or none is.

    What opens the folder has to call :func:`finish_together` first.
    """
    for name, write in writes.items():
        write_atomically(folder / f".{name}.staged", write)
    write_json(folder / PENDING, sorted(writes))
    finish_together(folder)


def finish_together(folder: Path) -> None:
    """Rename into place what a :func:`write_together` that was killed had written in full.

    Raises
    ------
    OSError : there is something to finish, and the folder cannot be written.
    ValueError : the list of names is damaged, or names something outside the folder.
    """
    pending = folder / PENDING
    if not pending.exists():
        return
    for name in _staged_names(pending):
        try:
            (folder / f".{name}.staged").replace(folder / name)
        except FileNotFoundError:  # done already, before the kill or by another process
            continue
    sync_folder(folder)
    pending.unlink(missing_ok=True)


def _staged_names(pending: Path) -> list[str]:
    try:
        names = json.loads(pending.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError(f"{pending.name} is no list of file names") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{pending.name} is no list of file names")
    for name in names:
        if name != Path(name).name or name.startswith(".") or "\0" in name:  # a stranger's list must not reach out
            raise ValueError(f"{pending.name} names {name!r}, which is no file of this folder")
    return names


def flush_to_disk(stream: BinaryIO) -> None:
    """Write out what a stream holds, past the system's own buffers."""
    stream.flush()
    os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename inside ``folder`` survive a power cut (a no-op where folders cannot be synchronised)."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def file_hash(path: Path) -> str:
    """sha256 of a file's content, 64 hexadecimal digits; read in pieces."""
    with path.open("rb") as stream:
        return stream_hash(stream)


def stream_hash(stream: BinaryIO) -> str:
    """sha256 of what a stream has left, as :func:`file_hash`."""
    digest = hashlib.sha256()
    add_stream(digest, stream)
    return digest.hexdigest()


def add_stream(digest: hashlib._Hash, stream: BinaryIO) -> None:
    """Feed a digest with what a stream has left, in pieces."""
    while block := stream.read(1 << 20):
        digest.update(block)


def write_text(path: Path, text: str) -> None:
    """Atomic UTF-8 text."""
    write_atomically(path, utf8(text))


def utf8(text: str) -> Write:
    """How a text is written. What UTF-8 cannot say (half a surrogate pair) becomes an escape that JSON understands."""
    return lambda stream: stream.write(text.encode("utf-8", "backslashreplace"))


def json_file(data: Any) -> Write:
    """How indented JSON is written, piece by piece; a data class in it is written as the object of its fields."""

    def write(stream: BinaryIO) -> None:
        for piece in json.JSONEncoder(indent=2, ensure_ascii=False, default=vars).iterencode(data):
            stream.write(piece.encode("utf-8", "backslashreplace"))
        stream.write(b"\n")

    return write


def read_json(path: Path) -> Any:
    """The JSON of a file.

    Raises
    ------
    OSError : the file cannot be read.
    ValueError : it is no JSON, no UTF-8, or nested deeper than anything that was meant.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError(f"{path.name} is nested too deeply") from error


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object of a file; None where there is none that can be read."""
    try:
        found = read_json(path)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_json(path: Path, data: Any) -> None:
    """Atomic, indented JSON with a final newline."""
    write_atomically(path, json_file(data))


def write_parquet(path: Path, table: pa.Table) -> None:
    """Atomic Parquet."""
    write_atomically(path, parquet(table))


def parquet(table: pa.Table, **how: Any) -> Write:
    """How a table is written, with a checksum a page and a word in its metadata that says so; ``how`` is pyarrow's."""
    import pyarrow.parquet as pq  # a tenth of a second, which a search that reads no table does without

    sealed = table.replace_schema_metadata({**(table.schema.metadata or {}), SEALED: b"1"})
    return lambda stream: pq.write_table(sealed, stream, write_page_checksum=True, **how)


def read_parquet(path: Path) -> pa.Table:
    """A whole Parquet file. Unlike ``pyarrow.parquet.read_table`` this does not load pyarrow's data set machinery."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as opened:
        return opened.read()
