"""Tensors in a safetensors file, mapped into memory: nothing is read before it is used, nothing is copied.

The format (https://huggingface.co/docs/safetensors): eight bytes, the length of a JSON header; the header, name → type,
shape and place; the numbers, little-endian, one tensor after another.
"""

from __future__ import annotations

import json
import mmap
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LENGTH_BYTES = 8
MOST_HEADER = 100_000_000
"""Bytes of a header; the format's own limit."""
FLOAT32 = "F32"


@dataclass(frozen=True)
class StoredTensor:
    """Where a float32 tensor lies in its file.

    Parameters
    ----------
    offset : of its first byte in the file.
    shape : of the tensor.
    """

    offset: int
    shape: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """Its size."""
        return 4 * prod(self.shape)


def places(path: Path) -> dict[str, StoredTensor]:
    """Name → place of every float32 tensor of a safetensors file; tensors of other types are left out.

    Raises
    ------
    ValueError : the file is none.
    """
    whole = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
        if not 0 < length <= min(MOST_HEADER, whole - LENGTH_BYTES):
            raise ValueError(f"{path} is no safetensors file, or is cut off")
        header = json.loads(stream.read(length))
    start = LENGTH_BYTES + length
    found = {name: _place(entry, start) for name, entry in header.items() if entry.get("dtype") == FLOAT32}
    if any(place.offset < start or place.offset + place.bytes > whole for place in found.values()):
        raise ValueError(f"{path} is cut off, or its header is damaged")
    return found


def _place(entry: dict[str, Any], start: int) -> StoredTensor:
    return StoredTensor(start + int(entry["data_offsets"][0]), tuple(map(int, entry["shape"])))


def mapped(path: Path, wanted: dict[str, StoredTensor]) -> dict[str, NDArray[np.float32]]:
    """Tensors by name, read-only, each a view of the file."""
    with path.open("rb") as stream:
        buffer = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    return {
        name: np.frombuffer(buffer, "<f4", count=prod(place.shape), offset=place.offset).reshape(place.shape)
        for name, place in wanted.items()
    }
