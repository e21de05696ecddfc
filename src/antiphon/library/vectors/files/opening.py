"""Opening a file of vectors by its suffix, after a look at what it really is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from antiphon.errors import EmbeddingError
from antiphon.library.vectors.files.hdf5_sets import open_hdf5
from antiphon.library.vectors.files.numpy_arrays import open_npy, open_npz
from antiphon.library.vectors.files.parquet_lists import open_parquet
from antiphon.library.vectors.files.vector_file import VectorFile, form_of

FORMS = ".npy with --ids, .npz (ids, vectors), .parquet (id, vector) or .h5"
_SUFFIXES = {".npy": ".npy", ".npz": ".npz", ".parquet": ".parquet", ".pq": ".parquet", ".h5": ".h5", ".hdf5": ".h5"}


@contextmanager
def open_vector_file(path: Path, name: str, ids: Path | None) -> Iterator[VectorFile]:
    """Open a file of vectors.

    Parameters
    ----------
    path : the file.
    name : the encoder, which names the data set in an ``.h5`` file.
    ids : a text file with one id a line, for ``.npy``, or an ``.npz`` of vectors alone.

    Raises
    ------
    EmbeddingError : it is missing, damaged, of no known form, of another than its name says, or lacks ids or vectors.
    """
    if not path.is_file():
        what = f"'{path}' is a folder, not a file." if path.is_dir() else f"There is no file '{path}'."
        raise EmbeddingError(what, fix=f"Give a file of vectors: {FORMS}.")
    form, found = _SUFFIXES.get(path.suffix.lower()), form_of(path)
    if form is None and found is None:
        raise EmbeddingError(
            f"{path} has no known form ('{path.suffix}').",
            fix=f"Use {FORMS}. In Python: numpy.savez('vectors.npz', ids=ids, vectors=vectors)",
        )
    if found is not None and found != form:
        raise EmbeddingError(f"{path} is an {found} file.", fix=f"Rename it: {path.with_suffix(found).name}")
    if ids is not None and form not in (".npy", ".npz"):
        raise EmbeddingError(f"{path} has to have ids of its own: --ids is for .npy and .npz.", fix="Leave out --ids.")
    if form == ".h5":
        with open_hdf5(path, name) as opened:
            yield opened
    elif form == ".npy":
        yield open_npy(path, ids)
    else:
        yield open_npz(path, ids) if form == ".npz" else open_parquet(path, name)
