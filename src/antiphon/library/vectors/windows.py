"""Windows of tracks on disk, beside their vectors: what each track sounds like as it goes on.

``windows.npy``        (n, channels) float16: for every 10 s of a track the mean of the encoder's frames
``windows_index.npy``  a record a track: ``key``, ``first`` row, ``count``, ``width_s``, ``seconds`` of the whole track

A track is known by its vector alone: ``key`` is a hash of the stored numbers. So windows can never be those of another
vector: a renamed file, a disk that is away and a second track with the same sound find theirs, a file that was embedded
anew finds none until its own are there. Both files are append-only, and a window is on disk before its track's record,
the record before the vector: what a killed process leaves is completed or cut off by the next run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.files import flush_to_disk, of_file, open_in_library
from antiphon.library.vectors.numbers import FLOAT16_MAX
from antiphon.library.vectors.provenance import Provenance

MEANS, INDEX = "windows.npy", "windows_index.npy"
RECORD = np.dtype([("key", "S32"), ("first", "<i8"), ("count", "<i4"), ("width_s", "<f4"), ("seconds", "<f4")])
HEADER_BYTES = 192
KEYED_NUMBERS = 1024
"""So many of a vector's first numbers make its key: enough to tell tracks apart, few enough to read for all of them."""


@dataclass(frozen=True, kw_only=True)
class Windows:
    """The windows of one track.

    Parameters
    ----------
    means : (n, channels) the mean of the frames in each; channels is layers · dims.
    width_s : spacing of their starts, seconds; the last one ends with the track.
    seconds : length of the track.
    """

    means: NDArray[Any]
    width_s: float
    seconds: float


def key_of(vector: NDArray[Any]) -> bytes:
    """By what a track's windows are found: a hash of its vector as it is stored."""
    stored = np.ascontiguousarray(vector[:KEYED_NUMBERS], dtype=np.float16)
    return hashlib.sha256(stored.tobytes()).hexdigest()[:32].encode()


def mean_channels(made_by: Provenance) -> int:
    """Numbers of a window's mean: those of a frame."""
    layout = made_by.layout
    return layout.size if made_by.pooling == "none" else layout.layers * layout.dims


def with_means(vector: NDArray[Any], means: NDArray[Any]) -> NDArray[np.float32]:
    """A track's vector as it would be if the track sounded throughout as in one of its windows.

    Only the means are put in the place of the track's. How far the numbers spread and where they go stays that of the
    track: over 10 s these statistics are others than over a track (of one frame they are 0), and what was trained on
    tracks would take that for a trait of the music.

    Parameters
    ----------
    vector : (d,) of the track.
    means : (n, channels) of its windows; d is channels, or channels times the statistics, the mean first.

    Returns
    -------
    (n, d) float32.
    """
    whole = np.repeat(np.asarray(vector, np.float32)[None], len(means), axis=0)
    whole.reshape(len(means), means.shape[1], -1)[:, :, 0] = means
    return whole


def has_windows(folder: Path) -> bool:
    """Whether windows are kept beside the vectors of a folder."""
    return (folder / INDEX).exists()


def _header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """An ``.npy`` version 1.0 header of exactly ``HEADER_BYTES`` bytes."""
    described = np.lib.format.dtype_to_descr(dtype)
    text = f"{{'descr': {described!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    return b"\x93NUMPY\x01\x00" + (HEADER_BYTES - 10).to_bytes(2, "little") + f"{text:<{HEADER_BYTES - 11}}\n".encode()


