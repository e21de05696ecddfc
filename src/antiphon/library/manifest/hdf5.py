"""HDF5 files: vectors with their ids, and the captions and splits that an older pipeline stored beside them.

Two forms are read. Flat: two data sets, ids and vectors. Split: groups ``train``, ``val``, ``test`` (any usual name),
each with ``audio_ids``, ``captions`` and ``NAME_embeddings``. h5py is an optional package.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.errors import AntiphonError, ManifestError
from antiphon.library.manifest.cells import id_of, texts_of
from antiphon.library.manifest.table import Table
from antiphon.library.splits import split_name

IDS = ("audio_ids", "track_ids", "caption_ids", "ids", "id", "keys", "names", "audio_id", "track_id", "caption_id")
VECTORS = ("vectors", "embeddings", "features", "data", "vector", "embedding", "x")
CAPTIONS = ("captions", "caption", "texts", "text")


@dataclass(frozen=True, kw_only=True)
class Part:
    """Ids and vectors that belong together in one HDF5 file; ``vectors`` is an open h5py data set, (n, d).

    ``captions`` is None where the file has none.
    """

    name: str
    split: str
    ids: list[str]
    vectors: Any
    captions: list[list[str]] | None


def import_h5py() -> Any:
    """The h5py module.

    Raises
    ------
    AntiphonError : it is not installed; the message has the command.
    """
    try:
        import h5py  # optional
    except ImportError as error:
        raise AntiphonError("Reading HDF5 needs the package h5py.", fix="pip install h5py") from error
    return h5py


def read_h5(path: Path) -> list[Table]:
    """The tracks, captions and splits in an HDF5 file, as manifest tables (vectors are for import-embeddings).

    Raises
    ------
    ManifestError : it is no HDF5 file, or has no ids.
    """
    with open_h5(path) as file:
        parts = list(parts_of(file, "", path))
        if not parts:
            raise ManifestError(
                f"{path} has no ids that Antiphon knows how to find.",
                fix="Store data sets audio_ids and captions, in groups train, val and test or at the top.",
            )
        return [_table(path, part) for part in parts]


def _table(path: Path, part: Part) -> Table:
    columns: dict[str, Any] = {"id": part.ids}
    if part.captions is not None:
        columns["captions"] = part.captions
    name = f"{path.name}/{part.name}" if part.name else path.name
    lines = range(1, len(part.ids) + 1)
    return Table(file=name, columns=columns, lines=lines, base=path.parent, by_line=False, split=part.split)


def open_h5(path: Path) -> Any:
    """An h5py file open for reading.

    Raises
    ------
    ManifestError : it cannot be opened.
    """
    h5py = import_h5py()
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise ManifestError(f"{path} cannot be read as HDF5: {error}", fix="Check the file.") from error


def parts_of(file: Any, encoder: str, path: Path) -> Iterator[Part]:
    """The parts of an open file: one a split, or the whole where it is flat.

    Parameters
    ----------
    file : an open h5py file.
    encoder : whose vectors are wanted; "" for none.
    path : for messages.

    Raises
    ------
    ManifestError : a part's ids, captions and vectors are not of one length.
    """
    groups = [(name, item) for name, item in file.items() if split_name(name) and hasattr(item, "keys")]
    for name, group in groups or [("", file)]:
        ids_name = _find(group, IDS)
        if ids_name is None:
            continue
        ids = [id_of(_decoded(cell)) for cell in group[ids_name][:]]
        captions_name = _find(group, CAPTIONS)
        captions = [_captions(cell) for cell in group[captions_name][:]] if captions_name else None
        vectors_name = _find(group, (f"{encoder}_embeddings", f"{encoder}_vectors", encoder, *VECTORS), ids_name)
        vectors = group[vectors_name] if encoder and vectors_name else None
        for what, number in (("captions", captions), ("vectors", vectors)):
            if number is not None and len(number) != len(ids):
                raise ManifestError(
                    f"{path}, group '{name or '/'}': {len(ids)} ids, but {len(number)} {what}.",
                    fix="Write the file again with one row of each for every id.",
                )
        yield Part(name=name, split=split_name(name) or "", ids=ids, vectors=vectors, captions=captions)


def _find(group: Any, names: tuple[str, ...], taken: str = "") -> str | None:
    by_name = {name.casefold(): name for name in group if hasattr(group[name], "shape") and name != taken}
    return next((by_name[name.casefold()] for name in names if name.casefold() in by_name), None)


def _decoded(cell: Any) -> Any:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    return cell.item() if hasattr(cell, "item") else cell


def _captions(cell: Any) -> list[str]:
    if hasattr(cell, "tolist") and not isinstance(cell, bytes | str):
        cell = cell.tolist()
    if isinstance(cell, list):
        return [text for item in cell if (text := str(_decoded(item)).strip())]
    return texts_of(_decoded(cell), parse=True) or [str(_decoded(cell))]
