"""Cells of Arrow columns as Python values; sound that is embedded in them becomes files."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from antiphon.library.addresses import is_address
from antiphon.library.files import write_atomically
from antiphon.library.manifest.paths.endings import is_sound

LONGEST_PATH = 1024
"""Bytes above which a cell of the audio column is sound and not the name of a file."""


def values_of(cells: pa.Array, labels: list[str] | None) -> list[Any]:
    """The cells of a column that is not sound; a label's number becomes its name.

    Text that is not UTF-8 stays bytes, so that its row alone is a problem.
    """
    try:
        values: list[Any] = cells.to_pylist()
    except UnicodeDecodeError:
        values = cells.cast(pa.large_binary() if pa.types.is_large_string(cells.type) else pa.binary()).to_pylist()
    if labels:
        return [labels[v] if isinstance(v, int) and 0 <= v < len(labels) else v for v in values]
    return values


def audio_cell(value: Any, base: Path, audio_out: Path) -> Any:
    """One cell of the audio column; embedded sound is written out under its own hash and name, and is then a path."""
    path: object = None
    data = value
    if isinstance(value, dict) and "bytes" in value:
        data, path = value["bytes"], value.get("path")
        if not data:
            return {"path": path}
    if not isinstance(data, bytes):
        return value
    if isinstance(value, bytes) and (text := _path_in_bytes(data, base)):
        return text
    name = PurePosixPath(str(path or "").replace("\\", "/")).name
    name = re.sub(r"[^\w.\-]+", "_", name)[-80:] or f"audio{_suffix(data)}"
    target = audio_out / f"{hashlib.sha256(data).hexdigest()[:12]}_{name}"
    if not (target.is_file() and target.stat().st_size == len(data)):
        write_atomically(target, lambda stream: stream.write(data), tidy=False)
    return str(target.resolve())


def _path_in_bytes(data: bytes, base: Path) -> str:
    """A short text that names a file, or looks like the name of one, as Spark and Impala store text; "" for sound."""
    if len(data) > LONGEST_PATH:
        return ""
    try:
        text = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""
    if not text.isprintable():
        return ""
    return text if is_address(text) or is_sound(text) or (bool(text) and (base / text).is_file()) else ""


def _suffix(data: bytes) -> str:
    """A file name's ending for sound that came without one."""
    marks = {b"RIFF": ".wav", b"fLaC": ".flac", b"OggS": ".ogg", b"ID3": ".mp3"}
    return next((suffix for mark, suffix in marks.items() if data.startswith(mark)), ".mp3")
