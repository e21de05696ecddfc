"""Sound out of a container file: mono chunks, and an account of what could not be read.

What is lost is counted in seconds: packets that do not decode (in formats without a table of packets by their bytes,
at the file's own rate), holes between time stamps, and what the header promised beyond the end. Up to ``TOLERATED_S``
or ``TOLERATED_SHARE`` of the track, whichever is more, the rest is used and the loss noted; beyond, the file failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from antiphon.audio.opening import open_bytes, open_container
from antiphon.audio.promises import lack_of, mp3_frames, tag_bytes
from antiphon.errors import AudioError

Float32 = NDArray[np.float32]

TOLERATED_S = 0.5
TOLERATED_SHARE = 0.05
GAP_S = 0.1
NOTED_S = 0.25
"""Less than this at the end is padding, and no loss, where the header's length is only about right …"""
COUNTED_S = 0.01
"""… and this where it counts bytes."""
STATED_LENGTH = (
    "flac",
    "mov,mp4,m4a,3gp,3g2,mj2",
    "asf",
    "aiff",
    "au",
    "wv",
    "tta",
    "tak",
    "ape",
    "mpc",
    "mpc8",
)
"""Containers whose header states a length that FFmpeg passes on, so that a file which was cut off can be told."""
CONTINUOUS = ("flac", "ogg")
"""Containers whose time stamps count samples, so that a hole can be told."""
UNFRAMED = ("mp3", "aac", "ac3", "eac3", "dts", "loas")
"""Streams of frames without a table: stray bytes come as one packet, however long."""


@dataclass(frozen=True)
class Chunk:
    """A piece of decoded sound.

    Parameters
    ----------
    mono : (n,) float32, the mean of the channels.
    rate : Hz.
    energy : sum of squares of the channels' samples, divided by their number.
    """

    mono: Float32
    rate: int
    energy: float


@dataclass
class Damage:
    """What could not be read of a file, filled while it is decoded.

    Parameters
    ----------
    seconds : of sound.
    at : where the first of it is, seconds.
    of : length of the track as far as it is known, seconds.
    unmarked : whether the file ends without the mark of its end.
    """

    seconds: float = 0.0
    at: float = 0.0
    of: float = 0.0
    unmarked: bool = False

    def note(self) -> str:
        """For the table of vectors; "" where nothing is wanting."""
        if not self.seconds:
            return "the file ends without the mark of its end: it may have been cut off" if self.unmarked else ""
        return f"about {self.seconds:.2g} s of {self.of:.1f} s could not be read, the first {self.at:.1f} s in"


def read_chunks(path: Path | str, damage: Damage | None = None) -> Iterator[Chunk]:
    """Decode the best audio stream of a file, or of what an address names, one codec frame after the other.

    Parameters
    ----------
    damage : gets what was lost, where that is little enough.

    Raises
    ------
    AudioError : the file cannot be opened or decoded, or too much of it is lost; the message says why.
    """
    with open_container(path) as (container, stream):
        yield from _Decoding(path, container, stream, damage or Damage()).chunks()


