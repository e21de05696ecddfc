"""Arrays that several folders speak of, and small operations on them; numpy only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import AntiphonError, EmbeddingError

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
def reading(path: Path, *, fix: str = "Save or fetch it again.") -> Iterator[None]:
    """Around calls of the libraries that read vectors and other arrays from ``path``.

    They raise all kinds of errors on damaged files (``BadZipFile``, ``zlib.error``, ``EOFError``, ``TokenError``,
    ``RuntimeError`` …); one comes of them, which names the file.

    Parameters
    ----------
    fix : what makes the file anew.

    Raises
    ------
    EmbeddingError : the file cannot be read; the message says what it is, or that it is damaged.
    """
    try:
        yield
    except AntiphonError:
        raise
    except FileNotFoundError as error:
        raise EmbeddingError(f"{path} is not there.", fix=fix) from error
    except MemoryError as error:  # a shape in a damaged header
        raise EmbeddingError(f"{path} asks for more memory than there is.", fix=fix) from error
    except Exception as error:
        raise EmbeddingError(
            f"{path} cannot be read: it is cut off or damaged ({_first_line(error)}).", fix=fix
        ) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:120]}" if lines else type(error).__name__
