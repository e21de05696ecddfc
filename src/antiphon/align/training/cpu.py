"""How a training uses the processor: how many threads a step deserves, and freed memory that stays.

Threads that share a small step mostly wait for one another, and where other programs want the same cores they wait
long: a step of 300 tracks took about ten times as long on two threads as on one while the machine was busy. So small
steps run on one thread. numpy's products have threads of their own, which go on spinning for some 30 ms after each, on
the cores that the next step wants: ranking a small val split has one thread as well. So have closed forms of up to some
ten thousand rows: their many products of middling size took two threads six times the processor time of one beside
other programs. The rules look at the work only, never at the clock, so that a run repeats to the last digit.

Closed forms of some thousand tracks take numpy one thread, and as long as some epochs: so many epochs are made beside
them, on one thread less, before the first is measured. How many depends on the settings and the heads alone, never on
the clock. Nothing is saved later for it, as no checkpoint can be written before closed forms are there.

glibc hands the pages of large freed blocks back to the kernel and asks for them again at the next allocation, zeroed
page by page: for the temporary matrices of a training step that took longer than the arithmetic on them.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import RLock

import torch
from threadpoolctl import threadpool_limits

from antiphon.align.config import TrainConfig
from antiphon.align.data.material import Material
from antiphon.align.heads.head import native_dim

SMALL_STEP = 4e9
"""Floating-point operations of a step below which one thread does it, some 15 ms of work."""
SMALL_RANKING = 2e10
"""Those of a ranking below which one thread does it, some 200 ms of work: five times what its threads would spin."""
SMALL_SOLVING = 16_384
"""Captions and phrases up to which one thread solves closed forms, a second or two of work."""
STEPS_AHEAD = 40
"""Steps that are made beside closed forms before the first epoch is measured, at most, but for those of one epoch."""
AHEAD_BYTES = 2**26
"""Of the heads that wait to be measured, at most."""
_ONE_AT_A_TIME = RLock()

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
KEPT = 2**28
"""Bytes of freed memory at the heap's end that stay, and the size of block from which the kernel is asked anew."""


def step_flops(tracks: int, audio: int, text: int, config: TrainConfig) -> float:
    """Multiplications and additions in the matrix products of a step, forward and backward, roughly."""
    width = config.hidden + config.dim
    heads = (audio + text) * width + 2 * config.hidden * config.dim
    return 6.0 * tracks * (heads + tracks * config.dim)


@contextmanager
def one_thread_if_small(material: Material, config: TrainConfig, *, processes: int = 1) -> Iterator[None]:
    """One thread within, if a process's shard of a step is small; the setting found is put back."""
    before = torch.get_num_threads()
    if _has_small_steps(material, config, processes):
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _has_small_steps(material: Material, config: TrainConfig, processes: int = 1) -> bool:
    batch = min(config.batch_size or 1, len(material.train_ids)) // processes
    audio, text = (native_dim(p.layout, config.layers) for p in (material.audio_provenance, material.text_provenance))
    return step_flops(batch, audio, text, config) < SMALL_STEP


def epochs_ahead(material: Material, config: TrainConfig, *, steps: int, head_bytes: int) -> int:
    """Epochs to make before the first is measured; early stopping would stop none of them.

    Parameters
    ----------
    steps : of an epoch. One epoch is made where they are small: there is little to gain.
    head_bytes : of everything that training changes.
    """
    if _has_small_steps(material, config):
        return 1
    most = min(STEPS_AHEAD // steps, AHEAD_BYTES // head_bytes, config.patience or config.epochs, config.epochs)
    return max(1, most)


@contextmanager
def one_thread_less() -> Iterator[None]:
    """Leaves a core to another thread; the setting found is put back."""
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before - 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def one_blas_thread_if_small(texts: int, tracks: int, dim: int) -> Iterator[None]:
    """One thread for numpy's products within, if every text against every track is little work."""
    with _one_blas_thread() if 2.0 * texts * tracks * dim < SMALL_RANKING else nullcontext():
        yield


@contextmanager
def one_blas_thread_if_few(rows: int) -> Iterator[None]:
    """One thread for numpy's products within, if closed forms of so many texts are little work."""
    with _one_blas_thread() if rows <= SMALL_SOLVING else nullcontext():
        yield


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """One thread for numpy's products within; of several threads that ask, one at a time.

    The setting is the process's. Of two that overlapped (a training that was stopped leaves closed forms at work for
    some seconds), who leaves last would put back the other's one thread, for good.
    """
    with _ONE_AT_A_TIME, threadpool_limits(1, user_api="blas"):
        yield


def keep_freed_memory() -> bool:
    """Keep up to ``KEPT`` freed bytes in this process from now on; returns whether the allocator knows how (glibc)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    # threads of one heap use again what another freed: a heap of its own each would keep as much once more
    mallopt(M_ARENA_MAX, 1)
    # glibc takes no mmap threshold above 32 MiB on 64-bit machines
    return bool(mallopt(M_TRIM_THRESHOLD, KEPT)) and bool(mallopt(M_MMAP_THRESHOLD, 2**25))
