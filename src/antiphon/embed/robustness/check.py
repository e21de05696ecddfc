"""Some tracks are changed, embedded again, and looked for among the originals."""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from antiphon import registry
from antiphon.audio.decode import stream
from antiphon.embed.robustness.changes import CHANGES, RATE, UNCHANGED, SoundChange
from antiphon.embed.robustness.result import SURE, Displacement, Robustness
from antiphon.embed.workers.messages import Task
from antiphon.embed.workers.worker import describe
from antiphon.errors import AudioError, EncoderError, LibraryError
from antiphon.library.commands import as_typed
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.registry import AudioEncoder, LoadOptions

Float32 = NDArray[np.float32]

TRACKS = 20
SECONDS = 30.0
"""Of each track: its second half minute, or the first of a shorter one."""
FEWEST = 5
"""Tracks below which there is nothing to be taken for."""
STORED = 50
"""Vectors of the library from which its own spread standardises; else that of the originals does."""


def check_encoders(
    library: Library, names: Sequence[str], *, tracks: int = TRACKS, options: LoadOptions | None = None
) -> list[Robustness]:
    """Whether vectors of audio encoders hold under compression, another level and noise; kept beside the vectors.

    Parameters
    ----------
    names : of encoders that run here; the library need not have their vectors.
    tracks : how many are looked at, drawn by a hash of their ids.
    options : how to load them.

    Raises
    ------
    EncoderError : one is unknown, cannot be loaded, or fails on the sound.
    LibraryError : fewer than five tracks can be heard.
    """
    encoders: dict[str, AudioEncoder] = {}
    for name in names:
        loaded = registry.load(name, (options or LoadOptions()).of(name), kind="audio")
        if not isinstance(loaded, AudioEncoder):
            raise EncoderError(f"'{name}' is no audio encoder.", fix="antiphon encoders lists them.")
        encoders[name] = loaded
    sounds = _sounds(library, tracks)
    found = [_checked(library, encoder, sounds) for encoder in encoders.values()]
    for each in found:
        each.write(library.embedding_folder("audio", each.encoder))
    return found


def _sounds(library: Library, most: int) -> list[Float32]:
    """Half a minute of each of some tracks, at :data:`RATE`; what cannot be decoded is passed over."""
    paths = dict(zip(library.column("track_id").tolist(), library.column("path").tolist(), strict=True))
    found: list[Float32] = []
    for track_id in sorted(paths, key=_hash):
        if len(found) == most:
            break
        try:
            found.append(stretch(library.sound_at(paths[track_id])))
        except AudioError:
            continue
    if len(found) < FEWEST:
        raise LibraryError(
            f"{len(found)} tracks of {as_typed(library.root)} can be heard; {FEWEST} are the least to compare.",
            fix="The check needs the sound itself: a library whose manifest names audio files.",
        )
    return found


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def stretch(path: str) -> Float32:
    """The second half minute of a file, (n,) at :data:`RATE`; of a shorter one the first.

    Raises
    ------
    AudioError : it cannot be decoded.
    """
    length, blocks, have = round(SECONDS * RATE), list[Float32](), 0
    for block in stream(path, RATE) if path else ():
        blocks.append(block)
        have += len(block)
        if have >= 2 * length:
            break
    if not blocks:
        raise AudioError("The track has no file.")
    sound = np.concatenate(blocks)
    return sound[length : 2 * length] if len(sound) >= 2 * length else sound[:length]


def _checked(library: Library, encoder: AudioEncoder, sounds: Sequence[Float32]) -> Robustness:
    name = encoder.card.name
    vectors = {change: embedded(encoder, sounds, change) for change in (UNCHANGED, *CHANGES)}
    standard = _Standard(library, name, vectors[UNCHANGED])
    original = standard(vectors[UNCHANGED])
    return Robustness(
        encoder=name,
        weights_id=encoder.weights_id,
        version=encoder.card.version,
        tracks=len(sounds),
        seconds=SECONDS,
        moved=tuple(moved(change.name, original, standard(vectors[change])) for change in CHANGES),
    )


