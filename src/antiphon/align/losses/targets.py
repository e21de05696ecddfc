"""What counts as correct in a batch, and how firmly.

A batch has m texts and n pieces of audio; its similarity matrix is (m, n), a row a text, a column a piece of audio.
``Positives`` says which cells are correct, ``SoftTargets`` spreads a share of each target over texts that say nearly
the same, ``Exclusion`` names cells that are neither correct nor wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Positives:
    """The correct cells of a batch, as compressed sparse rows.

    Parameters
    ----------
    indptr : (m+1,) int64; the correct columns of row i are ``indices[indptr[i]:indptr[i + 1]]``.
    indices : (nnz,) int64 columns, none twice in one row.

    Raises
    ------
    ValueError : the two do not describe a matrix.
    """

    indptr: Tensor
    indices: Tensor

    def __post_init__(self) -> None:
        for name, values in (("indptr", self.indptr), ("indices", self.indices)):
            if values.ndim != 1 or values.dtype != torch.int64:
                raise ValueError(f"{name} must be a vector of int64, not {tuple(values.shape)} {values.dtype}")
        if len(self.indptr) == 0 or int(self.indptr[0]) != 0 or int(self.indptr[-1]) != len(self.indices):
            raise ValueError(f"indptr must run from 0 to {len(self.indices)}, the number of indices")
        if bool((self.counts < 0).any()):
            raise ValueError("indptr must not decrease")

    @property
    def counts(self) -> Tensor:
        """(m,) int64, number of correct columns of each row."""
        return self.indptr.diff()

    @property
    def rows(self) -> Tensor:
        """(nnz,) int64, the row of each entry of ``indices``."""
        return torch.repeat_interleave(torch.arange(len(self), device=self.indptr.device), self.counts)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def require_columns(self, n: int) -> None:
        """ValueError where a column is not one of 0 … n−1."""
        if len(self.indices) and not 0 <= int(self.indices.min()) <= int(self.indices.max()) < n:
            raise ValueError(f"positives name columns outside 0–{n - 1}")

    def transpose(self, n: int) -> Positives:
        """The same cells seen from the n columns; a column may have none."""
        order = self.indices.argsort(stable=True)
        return _compressed(self.indices, self.rows[order], n)

    def to(self, device: torch.device | str) -> Positives:
        """The same cells on another device; itself if it is there already."""
        if self.indptr.device == self.indices.device == torch.device(device):
            return self
        return Positives(self.indptr.to(device), self.indices.to(device))

    @classmethod
    def diagonal(cls, n: int, *, device: torch.device | str = "cpu") -> Positives:
        """One to one: text i belongs to audio i."""
        return cls(torch.arange(n + 1, device=device), torch.arange(n, device=device))

    @classmethod
    def from_mask(cls, mask: Tensor) -> Positives:
        """From a dense (m, n) bool matrix that is true where a cell is correct."""
        rows, columns = mask.nonzero(as_tuple=True)
        return _compressed(rows, columns, len(mask))


def _compressed(sorted_or_not: Tensor, columns: Tensor, n: int) -> Positives:
    counts = torch.bincount(sorted_or_not, minlength=n)
    return Positives(torch.cat([counts.new_zeros(1), counts.cumsum(0)]), columns)


@dataclass(frozen=True)
class SoftTargets:
    """A share of every target goes to what similar texts describe.

    With f the text-encoder features and g(j) the text that stands for audio j, the target of text i becomes
    ``(1 − weight) · uniform over its positives + weight · softmax_j(f_i · f_g(j) / temperature)``; the target of audio
    j likewise, ``softmax_i`` of the same numbers. Features are constants: no gradient flows into them.

    Parameters
    ----------
    features : (m, d) one row a text of the batch, unit length.
    weight : share of the target that is soft, 0–1.
    temperature : > 0; the smaller, the more it keeps to nearly equal texts.
    row_of_column : (n,) int64, the text that stands for each piece of audio; None where text i belongs to audio i.
    """

    features: Tensor
    weight: float = 0.3
    temperature: float = 0.1
    row_of_column: Tensor | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= 1 or self.temperature <= 0:
            raise ValueError(f"weight {self.weight} must lie in 0–1 and temperature {self.temperature} above 0")


@dataclass(frozen=True)
class Exclusion:
    """Cells that count neither as correct nor as wrong: both directions leave them out of the denominators.

    They take no soft target either. They are meant for pairs of which people could not say whether they fit; a cell
    that is a positive cannot be left out.

    Parameters
    ----------
    rows : (k,) int64, own texts of the batch.
    columns : (k,) int64, audio of the joint batch; no cell stands twice.

    Raises
    ------
    ValueError : the two are not vectors of int64 of one length.
    """

    rows: Tensor
    columns: Tensor

    def __post_init__(self) -> None:
        for name, values in (("rows", self.rows), ("columns", self.columns)):
            if values.ndim != 1 or values.dtype != torch.int64:
                raise ValueError(f"{name} must be a vector of int64, not {tuple(values.shape)} {values.dtype}")
        if len(self.rows) != len(self.columns):
            raise ValueError(f"{len(self.rows)} rows and {len(self.columns)} columns are no cells")

    def __len__(self) -> int:
        return len(self.rows)

    def to(self, device: torch.device | str) -> Exclusion:
        """The same cells on another device."""
        return Exclusion(self.rows.to(device), self.columns.to(device))

    def of_rows(self, rows: slice) -> Exclusion | None:
        """The cells of some rows, counted from the first of them; None where there is none."""
        own = (self.rows >= rows.start) & (self.rows < rows.stop)
        return Exclusion(self.rows[own] - rows.start, self.columns[own]) if bool(own.any()) else None

    @classmethod
    def from_mask(cls, mask: Tensor) -> Exclusion:
        """From a dense (m, n) bool matrix that is true where a cell is left out."""
        return cls(*mask.nonzero(as_tuple=True))