class WindowWriter:
    """Adds windows to a folder of vectors. Use as a context manager.

    Parameters
    ----------
    folder : of the vectors; its writer's lock is held.
    channels : layers · dims of the encoder.

    Raises
    ------
    EmbeddingError : the folder holds windows of another size.
    """

    def __init__(self, folder: Path, channels: int) -> None:
        self._folder, self._channels = folder, channels
        self._means = self._opened(MEANS, np.dtype("<f2"), (0, channels))
        self._index = self._opened(INDEX, RECORD, (0,))
        records = _whole(folder, channels)
        self.keys = set(records["key"].tolist())
        self._tracks, self._rows = len(records), int((records["first"] + records["count"]).max(initial=0))
        self._cut()

    def _opened(self, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> BinaryIO:
        path = self._folder / name
        if not path.exists() and not path.is_symlink():
            path.write_bytes(_header(dtype, shape))
        return open_in_library(path, "r+b")

    def _cut(self) -> None:
        """Drop what a killed process left behind the last whole track, and let the headers say what is there."""
        for stream, dtype, shape, size in (
            (self._means, np.dtype("<f2"), (self._rows, self._channels), 2 * self._channels * self._rows),
            (self._index, RECORD, (self._tracks,), RECORD.itemsize * self._tracks),
        ):
            stream.truncate(HEADER_BYTES + size)
            stream.seek(0)
            stream.write(_header(dtype, shape))
            flush_to_disk(stream)

    def add(self, tracks: Iterable[tuple[NDArray[Any], Windows]]) -> None:
        """Store the windows of some tracks durably; of one that is there already nothing is written.

        Parameters
        ----------
        tracks : each one's vector, as it is going to be stored, and its windows. One whose windows half precision
            cannot hold is noted as having none.
        """
        records: dict[bytes, tuple[Any, ...]] = {}
        means, rows = [], self._rows
        for vector, windows in tracks:
            key = key_of(vector)
            if key in self.keys or key in records:
                continue
            fits = bool(np.abs(windows.means).max() <= FLOAT16_MAX)  # False for what is no number, too
            count = len(windows.means) if fits else 0
            records[key] = (key, rows, count, windows.width_s, windows.seconds)
            means.append(np.asarray(windows.means[:count], "<f2"))
            rows += count
        if records:
            self._append(np.concatenate(means), np.array(list(records.values()), RECORD))
            self.keys |= set(records)

    def _append(self, means: NDArray[np.float16], records: NDArray[np.void]) -> None:
        with of_file(self._folder / MEANS):
            self._means.seek(HEADER_BYTES + self._rows * means.itemsize * self._channels)
            self._means.write(means.tobytes())
            flush_to_disk(self._means)
        with of_file(self._folder / INDEX):
            self._index.seek(HEADER_BYTES + self._tracks * RECORD.itemsize)
            self._index.write(records.tobytes())
            flush_to_disk(self._index)
        self._rows += len(means)
        self._tracks += len(records)

    def __enter__(self) -> WindowWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, OSError):  # after a failed write the next opening cuts off what is not whole
            self._cut()
        for stream in (self._means, self._index):
            with suppress(OSError):
                stream.close()


def _whole(folder: Path, channels: int) -> NDArray[np.void]:
    """Records of the tracks whose windows are all on disk, in the order in which they were written.

    Raises
    ------
    EmbeddingError : the files are of another kind or size.
    """
    kinds = {MEANS: (np.dtype("<f2"), f", {channels}), }}"), INDEX: (RECORD, "")}
    for name, (dtype, size) in kinds.items():
        if not _describes(folder / name, dtype, size):
            raise EmbeddingError(
                f"{folder / name} holds no windows of {channels:,} numbers.",
                fix=f"Delete {folder / MEANS} and {folder / INDEX}, then: antiphon embed --windows",
            )
    index = folder / INDEX
    count = max(0, index.stat().st_size - HEADER_BYTES) // RECORD.itemsize
    records = np.fromfile(index, RECORD, count, offset=HEADER_BYTES)
    stored = max(0, (folder / MEANS).stat().st_size - HEADER_BYTES) // (2 * channels)
    ends = records["first"] + records["count"]
    whole = (records["first"] >= 0) & (records["count"] >= 0) & (ends <= stored)
    return records[: len(whole) if whole.all() else int(whole.argmin())]


def _describes(path: Path, dtype: np.dtype[Any], size: str) -> bool:
    """Whether a file begins as ours of this kind do, and its header has ``size`` in it; how many rows is not asked."""
    ours = _header(dtype, ())
    start = ours[: ours.index(b"'shape'")]
    with path.open("rb") as stream:
        found = stream.read(HEADER_BYTES)
    return found.startswith(start) and size.encode() in found


@dataclass(frozen=True)
class StoredWindows:
    """The windows in a folder of vectors, memory-mapped.

    Parameters
    ----------
    means : (n, channels) float16, of all tracks.
    records : what is whose.
    """

    means: NDArray[np.float16]
    records: NDArray[np.void]

    @cached_property
    def _at(self) -> Mapping[bytes, int]:
        return {key: at for at, key in enumerate(self.records["key"].tolist())}

    def of(self, vector: NDArray[Any]) -> Windows | None:
        """The windows of the track with this vector; None where there are none, or a disk has damaged them."""
        at = self._at.get(key_of(vector))
        record = None if at is None else self.records[at]
        if record is None or not record["count"]:
            return None
        means = self.means[record["first"] : record["first"] + record["count"]]
        if not np.isfinite(means).all():
            return None
        return Windows(means=means, width_s=float(record["width_s"]), seconds=float(record["seconds"]))


def open_windows(folder: Path, channels: int) -> StoredWindows | None:
    """The windows beside the vectors of a folder, None where none are kept.

    Parameters
    ----------
    channels : layers · dims of the encoder.

    Raises
    ------
    EmbeddingError : the files are of another kind or size.
    """
    if not (has_windows(folder) and (folder / MEANS).exists()):
        return None
    records = _whole(folder, channels)
    rows = int((records["first"] + records["count"]).max(initial=0))
    if not rows:
        return None
    return StoredWindows(np.memmap(folder / MEANS, np.float16, "r", HEADER_BYTES, (rows, channels)), records)
