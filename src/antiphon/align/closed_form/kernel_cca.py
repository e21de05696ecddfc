"""Kernel CCA: the closed form that small sets are best served by, on both sides' similarities to known examples.

A linear map of an encoder's numbers has to find what is common to text and sound in directions; similarities to the
training examples themselves also carry what is curved, and a few hundred examples are too few to learn that by
gradient descent. So each side's vector is standardised, bent (:mod:`antiphon.align.closed_form.scaling`) and compared
with landmarks by Gaussian kernels ``exp(−rate · |x − landmark|²)``, and a regularised CCA is solved on these
(Akaho 2001; Bach & Jordan 2002, JMLR 3). Landmarks are all training rows or some of them at random (Nyström: Williams &
Seeger 2001). One (rate, ridge) is as good as another only after the fact, and a val split of some ten tracks cannot
tell which: so all of a small grid are kept, and their cosines are averaged.

Where several encoders stand side by side, each source begins with the same weight in the distance, however many
numbers it holds; then each number is weighted by how well the other side predicts it
(:mod:`antiphon.align.closed_form.relevance`).
Settings and what they are worth: ``docs/experiments/kernels.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.relevance import TRACKS, relevance
from antiphon.align.closed_form.scaling import Scaling, squash
from antiphon.arrays import unit_length

Float = NDArray[np.floating]
Index = NDArray[np.integer]

TEXT_RATE = 0.3
AUDIO_RATES = (0.3, 1.0)
"""Rates of the kernels, over the median squared distance between landmarks."""
RIDGES = (0.03, 0.06, 0.1, 0.2)
"""Added to the variance along every axis, as a share of a typical axis's (each weighted by its own variance)."""
POWER = 2.0
"""Each direction is multiplied by its correlation to this power, on both sides."""
DIMS = 64
"""Directions that a form keeps."""
LANDMARKS = 768
AXES = 384
"""Principal axes of the kernel features, at most, in which a CCA is solved."""
FLOOR = 1e-4
"""Eigenvalues of the kernel below this (its diagonal is 1) say the same as others do."""
ROWS = 4096

_Map = tuple[Float, Float]
"""From similarities to a form's vector, and what is taken off after it."""


@dataclass(frozen=True, kw_only=True)
class KernelSide:
    """One side's way into the space of all forms: each form's vector has unit length, and they stand side by side.

    Parameters
    ----------
    mean, scale : (d,) of the training rows; ``scale`` is the standard deviation, 1 for a constant column.
    balance : (d,) factors of standardised, bent columns: encoders side by side, and relevance.
    landmarks : (m, d) standardised, bent and balanced.
    rates : (kernels,) of squared distances.
    weight : (kernels, m, ·) from a kernel's similarities to the vectors of the forms that use it.
    offset : (dim,) taken off.
    forms : how many stand side by side.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    balance: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    rates: NDArray[np.float32]
    weight: NDArray[np.float32]
    offset: NDArray[np.float32]
    forms: int

    def embed(self, vectors: Float) -> NDArray[np.float32]:
        """(n, d) encoder vectors → (n, dim), of unit length where every form's vector has it."""
        bent = squash((np.asarray(vectors, np.float64) - self.mean) / self.scale) * self.balance
        distance = _distances(bent, self.landmarks.astype(np.float64))
        each = [np.exp(-rate * distance) @ weight for rate, weight in zip(self.rates, self.weight, strict=True)]
        found = np.concatenate(each, axis=1) - self.offset
        unit = unit_length(found.reshape(len(bent) * self.forms, -1)) / np.float32(self.forms**0.5)
        return np.asarray(unit.reshape(len(bent), -1), np.float32)


class KernelForm(NamedTuple):
    """Both sides' ways into the space of all forms; a :class:`antiphon.align.closed_form.kinds.ClosedForm`."""

    text: KernelSide
    audio: KernelSide

    @property
    def settings(self) -> dict[str, Any]:
        """The whole grid: nothing is chosen."""
        return {"text_rate": TEXT_RATE, "audio_rates": AUDIO_RATES, "ridges": RIDGES, "power": POWER}

    def embed_text(self, vectors: Float) -> NDArray[np.float32]:
        """(m, d_text) text-encoder vectors → (m, dim), unit length."""
        return self.text.embed(vectors)

    def embed_audio(self, vectors: Float) -> NDArray[np.float32]:
        """(n, d_audio) audio-encoder vectors → (n, dim), unit length."""
        return self.audio.embed(vectors)


