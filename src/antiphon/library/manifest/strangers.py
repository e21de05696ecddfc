"""Files of other programs that are no form which is read here: what each is, and how its owner gets one that is.

A file is known by how it begins, whatever it is called, and only where that says nothing by the ending of its name.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

from antiphon.errors import ManifestError

HEAD = 4096
"""Bytes that are looked at."""


class Stranger(NamedTuple):
    """What a file is, as "{path} is …" goes on, and what to do."""

    what: str
    fix: str


_PICKLE = Stranger(
    "a Python pickle, which may run code when it is opened",
    "In the program that wrote it: numpy.savez(path, ids=ids, vectors=vectors), or for a table frame.to_parquet(path).",
)
_TORCH = Stranger(
    "a PyTorch file, which may run code when it is opened",
    "In Python, of a dict of vectors: numpy.savez('vectors.npz', ids=list(d), vectors=numpy.stack([v.numpy() for v in "
    "d.values()]))",
)
_WORKBOOK = Stranger("a workbook, not a table of text", "Save its sheet as 'CSV UTF-8' in Excel, or as CSV elsewhere.")
_ARROW = Stranger("an Arrow file", "In Python: pandas.read_feather(path).to_parquet('table.parquet')")

_BYTES = (
    (b"version https://git-lfs", Stranger("a Git LFS pointer, not the file itself", "Fetch the file: git lfs pull")),
    (b"\x1f\x8b", Stranger("compressed with gzip", "Unpack it first: gunzip {name}")),
    (b"\xfd7zXZ\x00", Stranger("compressed with xz", "Unpack it first: unxz {name}")),
    (b"\x28\xb5\x2f\xfd", Stranger("compressed with zstd", "Unpack it first: unzstd {name}")),
    (b"7z\xbc\xaf\x27\x1c", Stranger("a 7z archive", "Unpack it first: 7z x {name}")),
    (b"Rar!\x1a\x07", Stranger("a RAR archive", "Unpack it first: unrar x {name}")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _WORKBOOK),
    (b"ARROW1\x00\x00", _ARROW),
    (b"MATLAB 5.0", Stranger("a MATLAB file", "In Python: numpy.savez(path, ids=ids, vectors=vectors)")),
)
_XML = r"(<\?xml[^>]*>\s*)?"
_TEXTS = (
    (
        _XML + r"<(!DOCTYPE )?plist",
        Stranger("a library of iTunes or Music", "There: File, Library, Export Playlist, as M3U8."),
    ),
    (_XML + r"<DJ_PLAYLISTS", Stranger("a collection of rekordbox", "There: export the playlist as M3U8.")),
    (
        _XML + r"<playlist|<\?wpl|\[playlist\]",
        Stranger("a playlist of another form", "Save it as M3U8, in its player."),
    ),
    (
        r"(<!--.*?-->\s*)?<(!DOCTYPE )?html",
        Stranger("a web page, which often stands where one has to sign in", "Fetch the file itself."),
    ),
    (r"<\?xml", Stranger("XML", "Write a table (CSV), or export a playlist (M3U8).")),
)
_ENDINGS = {
    **dict.fromkeys((".pt", ".pth", ".ckpt"), _TORCH),
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), _PICKLE),
    **dict.fromkeys((".feather", ".arrow", ".ipc"), _ARROW),
    **dict.fromkeys((".xlsx", ".xls", ".ods", ".numbers"), _WORKBOOK),
    ".safetensors": Stranger(
        "a safetensors file",
        "In Python: tensors = safetensors.numpy.load_file(path), then numpy.savez('vectors.npz', ids=ids, vectors=…)",
    ),
    ".orc": Stranger("an ORC file", "In Python: pandas.read_orc(path).to_parquet('table.parquet')"),
}

_MARKED = (
    (b"PAR1", "a Parquet file", (".parquet", ".pq")),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", (".h5", ".hdf5")),
    (b'[{"', "JSON", (".json", ".jsonl", ".ndjson")),
    (b'{"', "JSON lines", (".jsonl", ".json", ".ndjson")),
)
"""How forms begin that are read, and the endings of their names."""


def require_known(path: Path) -> None:
    """Refuse a file that is no table which is read here, or is called as another form is.

    Raises
    ------
    ManifestError : it is one; the message says what it is, and how to get a table of it.
    """
    try:
        found = stranger(path)
        with path.open("rb") as stream:
            head = stream.read(HEAD).removeprefix(codecs.BOM_UTF8).lstrip()
    except OSError:  # told by whoever reads it
        return
    if found is not None:
        raise ManifestError(f"{path} is {found.what}.", fix=found.fix)
    for start, what, endings in _MARKED:
        if head.startswith(start) and path.suffix.lower() not in endings:
            raise ManifestError(f"{path} is {what}.", fix=f"Rename it: {path.with_suffix(endings[0]).name}")


def stranger(path: Path) -> Stranger | None:
    """What a file is, if it is of a form that is known and not read; None for all others.

    Raises
    ------
    OSError : it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    found = _by_start(path, head) or (_ENDINGS.get(path.suffix.lower()) if head else None)
    return None if found is None else found._replace(fix=found.fix.replace("{name}", path.name))


def _by_start(path: Path, head: bytes) -> Stranger | None:
    if head.startswith(b"PK\x03\x04"):
        return _of_archive(path)
    if re.match(rb"\x80[\x02-\x05]", head):
        return _PICKLE
    if re.match(rb"BZh[1-9]1AY&SY", head):
        return Stranger("compressed with bzip2", "Unpack it first: bunzip2 {name}")
    found = next((found for start, found in _BYTES if head.startswith(start)), None)
    return found or _of_text(head)


def _of_archive(path: Path) -> Stranger | None:
    """What a zip archive holds; None for one of numpy's arrays, which is a file of vectors."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):  # its damage is told by whoever reads it
        return None
    if any(name.endswith("/data.pkl") for name in names):
        return _TORCH
    if any(name.startswith("xl/") or name == "content.xml" for name in names):
        return _WORKBOOK
    if names and all(name.endswith(".npy") for name in names):
        return None
    inside = f" (it holds {', '.join(names[:3])}{', …' if len(names) > 3 else ''})" if names else ""
    return Stranger(f"a zip archive{inside}", "Unpack it first: unzip {name}")


def _of_text(head: bytes) -> Stranger | None:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            head = head[2:].decode(encoding, "replace").encode()
    text = head.removeprefix(codecs.BOM_UTF8).decode("latin-1").lstrip()
    return next((found for start, found in _TEXTS if re.match(start, text, re.IGNORECASE | re.DOTALL)), None)
