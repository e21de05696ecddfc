"""HDF5 files: vectors with their ids, and the captions and splits that an older pipeline stored beside them.

Two forms are read. Flat: two data sets, ids and vectors. In groups: ``train``, ``val``, ``test`` (any usual name), each
with ``audio_ids``, ``captions`` and ``NAME_embeddings``; a group of another name holds tracks without a split. h5py is
an optional package.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.errors import AntiphonError, ManifestError
from antiphon.library.manifest.cells import id_of, texts_of
from antiphon.library.manifest.hdf5_probe import require_readable
from antiphon.library.manifest.table import Table
from antiphon.library.splits import split_name
from antiphon.printed import counted

IDS = (
    *("audio_ids", "track_ids", "caption_ids", "ids", "id", "keys", "names", "audio_id", "track_id", "caption_id"),
    *("filenames", "file_names", "filename", "file_name", "paths", "path", "__index_level_0__"),
)
VECTORS = ("vectors", "embeddings", "features", "data", "vector", "embedding", "x")
CAPTIONS = ("captions", "caption", "texts", "text")
"""How vectors, what they belong to, and the captions that they were made of are called, in files of any form; the last
of the ids' names is what pandas calls an index."""


@dataclass(frozen=True, kw_only=True)
class Hdf5Part:
    """Ids and vectors that belong together in one HDF5 file; ``vectors`` is an open h5py data set, (n, d).

    ``captions`` is None where the file has none; ``cells`` are they as they stand in the file.
    """

    name: str
    split: str
    ids: list[str]
    vectors: Any
    captions: list[list[str]] | None
    cells: list[Any] | None = None


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
        with named_damage(path):
            parts = list(parts_of(file, "", path))
        if not parts:
            raise ManifestError(
                f"{path} has no ids that Antiphon knows how to find.",
                fix="Store data sets audio_ids and captions, in groups train, val and test or at the top.",
            )
        tables = [_table(path, part) for part in parts]
    others = [part for part in parts if part.name and not part.split]
    if others:
        listed = ", ".join(part.name for part in others)
        number = sum(len(part.ids) for part in others)
        is_none = "1 group is" if len(others) == 1 else f"{len(others)} groups are"
        tables[0].notes.append(
            f"{path.name}: {is_none} no split: {listed} ({counted(number, 'id')}, whose split the hash chooses)."
        )
    return tables


def _table(path: Path, part: Hdf5Part) -> Table:
    columns: dict[str, Any] = {"id": part.ids}
    if part.cells is not None:
        columns["captions"] = part.cells
    name = f"{path.name}/{part.name}" if part.name else path.name
    lines = range(1, len(part.ids) + 1)
    return Table(file=name, columns=columns, lines=lines, base=path.parent, by_line=False, split=part.split)


def open_h5(path: Path) -> Any:
    """An h5py file open for reading.

    Raises
    ------
    ManifestError : it cannot be opened, or a look at it does not come to an end.
    """
    h5py = import_h5py()
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ManifestError(f"{path} cannot be read as HDF5: {error}", fix="Check the file.") from error
    try:
        require_readable(path)
    except ManifestError:
        file.close()
        raise
    return file


@contextmanager
def named_damage(path: Path) -> Iterator[None]:
    """Tell whatever h5py makes of a damaged file as what it is.

    Raises
    ------
    ManifestError : the block ended in one of h5py's own errors.
    """
    try:
        yield
    except AntiphonError:
        raise
    except Exception as error:  # h5py raises a dozen different types for damaged files
        raise ManifestError(
            f"{path} cannot be read as HDF5: it is cut off or damaged ({error}).", fix="Save or fetch it again."
        ) from error


def parts_of(file: Any, encoder: str, path: Path) -> Iterator[Hdf5Part]:
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
    groups = [(name, item) for name, item in file.items() if hasattr(item, "keys")]
    for name, group in [("", file), *groups]:
        ids_name = _find(group, IDS)
        if ids_name is None:
            continue
        ids = [id_of(_decoded(cell)) for cell in group[ids_name][:]]
        captions_name = _find(group, CAPTIONS)
        cells = [_cell(cell) for cell in group[captions_name][:]] if captions_name else None
        vectors_name = _find(group, (f"{encoder}_embeddings", f"{encoder}_vectors", encoder, *VECTORS), ids_name)
        vectors = group[vectors_name] if encoder and vectors_name else None
        for what, number in (("captions", cells), ("vectors", vectors)):
            if number is not None and len(number) != len(ids):
                raise ManifestError(
                    f"{path}, group '{name or '/'}': {len(ids)} ids, but {len(number)} {what}.",
                    fix="Write the file again with one row of each for every id.",
                )
        captions = None if cells is None else [texts_of(cell, parse=True)[0] for cell in cells]
        split = name if split_name(name) else ""
        yield Hdf5Part(name=name, split=split, ids=ids, vectors=vectors, captions=captions, cells=cells)


def find_name(known: Sequence[str], names: Iterable[str]) -> str | None:
    """The one of ``names`` that is called as the first of ``known`` that is there, in any case."""
    by_name = {name.casefold(): name for name in names}
    return next((by_name[name.casefold()] for name in known if name.casefold() in by_name), None)


def _find(group: Any, names: tuple[str, ...], taken: str = "") -> str | None:
    return find_name(names, (name for name in group if hasattr(group[name], "shape") and name != taken))


def _decoded(cell: Any) -> Any:
    if isinstance(cell, bytes):
        try:
            return cell.decode("utf-8")
        except UnicodeDecodeError:
            return cell
    return cell.item() if hasattr(cell, "item") else cell


def _cell(cell: Any) -> Any:
    """A caption's cell: a text, or a list of them."""
    if hasattr(cell, "tolist") and not isinstance(cell, bytes | str):
        cell = cell.tolist()
    return [_decoded(item) for item in cell] if isinstance(cell, list) else _decoded(cell)