class _Decoding:
    """One pass through one stream, keeping account of what was lost."""

    def __init__(self, path: Path | str, container: Any, stream: Any, damage: Damage) -> None:
        self.path, self._container, self._stream, self._damage = path, container, stream, damage
        self._format: str = container.format.name
        self._read_s, self._read_bytes = 0.0, 0
        self._bad_s, self._bad_bytes, self._tag_left = 0.0, 0, 0
        self._hole_s = 0.0
        self._bad_at: float | None = None
        self._middle = False
        self._stopped = False
        self._next_s: float | None = None

    def chunks(self) -> Iterator[Chunk]:
        for frame in self._frames():
            if frame.samples == 0:
                continue
            self._middle = self._middle or self._bad_at is not None
            self._see_hole(frame)
            self._read_s += frame.samples / frame.sample_rate
            if self._middle and self._bad_at is not None:  # whoever wants a part of the file stops before its end
                self._note(self._lost_inside(), self._bad_at, self._read_s)
            yield _chunk(self.path, frame)
        self._conclude()

    def _frames(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                self._stopped = True
                return
            if packet is None:
                return
            try:
                yield from packet.decode()
                self._read_bytes += packet.size
            except (av.error.FFmpegError, ValueError):
                self._count_bad(packet)

    def _count_bad(self, packet: Any) -> None:
        """A packet that does not decode; what in it is the tag of a file that was joined to this one is no loss."""
        data = bytes(packet)
        before = 0 if self._tag_left else len(data)
        at = data.find(b"ID3")
        if at >= 0 and tag_bytes(data[at : at + 10]) > self._tag_left:
            before, self._tag_left = at, tag_bytes(data[at : at + 10])
        tag = min(self._tag_left, len(data) - before)
        self._tag_left -= tag
        self._bad_bytes += len(data) - tag
        self._bad_s += float((packet.duration or 0) * packet.time_base) if packet.time_base else 0.0
        self._bad_at = self._read_s if self._bad_at is None else self._bad_at

    def _see_hole(self, frame: Any) -> None:
        if self._format not in CONTINUOUS or frame.time is None:
            return
        if self._next_s is not None and frame.time - self._next_s > GAP_S:
            self._hole_s += frame.time - self._next_s
            self._bad_at = self._read_s if self._bad_at is None else self._bad_at
            self._middle = True
        self._next_s = frame.time + frame.samples / frame.sample_rate

    def _stated_s(self) -> float:
        """Length by the header, seconds; 0 where it states none."""
        if self._format == "matroska,webm":
            return _seconds(self._stream.metadata.get("DURATION", ""))
        if self._format == "mp3":  # FFmpeg's own length is a guess from the bit rate where files were joined
            with open_bytes(self.path) as stream:
                rate = int(self._stream.rate)
                return mp3_frames(stream) * _mp3_frame(rate) / rate
        known = self._format in STATED_LENGTH and self._stream.duration and self._stream.time_base
        return float(self._stream.duration * self._stream.time_base) if known else 0.0

    def _lost_inside(self) -> float:
        if self._format in UNFRAMED and self._read_bytes:
            return max(self._bad_s, self._bad_bytes * self._read_s / self._read_bytes)
        return max(self._bad_s, self._hole_s)

    def _conclude(self) -> None:
        if not self._read_s:
            return
        with open_bytes(self.path) as stream:
            lack = lack_of(stream)
        self._damage.unmarked = lack.unmarked
        stated = self._stated_s()
        inside = self._lost_inside()
        tail = max(stated - self._read_s, self._read_s * lack.share / max(1e-9, 1 - lack.share), 0.0)
        lost, whole = max(inside, tail), max(stated, self._read_s + max(inside, tail))
        if lost > max(TOLERATED_S, TOLERATED_SHARE * whole) or lack.unknown or (self._stopped and not stated):
            raise self._failure(lost, whole, lack.unknown)
        if self._middle or lost >= NOTED_S or (lack.share and lost >= COUNTED_S):
            at = self._read_s if self._bad_at is None else self._bad_at
            self._note(lost, at, whole)

    def _note(self, lost: float, at: float, of: float) -> None:
        self._damage.seconds, self._damage.at, self._damage.of = max(lost, 0.01), at, of

    def _failure(self, lost: float, whole: float, unknown: bool) -> AudioError:
        most = f"{lost:.1f} s are lost, {max(TOLERATED_S, TOLERATED_SHARE * whole):.1f} s would be passed over"
        if self._middle and self._bad_at is not None and not unknown:
            problem = f"is corrupt {self._bad_at:.1f} s in (of {whole:.1f} s); {most}"
        else:
            of = " in the middle of a piece" if unknown else f" (of {whole:.1f} s); {most}"
            problem = f"is cut off or corrupt after {self._read_s:.1f} s{of}"
        return AudioError(f"{self.path} {problem}.", fix="Fetch the file again.")


def _mp3_frame(rate: int) -> int:
    """Samples of a frame: half as many at the low rates of MPEG-2."""
    return 1152 if rate >= 32_000 else 576


def _seconds(text: str) -> float:
    """``00:03:20.500000000`` as a number; 0 for anything else."""
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return 0.0


_OFFSETS = {"u8": 128.0}
_SCALES = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63, "flt": 1.0, "dbl": 1.0}


def _chunk(path: Path | str, frame: Any) -> Chunk:
    """Scale a frame to ±1 and average its channels."""
    array = frame.to_ndarray()
    channels = frame.layout.nb_channels
    kind = frame.format.name.removesuffix("p")
    if kind not in _SCALES or not frame.sample_rate:
        raise AudioError(f"{path} has samples of an unknown kind ({frame.format.name}, {frame.sample_rate} Hz).")
    samples = array.astype(np.float32)  # before the transposition: contiguous memory converts several times as fast
    if kind in _OFFSETS:
        samples -= np.float32(_OFFSETS[kind])
    flat = samples.ravel()
    with np.errstate(over="ignore"):  # numbers that are no sound; they are named where all samples are looked at
        energy = float(np.dot(flat, flat)) * _SCALES[kind] ** 2 / channels
    if not frame.format.is_planar:
        samples = samples.reshape(-1, channels).T
    mono = samples[0].copy() if channels == 1 else samples[0] + samples[1]
    for other in samples[2:]:
        mono += other
    scale = _SCALES[kind] / channels
    if scale != 1.0:
        mono = mono * np.float32(scale)
    return Chunk(np.ascontiguousarray(mono), int(frame.sample_rate), energy)
