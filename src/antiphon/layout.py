"""How an encoder's vector is composed: layers × dims × statistics, in that (C) order.

``vector.reshape(layers, dims, statistics)`` undoes the flattening: MERT's 76,800 numbers are 25 hidden states ×
1,024 channels × 3 statistics (mean, robust sigma, mean first difference over time).
"""

from __future__ import annotations

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
    """

    layers: int
    dims: int
    statistics: int

    def __post_init__(self) -> None:
        if min(self.layers, self.dims, self.statistics) < 1:
            raise ValueError(f"a layout needs positive sizes, not {self.layers} × {self.dims} × {self.statistics}")

    @property
    def size(self) -> int:
        """Length of the flat vector."""
        return self.layers * self.dims * self.statistics

    def __str__(self) -> str:
        return f"{self.layers} × {self.dims} × {self.statistics}"

    def to_dict(self) -> dict[str, int]:
        """Plain numbers for JSON."""
        return {"layers": self.layers, "dims": self.dims, "statistics": self.statistics}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Layout:
        """Inverse of :meth:`to_dict`."""
        return cls(int(data["layers"]), int(data["dims"]), int(data["statistics"]))

    @classmethod
    def flat(cls, size: int) -> Layout:
        """The layout of a vector about whose inside nothing is known."""
        return cls(1, size, 1)
