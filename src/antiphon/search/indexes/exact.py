"""The exact index: every track of a library as a vector in the shared space of one checkpoint.

``index/index.json``              what the index was made from, and the names of its two other files
``index/vectors-TOKEN.npy``       (n, k) float32, of unit length; two more numbers with hubness correction
``index/tracks-TOKEN.parquet``    track_id, title, artist, path; row i belongs to vector i

Search is one matrix-vector product with what :meth:`antiphon.align.checkpoint.bundle.Bundle.score_text` gives. The
replacement of ``index.json`` is the one moment at which a new index counts: whoever reads meanwhile has the old files
open, whoever is killed before it has changed nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.commands import command
from antiphon.library.files import read_json, read_parquet, texts_in

FORMAT = 2
COLUMNS = ("track_id", "title", "artist", "path")
ATTEMPTS = 3
"""Readers look again where the index was replaced while they opened it."""


@dataclass(frozen=True, kw_only=True)
class Index:
    """An opened index.

    Parameters
    ----------
    vectors : (n, score_dim) float32, memory-mapped: the tracks as the checkpoint's ``score_audio`` gives them.
    track_ids, titles, artists, paths : (n,) strings; paths as they stand on this machine, "" where there is none.
    made_from : what it depends on; see :func:`antiphon.search.indexes.build.source_of`.
    """

    vectors: NDArray[np.float32]
    track_ids: NDArray[np.object_]
    titles: NDArray[np.object_]
    artists: NDArray[np.object_]
    paths: NDArray[np.object_]
    made_from: dict[str, Any]

    @classmethod
    def from_table(cls, vectors: NDArray[np.float32], tracks: pa.Table, made_from: dict[str, Any]) -> Index:
        """Of vectors and the table beside them.

        Raises
        ------
        ValueError : they do not fit one another.
        """
        if vectors.ndim != 2 or vectors.dtype != np.float32 or len(vectors) != tracks.num_rows:
            raise ValueError(f"vectors {vectors.dtype} {vectors.shape} for {tracks.num_rows} tracks")
        track_ids, titles, artists, paths = (texts_in(tracks.column(name)) for name in COLUMNS)
        return cls(
            vectors=vectors,
            track_ids=track_ids,
            titles=titles,
            artists=artists,
            paths=paths,
            made_from=made_from,
        )


def open_index(root: Path) -> Index:
    """Open the index of a library.

    Raises
    ------
    EmbeddingError : there is none, or it is damaged.
    """
    folder = root / "index"
    problem: Exception | None = None
    for _ in range(ATTEMPTS):
        try:
            return _open(folder)
        except FileNotFoundError as error:  # replaced between two reads, or not there at all
            problem = error
        except Exception as error:  # numpy and pyarrow raise a dozen different types for damaged files
            problem = error
            break
    raise EmbeddingError(
        f"The search index in {folder} cannot be read: {problem}", fix=command("index", root)
    ) from problem


def _open(folder: Path) -> Index:
    about = read_about(folder)
    names = [about["vectors"], about["tracks"]]
    if any(Path(name).name != name for name in names):
        raise ValueError(f"index.json names files outside {folder}")
    vectors = np.load(folder / names[0], mmap_mode="r", allow_pickle=False)
    if list(vectors.shape) != about["shape"]:
        raise ValueError(f"vectors of shape {vectors.shape}, where {about['shape']} were written")
    return Index.from_table(vectors, read_parquet(folder / names[1]), about["made_from"])


def read_about(folder: Path) -> dict[str, Any]:
    """What ``index.json`` says.

    Raises
    ------
    ValueError : it is no object, or of another format.
    """
    about = read_json(folder / "index.json")
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError("index.json is of another format")
    return about


def indexed_checkpoint(root: Path) -> Path | None:
    """The checkpoint that a library's index was made from, where it is still there."""
    try:
        path = Path(read_about(root / "index")["made_from"]["checkpoint_path"])
        return path if path.is_file() else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
