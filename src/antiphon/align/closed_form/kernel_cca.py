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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.kernel_side import KernelSide, distances
from antiphon.align.closed_form.principal import leading_svd
from antiphon.align.closed_form.relevance import TRACKS, factors, predicted, relevance
from antiphon.align.closed_form.scaling import Scaling
from antiphon.align.closed_form.wide.blocks import Columns, InMemory
from antiphon.align.closed_form.wide.reduction import WIDE, Reduction, reduce

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
BESIDE = 16_384
"""Texts up to which both sides are worked on at the same time; beyond that their memory counts for more."""

_Map = tuple[Float, Float]
"""From similarities to a form's vector, and what is taken off after it."""


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
    """Vectors that are standardised, bent and balanced.

    Parameters
    ----------
    size : numbers of an encoder vector.
    scaling, balance : of its columns, or of those that ``reduction`` keeps.
    bent : (n, ·) what landmarks are taken of: the columns, or their coordinates where there is a ``reduction``.
    """

    size: int
    scaling: Scaling
    balance: NDArray[np.float32]
    bent: Float
    reduction: Reduction | None = None


@dataclass(frozen=True, kw_only=True)
class _Side:
    """What both sides need alike: how vectors are standardised, landmarks, and the features of each rate."""

    standard: _Standard
    landmarks: Float
    rates: list[float]
    features: list[_Features]


def fit_kernel_cca(
    text: Float,
    audio: Float | Columns,
    track_of_caption: Index | CaptionWeights,
    *,
    sources: Sequence[int] = (),
    layers: Sequence[int] = (),
    text_sources: Sequence[int] = (),
    seed: int = 0,
) -> KernelForm:
    """A grid of kernel CCAs in one space, whose cosine is the mean of theirs.

    Parameters
    ----------
    text : (m, d_text), one row a caption.
    audio : (n, d_audio), one row a track; where it is wide, it is read a block of columns at a time.
    track_of_caption : (m,) row of each caption's track; every track counts the same and shares among its captions. Or
        weights, where a text describes several tracks, or texts do not weigh alike.
    sources : numbers of each encoder whose vectors stand side by side in ``audio``; empty for one encoder.
    layers : of each of these encoders, or of the one; empty where they are not known.
    text_sources : as ``sources``, of ``text``.
    seed : of the choice of landmarks, where there are more than ``LANDMARKS`` rows.

    Raises
    ------
    ValueError : fewer than two tracks, or a track without a caption.
    """
    pairs = track_of_caption
    if not isinstance(pairs, CaptionWeights):
        pairs = CaptionWeights.evenly(pairs, len(audio))
    columns = InMemory(audio) if isinstance(audio, np.ndarray) else audio
    weights = np.bincount(pairs.row, pairs.weight, len(text)).astype(np.float64)
    texts = _standard(text, weights, text_sources)
    tracks = _tracks(columns, texts, pairs, sources, layers, seed)
    even = np.full(len(columns), 1.0 / len(columns))
    with ThreadPoolExecutor(1 if len(text) > BESIDE else 2) as pool:  # numpy lets go of the interpreter lock
        left_side = pool.submit(_side, texts, weights, (TEXT_RATE,), seed)
        right_side = pool.submit(_side, tracks, even, AUDIO_RATES, seed)
        words, sound = left_side.result(), right_side.result()
    left = words.features[0]
    average = np.zeros((len(columns), len(left.variance)), left.coordinates.dtype)
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
    return _Standard(size=size, scaling=scaling, balance=balance, bent=bent)


def _tracks(
    audio: Columns,
    texts: _Standard,
    pairs: CaptionWeights,
    sources: Sequence[int],
    layers: Sequence[int],
    seed: int,
) -> _Standard:
    """Audio vectors ready for a kernel; both sides' columns are weighed by relevance, those of ``texts`` in place."""
    chosen = np.sort(np.random.default_rng(seed).permutation(len(audio))[:TRACKS])
    words = _mean_texts(texts, pairs, chosen, len(audio))
    if audio.size > WIDE or max(layers, default=1) > 1:
        found = reduce(audio, words, chosen, sources=sources, layers=layers, seed=seed)
        _weigh(texts, factors(predicted(found.coordinates[chosen], words)))
        return _Standard(
            size=audio.size,
            scaling=found.scaling,
            balance=found.balance,
            bent=found.coordinates,
            reduction=found.reduction,
        )
    matrix = audio.block(slice(None), slice(None))
    tracks = _standard(matrix, np.full(len(matrix), 1.0 / len(matrix)), sources)
    for side, own in zip((texts, tracks), relevance(words, tracks.bent[chosen]), strict=True):
        _weigh(side, own)
    return tracks


def _mean_texts(texts: _Standard, pairs: CaptionWeights, chosen: Index, n_tracks: int) -> NDArray[np.float32]:
    """(len(chosen), d_text) of some tracks."""
    place = np.full(n_tracks, -1)
    place[chosen] = np.arange(len(chosen))
    of_chosen = np.flatnonzero(place[pairs.track] >= 0)
    mean = np.zeros((len(chosen), texts.bent.shape[1]), np.float32)
    weight = (pairs.weight[of_chosen] * n_tracks).astype(np.float32)
    np.add.at(mean, place[pairs.track[of_chosen]], texts.bent[pairs.row[of_chosen]] * weight[:, None])
    return mean


def _weigh(side: _Standard, own: NDArray[np.float32]) -> None:
    side.balance[:] *= own
    side.bent[:] *= own


def _side(standard: _Standard, weights: Float, rates: Sequence[float], seed: int) -> _Side:
    bent = standard.bent
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(bent))[:LANDMARKS])
    landmarks = bent[chosen]
    between = distances(landmarks.astype(np.float64), landmarks.astype(np.float64))
    median = float(np.median(between[~np.eye(len(between), dtype=bool)])) or 1.0
    absolute = [rate / median for rate in rates]
    distance = np.concatenate([distances(bent[i : i + ROWS], landmarks) for i in range(0, len(bent), ROWS)])
    features = [_features(np.exp(-rate * distance), np.exp(-rate * between), weights) for rate in absolute]
    return _Side(standard=standard, landmarks=landmarks, rates=absolute, features=features)


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
    u, correlation, v = leading_svd(near[:, None] * together * far, dims)
    found = []
    for one, root, axes in ((left, near, u), (right, far, v)):
        inside = root[:, None] * axes * correlation**POWER
        found.append((one.back @ inside, one.centre @ inside))
    return found[0], found[1]


def _assembled(side: _Side, maps: list[list[_Map]]) -> KernelSide:
    standard = side.standard
    return KernelSide(
        size=standard.size,
        mean=standard.scaling.mean,
        scale=standard.scaling.scale,
        balance=standard.balance.astype(np.float32),
        reduction=standard.reduction,
        landmarks=side.landmarks.astype(np.float32),
        rates=np.array(side.rates, np.float32),
        weight=np.stack([np.concatenate([m for m, _ in own], axis=1) for own in maps]).astype(np.float32),
        offset=np.concatenate([offset for own in maps for _, offset in own]).astype(np.float32),
        forms=sum(map(len, maps)),
    )
