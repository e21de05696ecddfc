"""Arrays that several folders speak of, and small operations on them; numpy only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Float32 = NDArray[np.float32]


class Embeddings(NamedTuple):
    """Texts and tracks in one space, where a dot product is a score.

    Parameters
    ----------
    text : (m, k) float32, one row a text.
    audio : (n, k) float32, one row a track.
    """

    text: Float32
    audio: Float32


def unit_length(vectors: NDArray[np.floating]) -> Float32:
    """(n, d) vectors → float32 rows of length 1; a row of zeros stays zeros."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), np.float32)


def spans(starts: Index, counts: Index) -> Index:
    """Concatenated ranges ``starts[i] … starts[i] + counts[i] − 1``, (sum(counts),)."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - ends + counts, counts)


@contextmanager
def reading_arrays(path: Path) -> Iterator[None]:
    """Around calls of numpy that read ``path``.

    Raises
    ------
    OSError : the file is not there, or cannot be opened.
    ValueError : it is damaged, or not what the caller asks of it.
    """
    try:
        yield
    except (OSError, ValueError):
        raise
    except MemoryError as error:  # a shape in a damaged header
        raise ValueError(f"{path} asks for more memory than there is") from error
    except Exception as error:  # numpy, zipfile, zlib and tokenize raise all kinds of errors on damaged files
        raise ValueError(f"{path} is cut off or damaged ({type(error).__name__}: {error})") from error
