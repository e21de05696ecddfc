"""Sound out of a container file through FFmpeg (PyAV): mono chunks, and what is wrong with a file, in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from antiphon.audio.address import open_address
from antiphon.errors import AudioError
from antiphon.library.addresses import is_address

Float32 = NDArray[np.float32]

TOLERATED_S = 0.5
TOLERATED_SHARE = 0.05
GAP_S = 0.1
PROTECTED_TAGS = {"drms", "drmi", "enca", "encv"}
STATED_LENGTH = ("flac", "mov,mp4,m4a,3gp,3g2,mj2", "aiff", "mp3")
"""Containers that state their length, so that a file which was cut off can be told."""
CONTINUOUS = ("flac", "ogg")
"""Containers whose time stamps count samples, so that a hole can be told."""
LOCAL_ONLY = {"protocol_whitelist": "file"}
"""A play list in disguise must not make FFmpeg open other addresses."""


@dataclass(frozen=True)
class Chunk:
    """A piece of decoded sound.

    Parameters
    ----------
    mono : (n,) float32, the mean of the channels.
    rate : Hz.
    sounding : whether any channel is not zero.
    """

    mono: Float32
    rate: int
    sounding: bool


def read_chunks(path: Path | str) -> Iterator[Chunk]:
    """Decode the best audio stream of a file, or of what an address names, one codec frame after the other.

    Raises
    ------
    AudioError : the file cannot be opened or decoded; the message says why.
    """
    with ExitStack() as stack:
        file: str | BinaryIO
        if is_address(path):
            file = stack.enter_context(open_address(str(path)))
        else:
            path = Path(path)
            _require_content(path)
            file = os.fspath(path.absolute())  # FFmpeg takes "Artist: Song.mp3" for an address
        try:
            container = stack.enter_context(av.open(file, metadata_errors="replace", options=LOCAL_ONLY))
        except (av.error.FFmpegError, ValueError) as error:
            raise AudioError(f"{path} is not a sound file that can be read: {_guess(path, _reason(error))}.") from error
        stream = _audio_stream(path, container)
        yield from _Decoding(path, container, stream).chunks()


def _head(path: Path | str, size: int) -> bytes:
    with open_address(str(path)) if is_address(path) else Path(path).open("rb") as stream:
        return stream.read(size)


def _require_content(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise AudioError(f"{path} is missing.", fix="Put the file back, or correct its path in the manifest.") from None
    except (OSError, ValueError) as error:
        raise AudioError(f"{path} cannot be read: {error}.") from error
    if path.is_dir():
        raise AudioError(f"{path} is a folder, not a sound file.")
    if not os.access(path, os.R_OK):
        raise AudioError(f"{path} may not be read by this user.", fix="Change its permissions.")
    if size == 0:
        raise AudioError(f"{path} is empty (0 bytes).", fix="Fetch the file again.")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _guess(path: Path | str, otherwise: str) -> str:
    """What a file that FFmpeg does not recognise probably is."""
    head = _head(path, 4096)
    if head[4:8] == b"ftyp":
        return "its index (moov) is missing or damaged, as after a broken download"
    if head.lstrip()[:1] == b"<":
        return "it is a web page or XML"
    if all(byte >= 32 or byte in b"\t\n\r\f" for byte in head):
        return "it is text"
    return otherwise


def _audio_stream(path: Path | str, container: Any) -> Any:
    stream = container.streams.best("audio")
    if stream is None and container.streams.audio:
        why = _guess(path, "no sound in it could be decoded")
        raise AudioError(f"{path} is not a sound file that can be read: {why}.")
    if stream is None:
        kinds = sorted({s.type for s in container.streams}) or ["nothing"]
        raise AudioError(f"{path} has no audio in it, only {', '.join(kinds)}.")
    codec = stream.codec_context
    if codec is None:
        raise AudioError(f"{path} is in a codec that FFmpeg does not know.", fix="Convert it to FLAC, MP3 or Opus.")
    if codec.codec_tag in PROTECTED_TAGS:
        raise AudioError(f"{path} is copy-protected (DRM, '{codec.codec_tag}').", fix="Use an unprotected copy.")
    return stream


class _Decoding:
    """One pass through one stream, keeping account of what was lost."""

    def __init__(self, path: Path | str, container: Any, stream: Any) -> None:
        self.path, self._container, self._stream = path, container, stream
        self._format: str = container.format.name
        self._read_s = 0.0
        self._bad_s = 0.0
        self._broken_at: float | None = None
        self._next_s: float | None = None

    def chunks(self) -> Iterator[Chunk]:
        for frame in self._frames():
            if frame.samples == 0:
                continue
            if self._broken_at is not None:
                raise self._corrupt(self._broken_at)
            self._require_continuous(frame)
            self._read_s += frame.samples / frame.sample_rate
            yield _chunk(self.path, frame)
        self._require_whole()

    def _frames(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError as error:
                raise self._corrupt(self._read_s) from error
            if packet is None:
                return
            try:
                yield from packet.decode()
            except (av.error.FFmpegError, ValueError):
                if self._read_s:  # before the first sound it is left-over tags
                    self._broken_at = self._read_s if self._broken_at is None else self._broken_at
                    self._bad_s += float((packet.duration or 0) * packet.time_base)

    def _corrupt(self, at: float) -> AudioError:
        return AudioError(
            f"{self.path} is corrupt {at:.1f} s in{self._of_stated()}; {self._read_s:.1f} s could be read.",
            fix="Fetch the file again.",
        )

    def _of_stated(self) -> str:
        stated = self._stated_s()
        return f" (of {stated:.1f} s)" if stated else ""

    def _stated_s(self) -> float:
        stream = self._stream
        return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0

    def _require_continuous(self, frame: Any) -> None:
        if self._format not in CONTINUOUS or frame.time is None:
            return
        if self._next_s is not None and frame.time - self._next_s > GAP_S:
            raise self._corrupt(self._read_s)
        self._next_s = frame.time + frame.samples / frame.sample_rate

    def _require_whole(self) -> None:
        stated = self._stated_s() if self._states_length() else 0.0
        lost = max(self._bad_s, stated - self._read_s)
        if self._read_s and lost > max(TOLERATED_S, TOLERATED_SHARE * max(stated, self._read_s)):
            raise AudioError(
                f"{self.path} is cut off or corrupt after {self._read_s:.1f} s{self._of_stated()}.",
                fix="Fetch the file again.",
            )

    def _states_length(self) -> bool:
        if self._format == "mp3":  # without this header FFmpeg's length is an estimate from the bit rate
            head = _head(self.path, 1 << 20)
            return any(mark in head for mark in (b"Xing", b"Info\x00", b"VBRI"))
        return self._format in STATED_LENGTH


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
    if not frame.format.is_planar:
        samples = samples.reshape(-1, channels).T
    if kind in _OFFSETS:
        samples -= np.float32(_OFFSETS[kind])
    mono = samples[0].copy() if channels == 1 else samples[0] + samples[1]
    for other in samples[2:]:
        mono += other
    scale = _SCALES[kind] / channels
    if scale != 1.0:
        mono = mono * np.float32(scale)
    return Chunk(np.ascontiguousarray(mono), int(frame.sample_rate), bool(mono.any() or samples.any()))
