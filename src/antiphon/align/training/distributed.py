"""The processes that train together: who they are, which tracks each owns, and how they stay alike.

Conventions
-----------
Every process draws the same batches of all tracks from (seed, epoch) and takes from each the tracks it owns: a fixed
stretch of the training tracks, so that it reads nothing else. Batches, weights and what is saved therefore do not
depend on how many processes there are. The first process measures and writes; the others learn from it what was
measured. Dropout's masks are each process's own: with dropout, outcomes for different numbers of processes are alike
as those for different seeds are, and not equal to the digit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch import distributed as dist

from antiphon.align.data.batches import Batch
from antiphon.align.losses.process_group import DistributedGroup, ProcessGroup, SingleProcess
from antiphon.align.losses.targets import Positives

Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class Processes:
    """The processes that train together, seen from one of them; by default that is alone.

    Parameters
    ----------
    index : 0 … size−1; the first one measures and writes.
    size : number of processes.
    group : how the loss sees the others.
    """

    index: int = 0
    size: int = 1
    group: ProcessGroup = field(default_factory=SingleProcess)

    @property
    def first(self) -> bool:
        """Whether this process measures and writes."""
        return self.index == 0

    def own(self, n: int) -> slice:
        """Which of n things are this process's: stretches of nearly equal length, in the order of the processes."""
        return slice(n * self.index // self.size, n * (self.index + 1) // self.size)

    def shard(self, batch: Batch, n_tracks: int) -> Batch:
        """The rows of a batch whose tracks this process owns; positives still name columns of the whole batch."""
        if self.size == 1:
            return batch
        own = self.own(n_tracks)
        low, high = np.searchsorted(batch.tracks, [own.start, own.stop])
        rows = slice(int(low), int(high))
        exclude = None if batch.exclude is None else batch.exclude.of_rows(rows)
        return Batch(batch.tracks[rows], batch.captions[rows], _rows(batch.positives, rows), exclude)

    def same(self, make: Callable[[], Thing]) -> Thing:
        """What the first process makes, for all; the others do not make it."""
        if self.size == 1:
            return make()
        box = [make() if self.first else None]
        dist.broadcast_object_list(box, src=0)
        return cast(Thing, box[0])

    def average(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace gradients by their mean over processes, in one exchange."""
        gradients = [] if self.size == 1 else [p.grad for p in parameters if p.grad is not None]
        if not gradients:
            return
        joint = torch.cat([gradient.reshape(-1) for gradient in gradients])
        dist.all_reduce(joint)
        joint /= self.size
        means = torch.split(joint, [gradient.numel() for gradient in gradients])
        for gradient, mean in zip(gradients, means, strict=True):
            gradient.copy_(mean.view_as(gradient))

    def align(self, module: nn.Module) -> None:
        """Give every process the first one's weights and buffers."""
        if self.size > 1:
            for tensor in module.state_dict().values():
                dist.broadcast(tensor, src=0)

    def sum(self, number: int, device: torch.device) -> int:
        """Sum over processes."""
        return number if self.size == 1 else int(self.group.total(torch.tensor(number, device=device)))


ALONE = Processes()


def _rows(positives: Positives, rows: slice) -> Positives:
    indptr: Tensor = positives.indptr[rows.start : rows.stop + 1]
    return Positives(indptr - indptr[0], positives.indices[int(indptr[0]) : int(indptr[-1])])


@contextmanager
def started_processes() -> Iterator[Processes]:
    """The processes that torchrun started, or those of a group that the caller has made; else this process alone.

    Under torchrun a group is made (NCCL with GPUs, else gloo) and taken down again, and each process of a machine
    takes a GPU of its own.
    """
    made = not dist.is_initialized() and dist.is_torchelastic_launched()
    if made:
        if torch.cuda.is_available():
            torch.cuda.set_device(dist.get_node_local_rank() % torch.cuda.device_count())
        dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    try:
        if dist.is_initialized() and dist.get_world_size() > 1:
            yield Processes(index=dist.get_rank(), size=dist.get_world_size(), group=DistributedGroup())
        else:
            yield ALONE
    finally:
        if made:
            dist.destroy_process_group()


def is_first() -> bool:
    """Whether this process is the one that writes and prints: the first of those torchrun started, or the only one."""
    if dist.is_initialized():
        return dist.get_rank() == 0
    return not dist.is_torchelastic_launched() or os.environ.get("RANK", "0") == "0"


def owned(processes: Processes, track_of_caption: NDArray[np.int64], n_tracks: int) -> NDArray[np.int64]:
    """Ascending rows of the captions whose tracks the process owns."""
    own = processes.own(n_tracks)
    return np.flatnonzero((track_of_caption >= own.start) & (track_of_caption < own.stop))
