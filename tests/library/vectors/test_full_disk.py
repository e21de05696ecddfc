"""A disk that is full in the middle of a write: what was stored counts, what was not is never taken for a vector."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Row, VectorWriter, open_vectors
from tests.helpers.libraries.made_vectors import provenance

WIDTH = 8_192
BATCH = 5
HEADER = 128


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """As on a full disk, a write beyond ``size`` bytes of a file fails half way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def batch(n: int) -> tuple[list[Row], np.ndarray]:
    return [Row(f"t{n}-{i}", "ok", signature="s") for i in range(BATCH)], np.full((BATCH, WIDTH), n + 1, np.float32)


def write_two(folder: Path, made: Provenance) -> None:
    with VectorWriter(folder, made) as writer:
        for n in range(2):
            writer.write(*batch(n))


@pytest.mark.parametrize("stored", [0.0, 0.5, 2.0, 4.5])
def test_a_batch_that_does_not_fit_is_no_vector_and_the_same_command_carries_on(tmp_path: Path, stored: float) -> None:
    made, folder = provenance("e", "audio", WIDTH), tmp_path / "e"
    limit = int(HEADER + (BATCH + stored) * WIDTH * 2)
    with files_at_most(limit), pytest.raises(OSError, match="too large") as refused:
        write_two(folder, made)
    assert refused.value.filename == str(folder / "vectors.npy")
    opened = open_vectors(folder)
    assert opened.ids.tolist() == [f"t0-{i}" for i in range(BATCH)]
    np.testing.assert_array_equal(opened.take(opened.ids), 1)
    with VectorWriter(folder, made) as writer:
        assert writer.pending([f"t1-{i}" for i in range(BATCH)], ["s"] * BATCH) == list(range(BATCH))
        writer.write(*batch(1))
    opened = open_vectors(folder)
    np.testing.assert_array_equal(opened.take([f"t1-{i}" for i in range(BATCH)]), 2)
    np.testing.assert_array_equal(opened.take([f"t0-{i}" for i in range(BATCH)]), 1)
