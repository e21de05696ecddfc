"""Reads the tensors of a TensorFlow checkpoint ("tensor bundle", version 1) without TensorFlow.

A bundle is an index and shards of data. The index is a table in LevelDB's form: blocks of sorted keys, each of which
says how many bytes it shares with the key before; the footer leads to the block of blocks. A value is a small protocol
buffer (``BundleEntryProto``): type, shape, shard, offset, size and checksum of a tensor, whose bytes stand in the shard
in little-endian order. The index's checksums are checked here, the data's are not: whoever opens the file knows its
hash. Source: ``tensorflow/core/util/tensor_bundle`` and LevelDB's ``doc/table_format.md``.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EncoderError

MAGIC = 0xDB4775248B80FB57
FOOTER = 48
FLOAT32 = 1
_TYPE, _SHAPE, _SHARD, _OFFSET, _SIZE = 1, 2, 3, 4, 5
_MASK = 0xA282EAD8

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class _Entry:
    kind: int
    shape: tuple[int, ...]
    offset: int
    size: int


def read_tensors(index: bytes, data: bytes, names: Collection[str]) -> dict[str, Float32]:
    """Some tensors of a bundle of one shard.

    Parameters
    ----------
    index, data : content of the files ``….index`` and ``….data-00000-of-00001``.
    names : of the tensors; others (an optimizer's, for instance) are not read.

    Raises
    ------
    EncoderError : it is no such bundle, it is damaged, or a tensor is not there or of another type than float32.
    """
    try:
        entries = {key.decode(): _entry(value) for key, value in _table(index) if key}
    except (ValueError, IndexError, struct.error) as error:
        raise EncoderError(f"The index is no TensorFlow checkpoint, or damaged: {error}") from error
    lacking = sorted(set(names) - set(entries))
    if lacking:
        raise EncoderError(f"The checkpoint has no tensor '{lacking[0]}'.")
    return {name: _tensor(name, entries[name], data) for name in names}


def _tensor(name: str, entry: _Entry, data: bytes) -> Float32:
    raw = data[entry.offset : entry.offset + entry.size]
    if entry.kind != FLOAT32 or entry.size != 4 * math.prod(entry.shape):
        raise EncoderError(f"The tensor '{name}' is not float32 of shape {entry.shape}.")
    if len(raw) != entry.size:
        raise EncoderError(f"The data end before the tensor '{name}' does.")
    return np.frombuffer(raw, "<f4").reshape(entry.shape).astype(np.float32)


def _table(index: bytes) -> Iterator[tuple[bytes, bytes]]:
    footer = index[-FOOTER:]
    if len(footer) < FOOTER or struct.unpack("<Q", footer[-8:])[0] != MAGIC:
        raise ValueError("its last bytes are not those of a table")
    _, at = _handle(footer, 0)
    of_blocks, _ = _handle(footer, at)
    for _, handle in _block(index, *of_blocks):
        yield from _block(index, *_handle(handle, 0)[0])


def _handle(raw: bytes, at: int) -> tuple[tuple[int, int], int]:
    """(offset, size) of a block, and where reading goes on."""
    offset, at = _number(raw, at)
    size, at = _number(raw, at)
    return (offset, size), at


def _block(index: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    block, trailer = index[offset : offset + size], index[offset + size : offset + size + 5]
    if len(trailer) != 5 or trailer[0] != 0:
        raise ValueError("a block is cut off or compressed")
    if struct.unpack("<I", trailer[1:])[0] != masked_crc32c(block + trailer[:1]):
        raise ValueError("a block's checksum is another")
    end = len(block) - 4 - 4 * struct.unpack("<I", block[-4:])[0]
    at, key = 0, b""
    while at < end:
        shared, at = _number(block, at)
        own, at = _number(block, at)
        length, at = _number(block, at)
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + length]
        at += length


def _entry(raw: bytes) -> _Entry:
    fields = dict(_fields(raw))
    shape = fields.get(_SHAPE, b"")
    if not isinstance(shape, bytes):
        raise ValueError("a shape is no message")
    if fields.get(_SHARD, 0) != 0:
        raise ValueError("it has several shards")
    sizes = [dict(_fields(bytes(size))).get(1, 0) for number, size in _fields(shape) if number == _SHAPE]
    return _Entry(
        kind=int(fields.get(_TYPE, 0)),
        shape=tuple(int(size) for size in sizes),
        offset=int(fields.get(_OFFSET, 0)),
        size=int(fields.get(_SIZE, 0)),
    )


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field of a protocol buffer, of the wire types that a bundle uses."""
    at = 0
    while at < len(raw):
        tag, at = _number(raw, at)
        value: int | bytes
        if tag & 7 == 0:
            value, at = _number(raw, at)
        elif tag & 7 == 2:
            length, at = _number(raw, at)
            value, at = raw[at : at + length], at + length
        elif tag & 7 == 5:
            value, at = struct.unpack("<I", raw[at : at + 4])[0], at + 4
        else:
            raise ValueError(f"a field has the wire type {tag & 7}")
        yield tag >> 3, value


def _number(raw: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer, and where reading goes on."""
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _crc_table() -> NDArray[np.uint32]:
    """CRC-32C (Castagnoli) of each byte; reflected polynomial 0x82F63B78."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0x82F63B78), table >> 1)
    return table.astype(np.uint32)


_CRC = [int(value) for value in _crc_table()]


def masked_crc32c(raw: bytes) -> int:
    """CRC-32C of some bytes, rotated and shifted as LevelDB stores it."""
    crc = 0xFFFFFFFF
    for byte in raw:
        crc = _CRC[(crc ^ byte) & 255] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + _MASK) & 0xFFFFFFFF
