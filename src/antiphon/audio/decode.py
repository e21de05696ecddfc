"""Any sound file → mono float32 at a rate, in blocks: memory does not grow with the track's length.

Conventions. Integer samples are scaled to ±1 (16 bit by 1/32,768). Channels are averaged before resampling, never by
FFmpeg's own downmix, which is 3 dB louder. Resampling is soxr, quality HQ. Encoder delay and padding are removed where
the file states them (MP3, Opus, AAC), so that a lossy copy lines up with its original. Blocks do not depend on what
is asked for beside them: one pass at several rates gives the numbers of several passes.

What counts as a failure: a file of which more than half a second and 5 % cannot be read, wherever it is (see
:mod:`antiphon.audio.container`); less is passed over and noted. So is sound in which nothing is to be heard: it is
silent, does not move, lasts less than a hundredth of a second, is not finite, or its channels cancel out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from antiphon.audio.container import Chunk, Damage, read_chunks
from antiphon.audio.part import cut_span
from antiphon.errors import AudioError
from antiphon.library.addresses import split_part
from antiphon.printed import counted

Float32 = NDArray[np.float32]

BLOCK = 1 << 16
"""Samples of the source in one block, at least."""
SILENCE = 2.0**-24
"""A peak below the smallest 24-bit step is no sound."""
STILL = 1e-4
"""Least that sound moves (standard deviation), as a share of the constant that it is added to."""
CANCELLED = 1e-4
"""Least energy that the channels' mean has, as a share of the channels' own (−40 dB); rounding leaves less."""
SHORTEST_S = 0.01
LOUDEST = 1e12
"""A sample beyond which numbers are no sound: whole numbers that were called fractions reach 2e9."""
LOWEST_RATE = 1000
"""Hz: below, there is nothing to hear, and a few samples would become very many."""


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


def stream_rates(path: Path | str, rates: Sequence[int], damage: Damage | None = None) -> Iterator[dict[int, Float32]]:
    """Decode a file once, at several rates.

    Parameters
    ----------
    path, rates : as for :func:`stream`.
    damage : gets what could not be read, where that is little enough to go on.

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
    chunks = read_chunks(path, damage) if span is None else cut_span(read_chunks(file, damage), span, path)
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
    return Chunk(np.concatenate([c.mono for c in chunks]), chunks[0].rate, sum(c.energy for c in chunks))


class _Resampler:
    """From one source rate to several rates."""

    def __init__(self, path: Path | str, source: int, rates: Sequence[int]) -> None:
        self.source = source
        if source < LOWEST_RATE:
            raise AudioError(f"{path} has a sample rate of {source} Hz; below {LOWEST_RATE} Hz nothing is to be heard.")
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
        self._samples = 0
        self._sum, self._squares, self._energy = 0.0, 0.0, 0.0
        self._least: dict[int, int] = {}

    def see(self, chunk: Chunk) -> None:
        if len(chunk.mono):
            peak = float(max(chunk.mono.max(), -chunk.mono.min()))  # NaN passes through both
            if not np.isfinite(peak) or not np.isfinite(chunk.mono).all():
                raise AudioError(
                    f"{self.path} holds samples that are not finite numbers, about {self._seconds:.1f} s in.",
                    fix="Export the file again from its source.",
                )
            if peak > LOUDEST:
                raise AudioError(
                    f"{self.path} holds a sample of {peak:.1e}, about {self._seconds:.1f} s in, where full scale is 1.",
                    fix="Its numbers are of another kind than its header says: export it again from its source.",
                )
            self._peak = max(self._peak, peak)
            precise = chunk.mono.astype(np.float64)
            self._sum += float(precise.sum())
            self._squares += float(np.dot(precise, precise))
        self._energy += chunk.energy
        self._samples += len(chunk.mono)
        self._seconds += len(chunk.mono) / chunk.rate

    def count(self, blocks: dict[int, Float32]) -> dict[int, Float32]:
        for rate, block in blocks.items():
            self._least[rate] = self._least.get(rate, 0) + len(block)
        return blocks

    def conclude(self) -> None:
        if not self._samples:
            raise AudioError(f"{self.path} holds no sound: nothing in it could be decoded.")
        if self._peak < SILENCE and not self._energy:
            raise AudioError(f"{self.path} is silent: every sample is zero.")
        if self._squares < CANCELLED * self._energy < np.inf:
            raise AudioError(
                f"{self.path} is silent: its channels cancel out when averaged.",
                fix="One channel is inverted: use the other alone, e.g. ffmpeg -i IN -af pan=mono|c0=c0 OUT",
            )
        if self._seconds < SHORTEST_S or not all(self._least.values()):
            raise AudioError(f"{self.path} is too short: {counted(self._samples, 'sample')}.")
        mean = self._sum / self._samples
        moves = max(0.0, self._squares / self._samples - mean**2) ** 0.5
        if self._peak < SILENCE or moves < STILL * abs(mean):
            raise AudioError(f"{self.path} is silent: nothing in it moves, every sample is about {mean:.3g}.")
