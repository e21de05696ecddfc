"""Reading Parquet files and data sets that Hugging Face ``datasets`` saved to disk, with pyarrow alone.

A column of audio is there a struct of ``bytes`` and ``path``. Embedded bytes are written to ``audio_out`` as they pass,
batch by batch, so that a data set larger than memory can be read; the cell becomes the path of the new file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.errors import ManifestError
from antiphon.library.files import remove_left_over
from antiphon.library.manifest.cells.bulk import bulk_of
from antiphon.library.manifest.columns.match import match_columns, plain_name
from antiphon.library.manifest.columns.options import DEFAULTS, ManifestOptions
from antiphon.library.manifest.forms.arrow_cells import audio_cell, values_of
from antiphon.library.manifest.table import Table
from antiphon.library.manifest.text_tables import parse_json

BATCH = 256
SAMPLE = 20
DAMAGED = (OSError, ValueError, KeyError, TypeError, SystemError, pa.ArrowException)
"""What pyarrow raises on files that were cut off or changed."""
FLATTEN = "In Python: datasets.load_from_disk(FOLDER).flatten_indices().save_to_disk(NEW_FOLDER)"
SAVE_AGAIN = "Save the data set again."


def read_parquet(path: Path, audio_out: Path, options: ManifestOptions = DEFAULTS) -> Table:
    """A Parquet file; of columns of vectors and pictures that have no role only a sample is decoded.

    Raises
    ------
    ManifestError : it is no Parquet file, or damaged.
    """
    try:
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
        first = next(file.iter_batches(batch_size=SAMPLE), None)
        wanted = _wanted(schema.names, options, first)
        batches = file.iter_batches(batch_size=BATCH * 16, columns=wanted)
        columns = _collect(batches, wanted, options, _class_names(schema.metadata), path.parent, audio_out)
    except DAMAGED as error:
        raise ManifestError(f"{path} cannot be read as Parquet: {error}", fix="Write it again.") from error
    return _table(path.name, columns, schema.names, path.parent, "", first)


def read_saved_dataset(folder: Path, audio_out: Path, options: ManifestOptions = DEFAULTS) -> list[Table]:
    """A folder made by ``Dataset.save_to_disk`` or ``DatasetDict.save_to_disk``; one table a split.

    Raises
    ------
    ManifestError : its files are damaged, or it has an indices mapping that was never flattened.
    """
    listing = folder / "dataset_dict.json"
    if not listing.is_file():
        return [_saved_split(folder, "", audio_out, options)]
    splits = _json(listing).get("splits", [])
    if not isinstance(splits, list) or not all(isinstance(name, str) for name in splits):
        raise ManifestError(f"{listing} does not list the splits.", fix=SAVE_AGAIN)
    return [_saved_split(folder / name, name, audio_out, options) for name in splits]


def _saved_split(folder: Path, split: str, audio_out: Path, options: ManifestOptions) -> Table:
    state = _json(folder / "state.json")
    if state.get("_indices_data_files"):
        raise ManifestError(f"{folder} has an indices mapping that is not applied.", fix=FLATTEN)
    try:
        files = [folder / str(entry["filename"]) for entry in state.get("_data_files", [])]
        features = _features(folder)
        labels = {name: feature["names"] for name, feature in features.items() if _is_label(feature)}
        names = pa.ipc.open_stream(str(files[0])).schema.names if files else list(features)
        first = next(iter(_stream(files[:1])), None)
        wanted = _wanted(names, options, first)
        columns = _collect(_stream(files), wanted, options, labels, folder, audio_out)
    except DAMAGED as error:
        raise ManifestError(f"{folder} cannot be read: {error}", fix=SAVE_AGAIN) from error
    return _table(f"{folder.parent.name}/{folder.name}" if split else folder.name, columns, names, folder, split, first)


def _features(folder: Path) -> dict[str, Any]:
    if not (folder / "dataset_info.json").is_file():
        return {}
    features = _json(folder / "dataset_info.json").get("features")
    return features if isinstance(features, dict) else {}


def _is_label(feature: object) -> bool:
    return isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and isinstance(feature.get("names"), list)


def _json(path: Path) -> dict[str, Any]:
    try:
        data = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path} cannot be read: {error}", fix=SAVE_AGAIN) from error
    if not isinstance(data, dict):
        raise ManifestError(f"{path} holds no JSON object.", fix=SAVE_AGAIN)
    return data


def _stream(files: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    """The batches of Arrow files, each checked: pyarrow trusts what a file says about itself, and reads anywhere."""
    for path in files:
        with pa.memory_map(str(path)) as source:
            for batch in pa.ipc.open_stream(source):
                _require_sound(batch)
                yield batch


def _require_sound(batch: pa.RecordBatch) -> None:
    """Check all that a batch points to. A text of wrong bytes is let pass: it is its row's problem alone."""
    batch.validate()
    for column in batch.columns:
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            plain = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
            if not plain or "UTF8" not in str(error):  # where it points to is checked before what stands there
                raise


def _wanted(names: list[str], options: ManifestOptions, first: pa.RecordBatch | None) -> list[str]:
    """The columns to decode: all but those without a role that are too bulky to be metadata."""
    has = {plain_name(name) for name in names}
    ignored = match_columns(names, options.choice.within(has)).ignored
    conditions = {plain_name(condition.partition("=")[0]) for condition in options.only}
    bulky = {name for name in ignored if plain_name(name) not in conditions and bulk_of(_sample(first, name))}
    return [name for name in names if name not in bulky]


def _sample(first: pa.RecordBatch | None, name: str) -> list[Any]:
    position = first.schema.get_field_index(name) if first is not None else -1
    return values_of(first.column(position).slice(0, SAMPLE), None) if first is not None and position >= 0 else []


def _class_names(metadata: dict[bytes, bytes] | None) -> dict[str, list[str]]:
    """Names behind the numbers of ClassLabel columns, from the note that ``datasets`` leaves in a Parquet file."""
    try:
        note = parse_json((metadata or {}).get(b"huggingface", b"{}").decode())
        features = note["info"]["features"]
        return {name: feature["names"] for name, feature in features.items() if _is_label(feature)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _collect(
    batches: Iterable[pa.RecordBatch],
    wanted: list[str],
    options: ManifestOptions,
    labels: dict[str, list[str]],
    base: Path,
    audio_out: Path,
) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in wanted}
    has = {plain_name(name) for name in wanted}
    audio = match_columns(wanted, options.choice.within(has)).roles.get("audio", "")
    remove_left_over(audio_out)
    for whole in batches:
        for start in range(0, whole.num_rows, BATCH):
            batch = whole.slice(start, BATCH)
            for name in wanted:
                cells = batch.column(batch.schema.get_field_index(name))
                if name == audio and not options.no_audio:
                    columns[name] += [audio_cell(value, base, audio_out) for value in values_of(cells, None)]
                else:
                    columns[name] += values_of(cells, labels.get(name))
    return columns


def _table(
    file: str, columns: dict[str, list[Any]], names: list[str], base: Path, split: str, first: pa.RecordBatch | None
) -> Table:
    """A table of decoded columns; of the others there are the first cells, to see what they hold."""
    rows = max((len(cells) for cells in columns.values()), default=0)
    for name in names:
        if name not in columns:
            shown = _sample(first, name)
            columns[name] = [*shown, *[None] * (rows - len(shown))]
    return Table(file=file, columns=dict(columns), lines=range(1, rows + 1), base=base, by_line=False, split=split)