def embedded(encoder: AudioEncoder, sounds: Sequence[Float32], change: SoundChange) -> Float32:
    """(n, d) vectors of changed sounds, by way of files, as the engine makes them.

    Raises
    ------
    EncoderError : the encoder fails on one.
    """
    name, found = encoder.card.name, []
    with tempfile.TemporaryDirectory() as folder:
        for number, sound in enumerate(sounds):
            path = change.write(Path(folder) / f"{number}", sound, number)
            result = describe(Task(number, str(path), (name,)), {name: encoder}, {}, lambda _: None)
            problem = result.error or result.failures.get(name, "")
            if problem:
                raise EncoderError(f"{name} cannot be checked: {problem}")
            found.append(result.vectors[name])
            path.unlink()
    return np.stack(found)


class _Standard:
    """Numbers as a head reads them: those that vary, in standard deviations from their mean."""

    def __init__(self, library: Library, name: str, originals: Float32) -> None:
        folder = library.embedding_folder("audio", name)
        rows = originals
        if (folder / "provenance.json").exists():
            stored = open_vectors(folder)
            ids = list(stored.row_of)[:1000]
            if len(ids) >= STORED and stored.matrix.shape[1] == originals.shape[1]:
                rows = np.asarray(stored.take(ids), np.float32)
        self._mean, self._spread = rows.mean(0), rows.std(0)
        self._varies = self._spread > 1e-6 * np.maximum(np.abs(self._mean), 1e-3)

    def __call__(self, vectors: Float32) -> Float32:
        found: Float32 = ((vectors - self._mean) / np.where(self._varies, self._spread, 1))[:, self._varies]
        return found


def moved(name: str, before: Float32, after: Float32) -> Displacement:
    """What a change did to (n, d) standardised vectors, n ≥ 2.

    Examples
    --------
    >>> moved("nothing", np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)).itself
    1.0
    """
    cosines = _unit(after) @ _unit(before).T
    apart = ~np.eye(len(before), dtype=np.bool_)
    distances = np.linalg.norm(before[:, None] - before[None], axis=2)
    between, nearest = distances[apart], np.where(apart, distances, np.inf).min(1)
    best = np.where(apart, cosines, -np.inf).max(1)
    found, typical = np.diag(cosines) > best, max(float(np.median(between)), 1e-12)
    moves = np.linalg.norm(after - before, axis=1)
    ways, shares = np.sort(moves) / typical, np.sort(moves / np.maximum(nearest, 1e-12))
    return Displacement(
        change=name,
        cosine=float(np.diag(cosines).mean()),
        others=float((_unit(before) @ _unit(before).T)[apart].mean()),
        itself=float(found.mean()),
        way=float(np.median(ways)),
        most_itself=most_of(int(found.sum()), len(found)),
        least_way=least_median(ways),
        to_nearest=float(np.median(shares)),
        least_to_nearest=least_median(shares),
    )


def most_of(hits: int, n: int) -> float:
    """Upper one-sided 95 % limit of a share (Clopper & Pearson 1934): with more, so few hits are that improbable.

    Examples
    --------
    >>> round(most_of(14, 20), 2), most_of(20, 20)
    (0.86, 1.0)
    """
    return 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, SURE))


def least_median(values: NDArray[np.floating]) -> float:
    """Lower one-sided 95 % limit of the median of rising values; whatever their distribution is (order statistics).

    Examples
    --------
    >>> float(least_median(np.arange(1.0, 17.0)))
    5.0
    """
    beyond = np.cumsum([math.comb(len(values), k) / 2 ** len(values) for k in range(len(values))])
    place = int(np.searchsorted(beyond, 1 - SURE, side="right"))
    return float(values[place - 1]) if place else 0.0


def _unit(rows: Float32) -> Float32:
    found: Float32 = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return found
