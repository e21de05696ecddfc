"""Small batches on which losses and targets are tested."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

M, N, K = 13, 11, 6


def unit(rows: int, columns: int, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return normalize(torch.randn(rows, columns, dtype=dtype, generator=torch.Generator().manual_seed(seed)), dim=1)


def batch(seed: int = 0, m: int = M, n: int = N, k: int = K) -> tuple[Tensor, Tensor, Tensor]:
    text, audio = unit(m, k, seed).requires_grad_(), unit(n, k, seed + 1).requires_grad_()
    return text, audio, torch.tensor(9.0, dtype=torch.float64, requires_grad=True)


def several(seed: int = 0, m: int = M, n: int = N) -> Tensor:
    """Correct cells: every text has some, audio 3 has none."""
    mask = torch.rand(m, n, generator=torch.Generator().manual_seed(seed)) < 0.15
    mask[torch.arange(m), torch.arange(m) % n] = True
    mask[:, 3], mask[3, 4] = False, True
    return mask
