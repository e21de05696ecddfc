"""Wide vectors, a block of columns at a time: a layer of an encoder, or a stretch of a vector of unknown make.

A block is read from where the vectors lie, used, and let go, so that memory holds n × ``WIDEST_BLOCK`` numbers as they
are stored and never a copy of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.integer]
WIDEST_BLOCK = 4096
"""Numbers; wider layers are cut."""


class Columns(Protocol):
    """Vectors that may lie on disk, and are read some columns at a time."""

    def __len__(self) -> int:
        """Vectors."""

    @property
    def size(self) -> int:
        """Numbers of each."""

    def block(self, rows: Index | slice, columns: slice) -> NDArray[Any]:
        """(rows, columns) as they are stored."""


@dataclass(frozen=True, eq=False)
class InMemory:
    """A matrix as :class:`Columns`.

    Parameters
    ----------
    matrix : (n, d).
    """

    matrix: NDArray[Any]

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def size(self) -> int:
        """d."""
        return int(self.matrix.shape[1])

    def block(self, rows: Index | slice, columns: slice) -> NDArray[Any]:
        """(rows, columns)."""
        return self.matrix[rows, columns]


def blocks(size: int, sources: Sequence[int] = (), layers: Sequence[int] = ()) -> list[list[slice]]:
    """The blocks of each source, in order.

    Parameters
    ----------
    size : numbers of a vector.
    sources : numbers of each encoder whose vectors stand side by side; empty for one encoder.
    layers : of each source; empty where they are not known.
    """
    found, start = [], 0
    widths = sources or (size,)
    for width, n_layers in zip(widths, layers or [1] * len(widths), strict=True):
        layer = width // n_layers
        each = -(-layer // WIDEST_BLOCK)
        cuts = [start + i * layer + layer * j // each for i in range(n_layers) for j in range(each)]
        found.append([slice(a, b) for a, b in pairwise([*cuts, start + width])])
        start += width
    return found
