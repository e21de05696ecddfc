"""What a kernel CCA is once it is fitted: one side's way from an encoder's vectors into the space of all forms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.scaling import squash
from antiphon.align.closed_form.wide.reduction import Reduction
from antiphon.arrays import unit_length

Float = NDArray[np.floating]
ROWS = 256


@dataclass(frozen=True, kw_only=True)
class KernelSide:
    """One side's way into the space of all forms: each form's vector has unit length, and they stand side by side.

    Parameters
    ----------
    size : d, numbers of an encoder vector.
    mean, scale : (k,) of the training rows; ``scale`` is the standard deviation, 1 for a constant column. k is d, or
        the columns that ``reduction`` keeps.
    balance : (k,) factors of standardised, bent columns: encoders side by side, and relevance.
    reduction : of wide vectors; None where landmarks hold every number.
    landmarks : (m, k) standardised, bent and balanced, or (m, r) their coordinates.
    rates : (kernels,) of squared distances.
    weight : (kernels, m, ·) from a kernel's similarities to the vectors of the forms that use it.
    offset : (dim,) taken off.
    forms : how many stand side by side.
    """

    size: int
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    balance: NDArray[np.float32]
    reduction: Reduction | None
    landmarks: NDArray[np.float32]
    rates: NDArray[np.float32]
    weight: NDArray[np.float32]
    offset: NDArray[np.float32]
    forms: int

    def embed(self, vectors: Float) -> NDArray[np.float32]:
        """(n, d) encoder vectors → (n, dim), of unit length where every form's vector has it."""
        batches = [self._embed(vectors[i : i + ROWS]) for i in range(0, len(vectors), ROWS)]
        return np.concatenate(batches) if batches else np.zeros((0, len(self.offset)), np.float32)

    def _embed(self, vectors: Float) -> NDArray[np.float32]:
        kept = vectors if self.reduction is None else self.reduction.kept(vectors)
        standard = np.subtract(kept, self.mean, dtype=np.float32)
        standard /= self.scale
        bent = squash(standard)
        bent *= self.balance
        seen = bent if self.reduction is None else self.reduction.coordinates(bent)
        distance = distances(seen.astype(np.float64), self.landmarks.astype(np.float64))
        each = [np.exp(-rate * distance) @ weight for rate, weight in zip(self.rates, self.weight, strict=True)]
        found = np.concatenate(each, axis=1) - self.offset
        unit = unit_length(found.reshape(len(bent) * self.forms, -1)) / np.float32(self.forms**0.5)
        return np.asarray(unit.reshape(len(bent), -1), np.float32)


def distances(x: Float, y: Float) -> Float:
    """(n, m) squared Euclidean distances."""
    found = np.square(x).sum(1)[:, None] + np.square(y).sum(1) - 2 * (x @ y.T)
    squared: Float = np.maximum(found, 0, out=found)
    return squared
