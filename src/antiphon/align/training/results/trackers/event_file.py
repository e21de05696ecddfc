"""TensorBoard's event files, written without TensorBoard's writer, which takes longer to load than all curves to write.

A file is a row of records: length (8 bytes), its checksum (4), a message (protocol buffer ``Event``), its checksum (4);
numbers are little-endian. A checksum is CRC-32C, rotated and shifted so that a checksum of data that hold one is none
of the usual (TensorFlow, ``tensorflow/core/lib/io/record_writer.h``).
"""

from __future__ import annotations

import itertools
import os
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary

from antiphon.library.files import open_in_library

VERSION = "brain.Event:2"
POLYNOMIAL = 0x82F63B78
"""Castagnoli's, lowest bit first."""
_NUMBERS = itertools.count()
"""Of this process's files: TensorBoard reads those of a folder in the order of their names."""


class EventFile:
    """A new event file in a folder.

    Parameters
    ----------
    folder : made if absent.
    first_step : whatever older files of the folder say of this step and later ones, TensorBoard hides from now on;
        None hides nothing.
    ending : of the file's name.

    Raises
    ------
    OSError : it cannot be written.
    """

    def __init__(self, folder: Path, *, first_step: int | None = None, ending: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        made = time.time()
        name = f"events.out.tfevents.{int(made):010d}.{socket.gethostname()}.{os.getpid()}.{next(_NUMBERS):06d}{ending}"
        self._path = folder / name
        self._stream = open_in_library(self._path, "ab")
        self._write(Event(wall_time=made, file_version=VERSION))
        if first_step is not None:
            self._write(Event(wall_time=made, step=first_step, session_log=SessionLog(status=SessionLog.START)))
        self._stream.flush()

    def add(self, step: int, what: Mapping[str, float] | Summary.Value, *, at: float | None = None) -> None:
        """One point on each curve (tag → value), or any one value; on disk when this returns.

        Parameters
        ----------
        at : seconds since 1970; None for now.

        Raises
        ------
        OSError : it cannot be written, or the file is gone.
        """
        values = [what]
        if isinstance(what, Mapping):
            values = [Summary.Value(tag=tag, simple_value=value) for tag, value in what.items()]
        self._write(Event(wall_time=time.time() if at is None else at, step=step, summary=Summary(value=values)))
        self._stream.flush()
        self._path.stat()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _write(self, event: Event) -> None:
        self._stream.write(framed(event.SerializeToString()))


def first_damage(path: Path) -> int | None:
    """The number of the first record, from 1, that is not as it was written; None where all are.

    A last record that is not whole is what a killed process leaves, and no damage.
    """
    content, at, number = path.read_bytes(), 0, 0
    while len(content) - at >= FRAME:
        number += 1
        length = content[at : at + 8]
        end = at + FRAME + int.from_bytes(length, "little")
        if content[at + 8 : at + 12] != _masked(length):
            return number
        if end > len(content):
            return None
        if content[end - 4 : end] != _masked(content[at + 12 : end - 4]):
            return number
        at = end
    return None


def framed(message: bytes) -> bytes:
    """The record of a message."""
    length = struct.pack("<Q", len(message))
    return length + _masked(length) + message + _masked(message)


def _masked(data: bytes) -> bytes:
    checksum = crc32c(data)
    rotated = (checksum >> 15 | checksum << 17) & 0xFFFFFFFF
    return struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def crc32c(data: bytes) -> int:
    """Castagnoli's cyclic redundancy check of 32 bits (RFC 3720, appendix B.4)."""
    found = 0xFFFFFFFF
    for byte in data:
        found = found >> 8 ^ _TABLE[(found ^ byte) & 0xFF]
    return found ^ 0xFFFFFFFF


def _divided(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


FRAME = 16
"""Bytes of a record beside its message."""
_TABLE = tuple(_divided(byte) for byte in range(256))
