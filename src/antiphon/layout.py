"""How an encoder's vector is composed: layers × dims × statistics, in that (C) order.

``vector.reshape(layers, dims, statistics)`` undoes the flattening: MERT's 76,800 numbers are 25 hidden states ×
1,024 channels × 3 statistics (mean, robust sigma, mean first difference over time). Vectors of several
encoders may stand side by side; then ``sources`` says how each of them is composed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Layout:
    """The shape behind a flat vector.

    Parameters
    ----------
    layers : hidden states of the model that are kept, ≥ 1.
    dims : channels in one of them, ≥ 1.
    statistics : numbers kept of a channel's course over time, ≥ 1 (3 for the common pooling, 1 for none).
    sources : of a vector that :meth:`joined` several, their layouts in order; empty for one encoder's.
    """

    layers: int
    dims: int
    statistics: int
    sources: tuple[Layout, ...] = ()

    def __post_init__(self) -> None:
        if min(self.layers, self.dims, self.statistics) < 1:
            raise ValueError(f"a layout needs positive sizes, not {self.layers} × {self.dims} × {self.statistics}")
        if self.sources and sum(source.size for source in self.sources) != self.size:
            raise ValueError(f"sources of {' + '.join(map(str, self.sources))} numbers do not make {self.size}")

    @property
    def size(self) -> int:
        """Length of the flat vector."""
        return self.layers * self.dims * self.statistics

    def __str__(self) -> str:
        if self.sources:
            return " + ".join(map(str, self.sources))
        return f"{self.layers} × {self.dims} × {self.statistics}"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON; sources stand under ``parts``, their name when the format was made."""
        data: dict[str, Any] = {"layers": self.layers, "dims": self.dims, "statistics": self.statistics}
        return {**data, "parts": [source.to_dict() for source in self.sources]} if self.sources else data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Layout:
        """Inverse of :meth:`to_dict`."""
        sources = tuple(cls.from_dict(source) for source in data.get("parts", ()))
        return cls(int(data["layers"]), int(data["dims"]), int(data["statistics"]), sources)

    @classmethod
    def flat(cls, size: int) -> Layout:
        """The layout of a vector about whose inside nothing is known."""
        return cls(1, size, 1)

    @classmethod
    def joined(cls, layouts: Sequence[Layout]) -> Layout:
        """Several vectors side by side, in this order; one that is joined already counts as its sources."""
        flat = tuple(source for layout in layouts for source in layout.sources or (layout,))
        return cls(1, sum(source.size for source in flat), 1, flat)
