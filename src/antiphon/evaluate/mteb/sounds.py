"""Sounds from anywhere as vectors of an audio encoder, made just as ``antiphon embed`` makes them.

Each batch of sounds becomes files of a library in a temporary folder, and that is embedded: decoding, windows,
pooling, devices and float16 are those of the vectors that a checkpoint was trained on, so figures agree with
``antiphon evaluate``.
"""

from __future__ import annotations

import struct
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.embed import embed_audio
from antiphon.errors import AntiphonWarning, ArgumentError
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Track, save_library
from antiphon.library.vectors.joined import source_names
from antiphon.registry import LoadOptions

BATCH_BYTES = 1_000_000_000
"""Of temporary files at once."""
IEEE_FLOAT = 3
"""The format tag of 32-bit floating point in a RIFF WAVE file."""


@dataclass(frozen=True)
class Sound:
    """A file's content; ``suffix`` (``".mp3"``) may be empty."""

    data: bytes
    suffix: str = ""

    @classmethod
    def from_samples(cls, samples: NDArray[Any], rate: int) -> Sound:
        """Samples as a file, to the last bit of float32.

        Parameters
        ----------
        samples : (n,) mono or (channels, n), within about ±1.
        rate : per second.

        Raises
        ------
        ArgumentError : another shape.
        """
        matrix = np.atleast_2d(np.asarray(samples, dtype="<f4"))
        if matrix.ndim != 2 or not matrix.size:
            raise ArgumentError(f"Samples are (n,) or (channels, n), not {np.shape(samples)}.")
        channels, frames = matrix.shape[0], np.ascontiguousarray(matrix.T).tobytes()
        made = struct.pack("<HHIIHH", IEEE_FLOAT, channels, rate, 4 * channels * rate, 4 * channels, 32)
        body = b"WAVEfmt " + struct.pack("<I", len(made)) + made + b"data" + struct.pack("<I", len(frames)) + frames
        return cls(b"RIFF" + struct.pack("<I", len(body)) + body, ".wav")


def sound_vectors(sounds: Iterable[Sound], bundle: Bundle, options: LoadOptions) -> NDArray[np.float16]:
    """(n, d) float16: raw vectors of the audio encoder of a checkpoint; zeros for a sound that cannot be read.

    Parameters
    ----------
    sounds : read once, some at a time.
    bundle : of the checkpoint.
    options : how to load its audio encoder.

    Raises
    ------
    EncoderError : the encoder, or its weights, are not on this machine.
    EmbeddingError : the encoder here makes other vectors than those of the training.

    Warns
    -----
    AntiphonWarning : some sounds could not be read; they are found by no query.
    """
    found = [_embedded(batch, bundle, options) for batch in _batches(sounds)]
    size = bundle.audio_provenance.layout.size
    vectors = np.concatenate([np.empty((0, size), np.float16), *found])
    silent = int((~vectors.any(axis=1)).sum())
    if silent:
        warnings.warn(
            f"{silent} of {len(vectors)} sounds could not be read: no query finds them.", AntiphonWarning, stacklevel=3
        )
    return vectors


def _batches(sounds: Iterable[Sound]) -> Iterator[list[Sound]]:
    batch: list[Sound] = []
    held = 0
    for sound in sounds:
        batch.append(sound)
        held += len(sound.data)
        if held >= BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _embedded(sounds: list[Sound], bundle: Bundle, options: LoadOptions) -> NDArray[np.float16]:
    with tempfile.TemporaryDirectory(prefix="antiphon-mteb-") as folder:
        root = Path(folder)
        ids = [f"{number:06d}" for number in range(len(sounds))]
        paths = [root / f"{name}{sound.suffix}" for name, sound in zip(ids, sounds, strict=True)]
        for path, sound in zip(paths, sounds, strict=True):
            path.write_bytes(sound.data)
        tracks = [Track(track_id=name, path=str(path)) for name, path in zip(ids, paths, strict=True)]
        library = save_library(root / "library", tracks, [], {})
        embed_audio(library.root, list(dict.fromkeys(source_names(bundle.encoder))), options=options)
        vectors = open_embedding(library, "audio", bundle.encoder)
        bundle.require(audio=vectors.provenance)
        made = set(vectors.ids)
        read = [row for row, name in enumerate(ids) if name in made]
        found = np.zeros((len(ids), bundle.audio_provenance.layout.size), np.float16)
        if read:
            found[read] = vectors.take([ids[row] for row in read])
        return found
