"""Any sound file → mono float32 at a rate, in blocks: memory does not grow with the track's length.

Conventions. Integer samples are scaled to ±1 (16 bit by 1/32,768). Channels are averaged before resampling, never by
FFmpeg's own downmix, which is 3 dB louder. Resampling is soxr, quality HQ. Encoder delay and padding are removed where
the file states them (MP3, Opus, AAC), so that a lossy copy lines up with its original. Blocks do not depend on what
is asked for beside them: one pass at several rates gives the numbers of several passes.

What counts as a failure: a file that breaks part-way, that is, damage with sound after it, or more than half a second
and 5 % missing at the end; damage before the first sound (left-over tags) and a bad last fragment are passed over. WAV
and Ogg files that were cut off cannot be told from short ones. Sound that is silent, or not finite, is a failure too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from antiphon.audio.container import Chunk, read_chunks
from antiphon.audio.part import cut
from antiphon.errors import AudioError
from antiphon.library.addresses import split_part

Float32 = NDArray[np.float32]

BLOCK = 1 << 16
"""Samples of the source in one block, at least."""
SILENCE = 2.0**-24
"""A peak below the smallest 24-bit step is no sound."""


def stream(path: Path | str, rate: int) -> Iterator[Float32]:
    """Decode a file at one rate.

    Parameters
    ----------
    path : of a sound file, or a film with a sound track; or an address that fsspec opens (``s3://bucket/a.flac``).
        With ``#t=30,40`` behind it only these seconds are read.
    rate : Hz.

    Yields
    ------
    (n,) float32 mono, n ≥ 1, within about ±1.

    Raises
    ------
    AudioError : the file is missing, empty, no sound, damaged, protected, silent or not finite.
    """
    for blocks in stream_rates(path, (rate,)):
        if len(blocks[rate]):
            yield blocks[rate]


def load(path: Path | str, rate: int) -> Float32:
    """The whole file at once, (n,) float32 mono; errors as :func:`stream`."""
    return np.concatenate(list(stream(path, rate)))


def stream_rates(path: Path | str, rates: Sequence[int]) -> Iterator[dict[int, Float32]]:
    """Decode a file once, at several rates.

    Yields
    ------
    For each rate the next (n,) float32 samples, n ≥ 0; together they cover the same span of time, up to the
    resamplers' delay.

    Raises
    ------
    AudioError : as :func:`stream`.
    """
    check = _Check(path)
    resampler: _Resampler | None = None
    file, span = split_part(str(path))
    chunks = read_chunks(path) if span is None else cut(read_chunks(file), span, path)
    for chunk in _grouped(chunks):
        check.see(chunk)
        if resampler is None or resampler.source != chunk.rate:  # a chained stream may change its rate
            if resampler is not None:
                yield check.count(resampler.finish())
            resampler = _Resampler(path, chunk.rate, rates)
        yield check.count(resampler.add(chunk.mono))
    if resampler is not None:
        yield check.count(resampler.finish())
    check.conclude()


def _grouped(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Join chunks of one rate until there are ``BLOCK`` samples."""
    held: list[Chunk] = []
    samples = 0
    for chunk in chunks:
        if held and (samples >= BLOCK or chunk.rate != held[0].rate):
            yield _joined(held)
            held, samples = [], 0
        held.append(chunk)
        samples += len(chunk.mono)
    if held:
        yield _joined(held)


def _joined(chunks: list[Chunk]) -> Chunk:
    return Chunk(np.concatenate([c.mono for c in chunks]), chunks[0].rate, any(c.sounding for c in chunks))


class _Resampler:
    """From one source rate to several rates."""

    def __init__(self, path: Path | str, source: int, rates: Sequence[int]) -> None:
        self.source = source
        try:
            self._streams = {
                rate: None if rate == source else soxr.ResampleStream(source, rate, 1, dtype="float32", quality="HQ")
                for rate in rates
            }
        except (ValueError, RuntimeError) as error:
            raise AudioError(f"{path} has a sample rate of {source} Hz, which cannot be resampled: {error}") from error

    def add(self, mono: Float32) -> dict[int, Float32]:
        return {rate: mono if s is None else s.resample_chunk(mono) for rate, s in self._streams.items()}

    def finish(self) -> dict[int, Float32]:
        rest = np.empty(0, np.float32)
        return {rate: rest if s is None else s.resample_chunk(rest, last=True) for rate, s in self._streams.items()}


class _Check:
    """Watches a signal go by and says at its end whether it can be described."""

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self._seconds = 0.0
        self._peak = 0.0
        self._sounding = False
        self._samples = 0
        self._least: dict[int, int] = {}

    def see(self, chunk: Chunk) -> None:
        if len(chunk.mono):
            peak = float(max(chunk.mono.max(), -chunk.mono.min()))  # NaN passes through both
            if not np.isfinite(peak) or not np.isfinite(chunk.mono).all():
                raise AudioError(
                    f"{self.path} holds samples that are not finite numbers, about {self._seconds:.1f} s in.",
                    fix="Export the file again from its source.",
                )
            self._peak = max(self._peak, peak)
        self._sounding |= chunk.sounding
        self._samples += len(chunk.mono)
        self._seconds += len(chunk.mono) / chunk.rate

    def count(self, blocks: dict[int, Float32]) -> dict[int, Float32]:
        for rate, block in blocks.items():
            self._least[rate] = self._least.get(rate, 0) + len(block)
        return blocks

    def conclude(self) -> None:
        if not self._samples:
            raise AudioError(f"{self.path} holds no sound: nothing in it could be decoded.")
        if self._peak < SILENCE:
            why = "its channels cancel out when averaged" if self._sounding else "every sample is zero"
            raise AudioError(f"{self.path} is silent: {why}.")
        if not all(self._least.values()):
            raise AudioError(f"{self.path} is too short: {self._samples} samples.")