@dataclass(frozen=True, kw_only=True)
class _Features:
    """Kernel features of one side along their principal axes, before any CCA is solved on them.

    Parameters
    ----------
    coordinates : (n, r) of the training rows, centred.
    variance : (r,) along the axes, falling.
    typical : mean variance of an axis, each weighted by its own.
    back : (m, r) from similarities to coordinates, before ``centre`` (r,) is taken off.
    """

    coordinates: Float
    variance: Float
    typical: float
    back: Float
    centre: Float


@dataclass(frozen=True, kw_only=True)
class _Standard:
    """Vectors that are standardised, bent and balanced."""

    scaling: Scaling
    balance: NDArray[np.float32]
    bent: Float


@dataclass(frozen=True, kw_only=True)
class _Side:
    """What both sides need alike: scaling, landmarks, and the features of each rate."""

    scaling: Scaling
    balance: Float
    landmarks: Float
    rates: list[float]
    features: list[_Features]


def fit_kernel_cca(
    text: Float,
    audio: Float,
    track_of_caption: Index | CaptionWeights,
    *,
    sources: Sequence[int] = (),
    text_sources: Sequence[int] = (),
    seed: int = 0,
) -> KernelForm:
    """A grid of kernel CCAs in one space, whose cosine is the mean of theirs.

    Parameters
    ----------
    text : (m, d_text), one row a caption.
    audio : (n, d_audio), one row a track.
    track_of_caption : (m,) row of each caption's track; every track counts the same and shares among its captions. Or
        weights, where a text describes several tracks, or texts do not weigh alike.
    sources, text_sources : numbers of each encoder whose vectors stand side by side in ``audio`` and in ``text``;
        empty for one encoder.
    seed : of the choice of landmarks, where there are more than ``LANDMARKS`` rows.

    Raises
    ------
    ValueError : fewer than two tracks, or a track without a caption.
    """
    pairs = track_of_caption
    if not isinstance(pairs, CaptionWeights):
        pairs = CaptionWeights.evenly(pairs, len(audio))
    weights = np.bincount(pairs.row, pairs.weight, len(text)).astype(np.float64)
    even = np.full(len(audio), 1.0 / len(audio))
    texts, tracks = _standard(text, weights, text_sources), _standard(audio, even, sources)
    _weigh_by_relevance(texts, tracks, pairs, seed)
    words = _side(texts, weights, (TEXT_RATE,), seed)
    sound = _side(tracks, even, AUDIO_RATES, seed)
    left = words.features[0]
    average = np.zeros((len(audio), len(left.variance)), left.coordinates.dtype)
    np.add.at(average, pairs.track, left.coordinates[pairs.row] * pairs.weight[:, None].astype(average.dtype))
    dims = min([DIMS, *(len(one.variance) for one in (left, *sound.features))])
    near: list[_Map] = []
    far: list[list[_Map]] = []
    for right in sound.features:
        together = (average.T @ right.coordinates).astype(np.float64)
        maps = [_canonical(left, right, together, ridge, dims) for ridge in RIDGES]
        near += [mine for mine, _ in maps]
        far.append([theirs for _, theirs in maps])
    return KernelForm(text=_assembled(words, [near]), audio=_assembled(sound, far))


def _standard(vectors: Float, weights: Float, sources: Sequence[int]) -> _Standard:
    scaling = Scaling.from_rows(vectors, weights)
    size = vectors.shape[1]
    balance = np.ones(size, np.float32)
    if sources:
        shares = [np.full(each, (size / (len(sources) * each)) ** 0.5, np.float32) for each in sources]
        balance = np.concatenate(shares)
    bent = scaling.squashed(vectors, np.float32)
    balance[bent.min(0) == bent.max(0)] = 0  # what never moved cannot tell tracks apart, whatever it does later
    bent *= balance
    return _Standard(scaling=scaling, balance=balance, bent=bent)


