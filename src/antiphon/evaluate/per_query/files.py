"""A table of single queries as a file: Parquet, CSV or JSON lines, by its ending."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from antiphon.errors import ConfigError
from antiphon.library.files import Write, parquet, write_atomically

Columns = Mapping[str, Sequence[Any]]
TYPES = {"rank": pa.int64(), "n_correct": pa.int64(), "n_items": pa.int64()}


def write_table(path: Path, columns: Columns) -> None:
    """Write a table, one row a query.

    Parameters
    ----------
    path : ends in ``.parquet``, ``.csv`` (UTF-8, a header, RFC 4180's quotes) or ``.jsonl`` (one object a line).
    columns : name → values, all equally long; None is null in Parquet and JSON, and an empty cell in CSV.

    Raises
    ------
    ConfigError : another ending.
    OSError : the file cannot be written.
    """
    write_atomically(path, writer(path)(columns))


def writer(path: Path) -> Callable[[Columns], Write]:
    """How a file of this ending is written; asked before hours of work, it refuses before them.

    Raises
    ------
    ConfigError : no table is written with such an ending.
    """
    found = WRITERS.get(path.suffix.casefold())
    if found is None:
        raise ConfigError(f"{path} has no ending of a table.", fix=f"Name a file that ends in {', '.join(WRITERS)}.")
    return found


def _parquet(columns: Columns) -> Write:
    def typed(name: str, values: Sequence[Any]) -> pa.Array:
        score = pa.float64() if name.endswith("_score") else pa.string()
        return pa.array(values, TYPES.get(name, score))

    return parquet(pa.table({name: typed(name, values) for name, values in columns.items()}))


def _csv(columns: Columns) -> Write:
    def write(stream: BinaryIO) -> None:
        text = io.TextIOWrapper(stream, "utf-8", newline="")
        lines = csv.writer(text)
        lines.writerow(columns)
        lines.writerows(_rows(columns))
        text.flush()
        text.detach()

    return write


def _json_lines(columns: Columns) -> Write:
    def write(stream: BinaryIO) -> None:
        for row in _rows(columns):
            line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
            stream.write(line.encode() + b"\n")

    return write


def _rows(columns: Columns) -> Iterator[tuple[Any, ...]]:
    return zip(*columns.values(), strict=True)


WRITERS = {".parquet": _parquet, ".csv": _csv, ".jsonl": _json_lines}
