"""The index on disk: every track of a library as a vector in the shared space of one checkpoint.

``index/index.json``              what the index was made from, and the names of its other files
``index/vectors-TOKEN.npy``       (n, k) float32, of unit length; two more numbers with hubness correction
``index/tracks-TOKEN.arrow``      track_id, title, artist, path, row of ``tracks.parquet``; row i belongs to vector i
``index/hashes-TOKEN.npy``        (n,) uint64, of the raw vectors: what an update need not project again
``index/lists-TOKEN.faiss``       for large libraries alone: :mod:`antiphon.search.indexes.approximate`

A score is the dot product with what :meth:`antiphon.align.checkpoint.bundle.Bundle.score_text` gives. Vectors and
tracks are memory-mapped: opening costs the same for a hundred tracks and for a million. The replacement of
``index.json`` is the one moment at which a new index counts: whoever reads meanwhile has the old files open, whoever
is killed before it has changed nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.arrow import arrow_rows, integers_in, row_of_text, texts_in
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.commands import command
from antiphon.library.files import read_json
from antiphon.search.hits import top
from antiphon.search.indexes.approximate import CANDIDATES, Lists, has_faiss
from antiphon.search.indexes.nearest import Allowed, Found, best_allowed, best_of

FORMAT = 3
COLUMNS = ("track_id", "title", "artist", "path")
ROW = "row"
FIELDS = {"vectors": str, "tracks": str, "hashes": str, "shape": list, "changes": dict, "made_from": dict}
SOURCES = {"checkpoint_path", "checkpoint_sha256", "encoder", "sound_from"}
FEW_BYTES = 32 << 20
"""Bytes of allowed vectors that are looked through one by one, whatever lists there are."""
ATTEMPTS = 3
"""Readers look again where the index was replaced while they opened it."""


@dataclass(frozen=True, kw_only=True)
class Index:
    """An opened index.

    Parameters
    ----------
    vectors : (n, score_dim) float32, memory-mapped: the tracks as the checkpoint's ``score_audio`` gives them.
    tracks : n rows of track_id, title, artist and path as they stand on this machine ("" where there is none), and
        the track's row in ``tracks.parquet``.
    made_from : what it depends on; see :func:`antiphon.search.indexes.sources.source_of`.
    about : all that ``index.json`` says; empty for an index that was never written.
    lists : what makes a large index fast; None where every answer is exact.
    """

    vectors: NDArray[np.float32]
    tracks: pa.Table
    made_from: dict[str, Any]
    about: dict[str, Any]
    lists: Lists | None = None

    @classmethod
    def from_table(
        cls,
        vectors: NDArray[np.float32],
        tracks: pa.Table,
        made_from: dict[str, Any],
        about: dict[str, Any],
        lists: Lists | None = None,
    ) -> Index:
        """Of vectors and the table beside them.

        Raises
        ------
        ValueError : they do not fit one another.
        """
        if vectors.ndim != 2 or vectors.dtype != np.float32 or len(vectors) != tracks.num_rows:
            raise ValueError(f"vectors {vectors.dtype} {vectors.shape} for {tracks.num_rows} tracks")
        return cls(
            vectors=vectors, tracks=tracks.select([*COLUMNS, ROW]), made_from=made_from, about=about, lists=lists
        )

    def __len__(self) -> int:
        return len(self.vectors)

    @cached_property
    def track_ids(self) -> NDArray[np.object_]:
        """(n,) strings."""
        return texts_in(self.tracks.column("track_id"))

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """(n,) each track's row in ``tracks.parquet``."""
        return integers_in(self.tracks.column(ROW))

    def place_of(self, track_id: str) -> int:
        """Which of the n a track is.

        Raises
        ------
        LibraryError : it is none of them.
        """
        place = row_of_text(self.tracks.column("track_id"), track_id)
        if place < 0:
            raise LibraryError(f"The index has no track '{track_id}'.", fix="Ids stand in tracks.parquet.")
        return place

    def described(self, places: Sequence[int]) -> list[dict[str, str]]:
        """track_id, title, artist and path of some of the n."""
        found: list[dict[str, str]] = self.tracks.select(list(COLUMNS)).take(arrow_rows(places)).to_pylist()
        return found

    def nearest(self, query: NDArray[np.float32], k: int, *, allowed: Allowed | None = None) -> Found:
        """The k tracks with the largest dot product.

        Exactly, but where there are lists, and more is allowed than can be looked through in no time.

        Parameters
        ----------
        query : (score_dim,).
        k : at least 1; fewer come back where fewer are there, or allowed.
        allowed : (n,) which tracks may be an answer; None for all.
        """
        if self.lists is not None and self._is_worth_it(k, allowed):
            places = self.lists.candidates(query, k, allowed)
            if len(places) >= k:
                return best_of(self.vectors, query, k, np.sort(places))
        if allowed is not None:
            return best_allowed(self.vectors, query, k, allowed)
        scores = self.vectors @ query
        places = top(scores, k)
        return Found(places, scores[places])

    def _is_worth_it(self, k: int, allowed: Allowed | None) -> bool:
        n = len(self) if allowed is None else int(allowed.sum())
        return n * self.vectors.shape[1] * 4 > FEW_BYTES and k * CANDIDATES < n // 4


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
    if any(Path(name).name != name for name in files_of(about)):
        raise ValueError(f"index.json names files outside {folder}")
    vectors = open_vectors(folder, about)
    tracks = pa.ipc.open_file(pa.memory_map(str(folder / about["tracks"]))).read_all()
    tracks.validate(full=True)
    return Index.from_table(vectors, tracks, about["made_from"], about, _lists(folder, about))


def open_vectors(folder: Path, about: dict[str, Any]) -> NDArray[np.float32]:
    """(n, score_dim) float32, memory-mapped: the vectors of an index, by what its ``index.json`` says.

    Raises
    ------
    FileNotFoundError : they are not there.
    ValueError, EOFError : they are damaged, or not those that were written.
    """
    vectors: NDArray[np.float32] = np.load(folder / about["vectors"], mmap_mode="r", allow_pickle=False)
    if list(vectors.shape) != about["shape"]:
        raise ValueError(f"vectors of shape {vectors.shape}, where {about['shape']} were written")
    return vectors


def _lists(folder: Path, about: dict[str, Any]) -> Lists | None:
    """The lists of an index; without faiss it answers exactly, and no worse."""
    said = about.get("approximate")
    if said is None or not has_faiss():
        return None
    path = folder / said["file"]
    if path.stat().st_size != said["bytes"]:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, where {said['bytes']} were written")
    return Lists(path, int(said["probes"]))


def files_of(about: dict[str, Any]) -> list[str]:
    """Names of the files, beside ``index.json``, that an index consists of."""
    lists = about.get("approximate")
    return [about["vectors"], about["tracks"], about["hashes"], *([] if lists is None else [lists["file"]])]


def read_about(folder: Path) -> dict[str, Any]:
    """What ``index.json`` says.

    Raises
    ------
    ValueError : it is no object, or of another format.
    """
    about = read_json(folder / "index.json")
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError("index.json is of another format")
    for name, kind in FIELDS.items():
        if not isinstance(about.get(name), kind):
            raise ValueError(f"index.json says no {name}")
    if lacking := SOURCES - about["made_from"].keys():
        raise ValueError(f"index.json does not say of which {min(lacking)} it was made")
    return about


def indexed_checkpoint(root: Path) -> Path | None:
    """The checkpoint that a library's index was made from, where it is still there."""
    try:
        path = Path(read_about(root / "index")["made_from"]["checkpoint_path"])
        return path if path.is_file() else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
