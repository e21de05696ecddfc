"""Negatives from every process: what the losses need to know of the others.

Convention: every process gets the loss of the joint batch, and the gradient of its own rows **times the number of
processes**. DistributedDataParallel averages gradients over processes, so that what reaches a weight is exactly
the gradient of the joint batch on one process.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch import distributed as dist


class ProcessGroup(Protocol):
    """The processes that share a batch. Every method is called by all of them, in the same order."""

    @property
    def size(self) -> int:
        """Number of processes."""
        ...

    def gather(self, rows: Tensor) -> Tensor:
        """(n_local, …) of each process → (n, …) of all, in the order of the processes."""
        ...

    def total(self, values: Tensor) -> Tensor:
        """Sum over processes, elementwise."""
        ...

    def logsumexp(self, values: Tensor) -> Tensor:
        """Log of the sum of exponentials over processes, elementwise."""
        ...

    def scatter_total(self, rows: Tensor, n_local: int) -> Tensor:
        """(n, …) of each process → (n_local, …): the sum over processes of one's own rows; undoes ``gather``."""
        ...


class SingleProcess:
    """One process."""

    size = 1

    def gather(self, rows: Tensor) -> Tensor:
        """The rows themselves."""
        return rows

    def total(self, values: Tensor) -> Tensor:
        """The values themselves."""
        return values

    def logsumexp(self, values: Tensor) -> Tensor:
        """The values themselves."""
        return values

    def scatter_total(self, rows: Tensor, n_local: int) -> Tensor:
        """The rows themselves."""
        del n_local
        return rows


class DistributedGroup:
    """The processes of a torch.distributed group; batches may differ in length."""

    def __init__(self) -> None:
        self.size = dist.get_world_size()

    def _lengths(self, n_local: int, like: Tensor) -> list[int]:
        mine = torch.tensor([n_local], device=like.device)
        lengths = [torch.empty_like(mine) for _ in range(self.size)]
        dist.all_gather(lengths, mine)
        return [int(length) for length in lengths]

    def gather(self, rows: Tensor) -> Tensor:
        """All rows, in the order of the processes; shorter batches travel padded."""
        lengths = self._lengths(len(rows), rows)
        padded = rows.new_zeros((max(lengths), *rows.shape[1:]))
        padded[: len(rows)] = rows
        shards = [torch.empty_like(padded) for _ in range(self.size)]
        dist.all_gather(shards, padded)
        return torch.cat([shard[:length] for shard, length in zip(shards, lengths, strict=True)])

    def total(self, values: Tensor) -> Tensor:
        """Sum over processes."""
        summed = values.clone()
        dist.all_reduce(summed)
        return summed

    def logsumexp(self, values: Tensor) -> Tensor:
        """Shifted by the largest value anywhere, so that nothing overflows."""
        largest = values.clone()
        dist.all_reduce(largest, op=dist.ReduceOp.MAX)
        shift = largest.nan_to_num(neginf=0.0)
        return self.total((values - shift).exp()).log() + shift

    def scatter_total(self, rows: Tensor, n_local: int) -> Tensor:
        """Sum over processes of one's own rows."""
        lengths = self._lengths(n_local, rows)
        start = sum(lengths[: dist.get_rank()])
        return self.total(rows)[start : start + n_local]
