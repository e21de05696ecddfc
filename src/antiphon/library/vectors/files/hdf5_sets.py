"""``.h5``: two data sets, ids and vectors, or a group a split with ids, captions and vectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError
from antiphon.library.manifest.hdf5 import IDS, VECTORS, Hdf5Part, import_h5py, open_h5, parts_of
from antiphon.library.vectors.files.vector_file import Block, VectorFile, check_shape, slices

SHOWN = 12


@contextmanager
def open_hdf5(path: Path, name: str) -> Iterator[VectorFile]:
    """An HDF5 file, open as long as the context lasts; ``name`` is the encoder, after which data sets are called."""
    import_h5py()
    with reading(path):
        file = open_h5(path)
    with file:
        yield _vectors(path, file, name)


def _vectors(path: Path, file: Any, name: str) -> VectorFile:
    _refuse_single_values(path, file)
    with reading(path):
        parts = [part for part in parts_of(file, name, path) if part.vectors is not None]
    if not parts:
        raise EmbeddingError(
            f"{path} has no ids with vectors called '{name}_embeddings' (it has: {', '.join(_contents(path, file))}).",
            fix="Store two data sets, ids and vectors, or groups train, val and test with audio_ids and "
            f"{name}_embeddings.",
        )
    widths = {tuple(part.vectors.shape[1:]) for part in parts}
    if len(widths) > 1:
        raise EmbeddingError(
            f"{path}: the splits have vectors of different shapes: {sorted(widths)}.", fix="Write one."
        )
    for part in parts:
        check_shape(path, len(part.ids), part.vectors.shape, part.vectors.dtype)
    size = int(parts[0].vectors.shape[1])

    def blocks() -> Iterator[Block]:
        for part in parts:
            yield from slices(path, part.vectors, size)

    ids = [item for part in parts for item in part.ids]
    return VectorFile(ids=ids, size=size, blocks=blocks, per_caption=True, texts=_texts(parts))


def _texts(parts: list[Hdf5Part]) -> list[str] | None:
    """The caption of every row, where each row of each part has exactly one."""
    if any(part.captions is None or any(len(cell) > 1 for cell in part.captions) for part in parts):
        return None
    return [cell[0] if cell else "" for part in parts for cell in part.captions or ()]


def _refuse_single_values(path: Path, file: Any) -> None:
    """A data set may hold one value, or nothing at all; neither is a column of ids or a table of vectors."""
    single: list[str] = []

    def see(name: str, item: Any) -> None:
        own = name.rsplit("/", 1)[-1].casefold()
        if hasattr(item, "shape") and not item.shape and (own in (*IDS, *VECTORS) or own.endswith("_embeddings")):
            single.append(f"'{name}' holds {'nothing' if item.shape is None else 'a single value'}")

    with reading(path):
        file.visititems(see)
    if single:
        raise EmbeddingError(f"{path}: {', '.join(single[:3])}.", fix="Store ids, (n), and vectors, (n × d).")


def _contents(path: Path, file: Any) -> list[str]:
    names: list[str] = []
    with reading(path):
        file.visit(names.append)
    return names[:SHOWN]
