"""Windows on disk: found by the vector alone, and whole or not there whatever was killed."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.vectors.windows import (
    HEADER_BYTES,
    INDEX,
    MEANS,
    RECORD,
    Windows,
    WindowWriter,
    has_windows,
    key_of,
    open_windows,
    with_means,
)

CHANNELS = 3


def track(count: int, seed: int) -> tuple[np.ndarray, Windows]:
    rng = np.random.default_rng(seed)
    means = rng.standard_normal((count, CHANNELS)).astype(np.float32)
    vector = rng.standard_normal(9).astype(np.float32)
    return vector, Windows(means=means, width_s=10.0, seconds=10.0 * count + 1)


TRACKS = [track(count, seed) for seed, count in enumerate((3, 1, 5))]


def write(folder: Path, *tracks: tuple[np.ndarray, Windows]) -> None:
    with WindowWriter(folder, CHANNELS) as writer:
        writer.add(tracks)


def require(folder: Path, *tracks: tuple[np.ndarray, Windows]) -> None:
    stored = open_windows(folder, CHANNELS)
    assert stored is not None
    for vector, windows in tracks:
        found = stored.of(vector.astype(np.float16))
        assert found is not None
        np.testing.assert_array_equal(found.means, windows.means.astype(np.float16))
        assert (found.width_s, found.seconds) == (10.0, windows.seconds)


def test_each_track_finds_its_own_by_its_vector_in_whatever_precision(tmp_path: Path) -> None:
    write(tmp_path, *TRACKS)
    require(tmp_path, *TRACKS)
    stored = open_windows(tmp_path, CHANNELS)
    assert stored is not None
    assert stored.of(TRACKS[0][0] + 1) is None


def test_both_files_open_with_numpy_alone(tmp_path: Path) -> None:
    write(tmp_path, *TRACKS)
    means, index = np.load(tmp_path / MEANS), np.load(tmp_path / INDEX)
    assert (means.shape, means.dtype) == ((9, CHANNELS), np.float16)
    assert index["count"].tolist() == [3, 1, 5]
    assert index["first"].tolist() == [0, 3, 4]
    assert index["key"].tolist() == [key_of(vector) for vector, _ in TRACKS]


def test_more_tracks_are_appended_and_known_ones_written_once(tmp_path: Path) -> None:
    write(tmp_path, TRACKS[0])
    size = (tmp_path / MEANS).stat().st_size
    write(tmp_path, TRACKS[0])
    assert (tmp_path / MEANS).stat().st_size == size
    write(tmp_path, *TRACKS, TRACKS[2])
    require(tmp_path, *TRACKS)
    assert len(np.load(tmp_path / INDEX)) == 3


@pytest.mark.parametrize("lost", [1, RECORD.itemsize - 1, RECORD.itemsize])
def test_a_record_that_was_torn_costs_that_track_and_is_written_again(tmp_path: Path, lost: int) -> None:
    write(tmp_path, *TRACKS)
    with (tmp_path / INDEX).open("r+b") as stream:
        stream.truncate((tmp_path / INDEX).stat().st_size - lost)
    require(tmp_path, *TRACKS[:2])
    with WindowWriter(tmp_path, CHANNELS) as writer:
        assert key_of(TRACKS[2][0]) not in writer.keys
        assert (tmp_path / MEANS).stat().st_size == HEADER_BYTES + 4 * CHANNELS * 2
        writer.add([TRACKS[2]])
    require(tmp_path, *TRACKS)


def test_windows_that_a_disk_lost_are_not_taken_for_others(tmp_path: Path) -> None:
    write(tmp_path, *TRACKS)
    with (tmp_path / MEANS).open("r+b") as stream:
        stream.truncate((tmp_path / MEANS).stat().st_size - 1)
    require(tmp_path, *TRACKS[:2])
    stored = open_windows(tmp_path, CHANNELS)
    assert stored is not None
    assert stored.of(TRACKS[2][0]) is None
    write(tmp_path, *TRACKS)
    require(tmp_path, *TRACKS)


@pytest.mark.parametrize("gone", [MEANS, INDEX])
def test_one_file_without_the_other_is_begun_anew(tmp_path: Path, gone: str) -> None:
    write(tmp_path, *TRACKS)
    (tmp_path / gone).unlink()
    assert open_windows(tmp_path, CHANNELS) is None
    write(tmp_path, *TRACKS)
    require(tmp_path, *TRACKS)


def test_numbers_that_a_disk_has_changed_are_no_windows(tmp_path: Path) -> None:
    write(tmp_path, *TRACKS)
    with (tmp_path / MEANS).open("r+b") as stream:
        stream.seek(HEADER_BYTES)
        stream.write(np.float16(np.nan).tobytes())
    stored = open_windows(tmp_path, CHANNELS)
    assert stored is not None
    assert stored.of(TRACKS[0][0]) is None
    require(tmp_path, *TRACKS[1:])


@pytest.mark.parametrize("value", [1e6, np.nan])
def test_what_half_precision_cannot_hold_is_noted_as_having_none(tmp_path: Path, value: float) -> None:
    vector, windows = track(2, 7)
    windows.means[1, 1] = value
    write(tmp_path, (vector, windows), TRACKS[0])
    stored = open_windows(tmp_path, CHANNELS)
    assert stored is not None
    assert stored.of(vector) is None
    require(tmp_path, TRACKS[0])
    with WindowWriter(tmp_path, CHANNELS) as writer:
        assert key_of(vector) in writer.keys


@pytest.mark.parametrize("file", ["_means", "_index"])
def test_a_write_that_fails_leaves_nothing_and_the_next_one_is_whole(
    tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WindowWriter(tmp_path, CHANNELS) as writer:
        writer.add(TRACKS[:1])
        stream = getattr(writer, file)
        with monkeypatch.context() as patch:
            patch.setattr(writer, file, FullDisk(stream))
            with pytest.raises(OSError, match="No space left"):
                writer.add(TRACKS[1:])
        writer.add(TRACKS[1:])
    require(tmp_path, *TRACKS)


class FullDisk:
    """A stream that takes half of what it is given."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def seek(self, offset: int) -> int:
        return self._stream.seek(offset)

    def write(self, data: bytes) -> int:
        self._stream.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_files_of_another_encoder_or_kind_are_refused(tmp_path: Path) -> None:
    write(tmp_path, *TRACKS)
    with pytest.raises(EmbeddingError, match=r"windows.npy holds no windows of 4 numbers"):
        open_windows(tmp_path, 4)
    (tmp_path / INDEX).write_bytes(b"something else")
    with pytest.raises(EmbeddingError, match=r"windows_index.npy holds no windows"):
        WindowWriter(tmp_path, CHANNELS)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"x")
    (tmp_path / MEANS).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LibraryError, match="is a link"):
        WindowWriter(tmp_path, CHANNELS)


def test_a_folder_without_windows_has_none(tmp_path: Path) -> None:
    assert not has_windows(tmp_path)
    assert open_windows(tmp_path, CHANNELS) is None
    write(tmp_path)
    assert has_windows(tmp_path)
    assert open_windows(tmp_path, CHANNELS) is None


def test_a_window_takes_the_tracks_place_in_the_means_alone() -> None:
    vector = np.arange(12, dtype=np.float16)  # 4 channels of mean, sigma, difference
    means = np.array([[100, 200, 300, 400], [-1, -2, -3, -4]], np.float16)
    found = with_means(vector, means)
    assert found[0].tolist() == [100, 1, 2, 200, 4, 5, 300, 7, 8, 400, 10, 11]
    assert found[1, ::3].tolist() == [-1, -2, -3, -4]
    np.testing.assert_array_equal(with_means(vector[:4], means), means)  # pooling "none": the mean is all there is