def _weigh_by_relevance(texts: _Standard, tracks: _Standard, pairs: CaptionWeights, seed: int) -> None:
    """Weight each side's columns by how well the other side predicts them, in place."""
    n = len(tracks.bent)
    chosen = np.sort(np.random.default_rng(seed).permutation(n)[:TRACKS])
    place = np.full(n, -1)
    place[chosen] = np.arange(len(chosen))
    of_chosen = np.flatnonzero(place[pairs.track] >= 0)
    mean = np.zeros((len(chosen), texts.bent.shape[1]), np.float32)
    weight = (pairs.weight[of_chosen] * n).astype(np.float32)
    np.add.at(mean, place[pairs.track[of_chosen]], texts.bent[pairs.row[of_chosen]] * weight[:, None])
    for side, factors in zip((texts, tracks), relevance(mean, tracks.bent[chosen]), strict=True):
        side.balance[:] *= factors
        side.bent[:] *= factors


def _side(standard: _Standard, weights: Float, rates: Sequence[float], seed: int) -> _Side:
    bent = standard.bent
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(bent))[:LANDMARKS])
    landmarks = bent[chosen]
    between = _distances(landmarks.astype(np.float64), landmarks.astype(np.float64))
    median = float(np.median(between[~np.eye(len(between), dtype=bool)])) or 1.0
    absolute = [rate / median for rate in rates]
    distance = np.concatenate([_distances(bent[i : i + ROWS], landmarks) for i in range(0, len(bent), ROWS)])
    features = [_features(np.exp(-rate * distance), np.exp(-rate * between), weights) for rate in absolute]
    return _Side(
        scaling=standard.scaling, balance=standard.balance, landmarks=landmarks, rates=absolute, features=features
    )


def _distances(x: Float, y: Float) -> Float:
    """(n, m) squared Euclidean distances."""
    found = np.square(x).sum(1)[:, None] + np.square(y).sum(1) - 2 * (x @ y.T)
    distances: Float = np.maximum(found, 0, out=found)
    return distances


def _features(similar: Float, between: Float, weights: Float) -> _Features:
    """Principal axes of the kernel's features, from similarities (n, m) to landmarks and (m, m) between them."""
    values, vectors = np.linalg.eigh(between)
    kept = np.flatnonzero(values > FLOOR)[::-1][: 2 * AXES]
    whiten = (vectors[:, kept] / np.sqrt(values[kept])).astype(similar.dtype)
    features = similar @ whiten
    centre = weights @ features
    features -= centre
    # rows are float32, which is enough for sums of them; what is solved is float64
    rooted = features * np.sqrt(weights)[:, None].astype(features.dtype)
    variance, axes = np.linalg.eigh((rooted.T @ rooted).astype(np.float64))
    variance = np.maximum(variance, 0)
    typical = float(np.square(variance).sum() / variance.sum()) if variance.any() else 1.0
    leading = np.flatnonzero(variance >= 1e-9 * variance[-1])[::-1][:AXES]  # one at least, where all rows are the same
    axes = axes[:, leading].astype(features.dtype)
    return _Features(
        coordinates=features @ axes,
        variance=variance[leading],
        typical=typical,
        back=whiten @ axes,
        centre=centre @ axes,
    )


def _canonical(left: _Features, right: _Features, together: Float, ridge: float, dims: int) -> tuple[_Map, _Map]:
    """The maps of one form, of both sides."""
    near, far = (1 / np.sqrt(one.variance + ridge * one.typical) for one in (left, right))
    u, correlation, v = np.linalg.svd(near[:, None] * together * far, full_matrices=False)
    factor = correlation[:dims] ** POWER
    found = []
    for one, root, axes in ((left, near, u), (right, far, v.T)):
        inside = root[:, None] * axes[:, :dims] * factor
        found.append((one.back @ inside, one.centre @ inside))
    return found[0], found[1]


def _assembled(side: _Side, maps: list[list[_Map]]) -> KernelSide:
    return KernelSide(
        mean=side.scaling.mean,
        scale=side.scaling.scale,
        balance=side.balance.astype(np.float32),
        landmarks=side.landmarks.astype(np.float32),
        rates=np.array(side.rates, np.float32),
        weight=np.stack([np.concatenate([m for m, _ in own], axis=1) for own in maps]).astype(np.float32),
        offset=np.concatenate([offset for own in maps for _, offset in own]).astype(np.float32),
        forms=sum(map(len, maps)),
    )
