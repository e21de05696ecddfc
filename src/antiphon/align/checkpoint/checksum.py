"""A checkpoint's numbers are those that were written: a checksum over every tensor but those of an optimizer.

Torch's files are not checked when they are read: a number that a disk or a transfer has changed would answer questions
wrongly, and nobody would know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from antiphon.errors import CheckpointError

KEY = "checksum"
PARTS = ("weights", "adapter", "hubness")


def checksum(state: Mapping[str, Any]) -> str:
    """sha256 over the names and numbers of what a checkpoint answers with, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in PARTS:
        for name, tensor in _tensors(state.get(part), part):
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _tensors(value: Any, name: str) -> Iterator[tuple[str, Tensor]]:
    """Every tensor inside plain values, by its place."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, Mapping):
        for key in sorted(value, key=str):
            yield from _tensors(value[key], f"{name}/{key}")
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _tensors(item, f"{name}/{place}")


def require_unchanged(state: Mapping[str, Any]) -> None:
    """Refuse numbers that are not those of the checksum; checkpoints of before 26 November 2026 have none.

    Raises
    ------
    CheckpointError : they differ.
    """
    if KEY in state and checksum(state) != state[KEY]:
        raise CheckpointError("its numbers are not those that were written (the checksum differs)")
