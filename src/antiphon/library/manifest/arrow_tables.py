"""Reading Parquet files and data sets that Hugging Face ``datasets`` saved to disk, with pyarrow alone.

A column of audio is there a struct of ``bytes`` and ``path``. Embedded bytes are written to ``audio_out`` as they pass,
batch by batch, so that a data set larger than memory can be read; the cell becomes the path of the new file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.errors import ManifestError
from antiphon.library.files import remove_left_over, write_atomically
from antiphon.library.manifest.columns import match_columns
from antiphon.library.manifest.table import Table

BATCH = 256
FLATTEN = "In Python: datasets.load_from_disk(FOLDER).flatten_indices().save_to_disk(NEW_FOLDER)"


def read_parquet(path: Path, audio_out: Path, *, split: str = "") -> Table:
    """A Parquet file; only the columns that mean something are decoded.

    Raises
    ------
    ManifestError : it is no Parquet file.
    """
    try:
        file = pq.ParquetFile(path)
        wanted = _wanted(file.schema_arrow.names)
        names = _class_names(file.schema_arrow.metadata)
        batches = file.iter_batches(batch_size=BATCH * 16, columns=wanted)
        columns = _collect(batches, wanted, names, audio_out)
        ignored = [name for name in file.schema_arrow.names if name not in wanted]
    except (OSError, pa.ArrowException) as error:
        raise ManifestError(f"{path} cannot be read as Parquet: {error}", fix="Write it again.") from error
    return _table(path.name, columns, ignored, path.parent, split)


def read_saved_dataset(folder: Path, audio_out: Path) -> list[Table]:
    """A folder made by ``Dataset.save_to_disk`` or ``DatasetDict.save_to_disk``; one table a split.

    Raises
    ------
    ManifestError : its files are damaged, or it has an indices mapping that was never flattened.
    """
    listing = folder / "dataset_dict.json"
    if not listing.is_file():
        return [_saved_split(folder, "", audio_out)]
    splits = _json(listing).get("splits", [])
    return [_saved_split(folder / name, name, audio_out) for name in splits]


def _saved_split(folder: Path, split: str, audio_out: Path) -> Table:
    state = _json(folder / "state.json")
    if state.get("_indices_data_files"):
        raise ManifestError(f"{folder} has an indices mapping that is not applied.", fix=FLATTEN)
    files = [folder / str(entry["filename"]) for entry in state.get("_data_files", [])]
    info = _json(folder / "dataset_info.json") if (folder / "dataset_info.json").is_file() else {}
    features = info.get("features") or {}
    labels = {name: feature["names"] for name, feature in features.items() if _is_label(feature)}
    try:
        names = pa.ipc.open_stream(str(files[0])).schema.names if files else list(features)
        wanted = _wanted(names)
        columns = _collect(_stream(files), wanted, labels, audio_out)
    except (OSError, pa.ArrowException) as error:
        raise ManifestError(f"{folder} cannot be read: {error}", fix="Save the data set again.") from error
    ignored = [name for name in names if name not in wanted]
    return _table(f"{folder.parent.name}/{folder.name}" if split else folder.name, columns, ignored, folder, split)


def _is_label(feature: object) -> bool:
    return isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and bool(feature.get("names"))


def _json(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path} cannot be read: {error}", fix="Save the data set again.") from error
    return data


def _stream(files: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    for path in files:
        with pa.memory_map(str(path)) as source:
            yield from pa.ipc.open_stream(source)


def _wanted(names: list[str]) -> list[str]:
    ignored = set(match_columns(names).ignored)
    return [name for name in names if name not in ignored]


def _class_names(metadata: dict[bytes, bytes] | None) -> dict[str, list[str]]:
    """Names behind the numbers of ClassLabel columns, from the note that ``datasets`` leaves in a Parquet file."""
    try:
        note = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        features = note["info"]["features"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {name: feature["names"] for name, feature in features.items() if _is_label(feature)}


def _collect(
    batches: Iterable[pa.RecordBatch], wanted: list[str], labels: dict[str, list[str]], audio_out: Path
) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in wanted}
    remove_left_over(audio_out)
    for whole in batches:
        for start in range(0, whole.num_rows, BATCH):
            batch = whole.slice(start, BATCH)
            for name in wanted:
                cells = batch.column(batch.schema.get_field_index(name))
                columns[name] += _cells(cells, labels.get(name), audio_out)
    return columns


def _cells(cells: pa.Array, labels: list[str] | None, audio_out: Path) -> list[Any]:
    kind = cells.type
    if pa.types.is_struct(kind) and {"bytes", "path"} <= {kind.field(i).name for i in range(kind.num_fields)}:
        return [_audio_cell(value, audio_out) for value in cells.to_pylist()]
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [_audio_cell({"bytes": value, "path": None}, audio_out) for value in cells.to_pylist()]
    values: list[Any] = cells.to_pylist()
    if labels:
        return [labels[v] if isinstance(v, int) and 0 <= v < len(labels) else v for v in values]
    return values


def _audio_cell(value: dict[str, Any] | None, audio_out: Path) -> str | None:
    """The path of one audio cell; embedded bytes are written out under their own hash and name."""
    if value is None:
        return None
    data, path = value.get("bytes"), value.get("path")
    if not isinstance(data, bytes) or not data:
        return path
    name = PurePosixPath(str(path or "").replace("\\", "/")).name
    name = re.sub(r"[^\w.\-]+", "_", name)[-80:] or f"audio{_suffix(data)}"
    target = audio_out / f"{hashlib.sha256(data).hexdigest()[:12]}_{name}"
    if not (target.is_file() and target.stat().st_size == len(data)):

        def write(stream: BinaryIO) -> None:
            stream.write(data)

        write_atomically(target, write, tidy=False)
    return str(target.resolve())


def _suffix(data: bytes) -> str:
    """A file name's ending for sound that came without one."""
    marks = {b"RIFF": ".wav", b"fLaC": ".flac", b"OggS": ".ogg", b"ID3": ".mp3"}
    return next((suffix for mark, suffix in marks.items() if data.startswith(mark)), ".mp3")


def _table(file: str, columns: dict[str, list[Any]], ignored: list[str], base: Path, split: str) -> Table:
    rows = max((len(cells) for cells in columns.values()), default=0)
    empty: dict[str, Any] = {name: [None] * rows for name in ignored}
    return Table(
        file=file,
        columns={**columns, **empty},
        lines=range(1, rows + 1),
        base=base,
        by_line=False,
        split=split,
    )
