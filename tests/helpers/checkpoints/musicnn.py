"""A package with MusiCNN's tensors in TensorFlow's own form, random and of the published shapes; and what reads slowly.

The writer is a twin of the reader: blocks of keys that share what the key before them has, checksums, a footer.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from antiphon.encoders._musicnn.tags import MODELS
from antiphon.encoders._musicnn.tensor_bundle import MAGIC, masked_crc32c

WHEEL = "musicnn-0.1.0-py3-none-any.whl"


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def block(rows: list[tuple[bytes, bytes]]) -> bytes:
    out, before = b"", b""
    for key, value in rows:
        shared = next(
            (i for i, (a, b) in enumerate(zip(before, key, strict=False)) if a != b), min(len(before), len(key))
        )
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return out + struct.pack("<II", 0, 1)


def entry(shape: tuple[int, ...], offset: int, size: int, checksum: int) -> bytes:
    dims = b"".join(b"\x12" + varint(len(d)) + d for d in (b"\x08" + varint(n) for n in shape))
    head = b"\x08\x01\x12" + varint(len(dims)) + dims
    at = b"\x20" + varint(offset) if offset else b""
    return head + at + b"\x28" + varint(size) + b"\x35" + struct.pack("<I", checksum)


def bundle(tensors: Mapping[str, np.ndarray]) -> tuple[bytes, bytes]:
    """(index, data) of a checkpoint."""
    data, rows = b"", [(b"", b"\x08\x01\x1a\x02\x08\x01")]
    for name in sorted(tensors):
        raw = np.ascontiguousarray(tensors[name], "<f4").tobytes()
        rows.append((name.encode(), entry(tensors[name].shape, len(data), len(raw), 0)))
        data += raw
    index, handles = b"", []
    for some in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
        body = block(some)
        handles.append((some[-1][0], varint(len(index)) + varint(len(body))))
        index += body + b"\x00" + struct.pack("<I", masked_crc32c(body + b"\x00"))
    places = []
    for body in (block([]), block(handles)):
        places.append(varint(len(index)) + varint(len(body)))
        index += body + b"\x00" + struct.pack("<I", masked_crc32c(body + b"\x00"))
    footer = b"".join(places)
    return index + footer.ljust(40, b"\x00") + struct.pack("<Q", MAGIC), data


def random_tensors(seed: int) -> dict[str, np.ndarray]:
    """Tensors of the published shapes whose layers keep numbers of order 1; scales of both signs."""
    from antiphon.encoders._musicnn.network import tensor_shapes

    rng = np.random.default_rng(seed)
    found = {}
    for name, shape in tensor_shapes().items():
        values = rng.normal(size=shape)
        if name.endswith("kernel"):
            values /= np.sqrt(np.prod(shape[:-1]))
        if name.endswith("variance"):
            values = 0.5 + values**2
        found[name] = np.asarray(values, np.float32)
    return found


def write_package(path: Path) -> Path:
    """The file that ``--weights`` would be given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as wheel:
        for seed, model in enumerate(MODELS):
            index, data = bundle(random_tensors(seed))
            wheel.writestr(f"musicnn/{model.upper()}_musicnn/.index", index)
            wheel.writestr(f"musicnn/{model.upper()}_musicnn/.data-00000-of-00001", data)
    return path


CHECKPOINTS = {"musicnn": lambda folder: write_package(folder / WHEEL)}
