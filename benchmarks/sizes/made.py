"""Made tracks and captions of known kinds, of any number and width.

What text and sound have in common is a vector of hidden causes. Either side sees them through noise of its own and a
map that the kind decides; tracks of a group (an album, say) share a third of their causes' variance. What is drawn for
a set is drawn in one order, so that it depends on its kind, its sizes and its seed alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.layout import Layout
from benchmarks.quality.captioned import Captioned

Float = NDArray[np.float32]
TEXT = 384
CAUSES = 32
TOGETHER = 1 / 3
"""Share of the causes' variance that is common to the tracks of a group."""
TANH, BEND = 200, 3.0
NUISANCES, LOUDNESS = 100, 1.5
TAGS = 40


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a set is like.

    Parameters
    ----------
    about : in words.
    noise : spread of what either side sees wrongly of the causes, whose own spread is 1.
    size : numbers in a track's vector, unless the caller asks for others.
    bent : whether either side sees tanh features of the causes in place of the causes.
    nuisances : directions that belong to one side alone, ``LOUDNESS`` times as strong as causes.
    layers, informative : of which so many know the causes, each with its own noise, and the others a noise of theirs.
    tags : captions are lists of one to three of ``TAGS`` tags, so that tracks share them.
    """

    about: str
    noise: float
    size: int = 512
    bent: bool = False
    nuisances: int = 0
    layers: int = 1
    informative: int = 1
    tags: bool = False


KINDS = {
    "clear": Kind(about="linear, little noise: each caption tells its track", noise=0.55),
    "noisy": Kind(about="linear, much noise", noise=1.2),
    "bent": Kind(about="curved on both sides", noise=0.5, bent=True),
    "nuisance": Kind(about="linear, beside 100 louder directions of each side's own", noise=0.4, nuisances=NUISANCES),
    "layers": Kind(about="linear, in 2 of 12 layers", noise=0.7, size=768, layers=12, informative=2),
    "tags": Kind(about="captions are lists of tags that many tracks share", noise=0.6, tags=True),
    "narrow": Kind(about="linear, some noise, 50 numbers", noise=0.7, size=50),
    "wide": Kind(about="linear, some noise, 4,096 numbers", noise=0.7, size=4096),
    "deep": Kind(about="linear, in 3 of 25 layers of 3,072 numbers", noise=0.7, size=76_800, layers=25, informative=3),
    "deep alike": Kind(
        about="linear, much noise, in all of 25 layers of 3,072 numbers",
        noise=1.2,
        size=76_800,
        layers=25,
        informative=25,
    ),
}
DEEP = ("deep", "deep alike")
"""Kinds as wide as MERT's vectors."""


def make(kind: str, tracks: int, *, seed: int, size: int | None = None) -> Captioned:
    """A set of so many tracks, a caption each.

    Parameters
    ----------
    size : numbers in a track's vector; None for the kind's own.
    """
    what, rng = KINDS[kind], np.random.default_rng([seed, sum(map(ord, kind))])
    size = size or what.size
    group = np.repeat(np.arange(tracks), rng.integers(1, 5, tracks))[:tracks]
    shared, own = (rng.standard_normal((rows, CAUSES), dtype=np.float32) for rows in (int(group[-1]) + 1, tracks))
    causes = TOGETHER**0.5 * shared[group] + (1 - TOGETHER) ** 0.5 * own
    text, text_id = _tags(causes, what, rng) if what.tags else _sentences(causes, what, rng)
    audio = _layered(causes, what, size, rng) if what.layers > 1 else seen(causes, what, size, rng)
    return Captioned(
        audio=audio.astype(np.float16),
        text=text.astype(np.float16),
        track_of_caption=np.arange(tracks),
        text_id=text_id,
        groups=group,
        layout=Layout(what.layers, size // what.layers, 1) if what.layers > 1 else Layout.flat(size),
        text_layout=Layout.flat(TEXT),
    )


def _sentences(causes: Float, what: Kind, rng: np.random.Generator) -> tuple[Float, NDArray[np.int64]]:
    text = seen(causes, what, TEXT, rng)
    return text / np.linalg.norm(text, axis=1, keepdims=True), np.arange(len(text))


def _tags(causes: Float, what: Kind, rng: np.random.Generator) -> tuple[Float, NDArray[np.int64]]:
    """A tag is said where its direction is strong; a list's vector is the mean of its tags'."""
    directions = rng.standard_normal((CAUSES, TAGS), dtype=np.float32) / CAUSES**0.5
    strength = wrongly(causes, what.noise, rng) @ directions
    order, said = np.argsort(-strength, axis=1)[:, :3], rng.integers(1, 4, len(causes))
    there = np.zeros((len(causes), TAGS), np.float32)
    for place in range(3):
        rows = np.flatnonzero(said > place)
        there[rows, order[rows, place]] = 1
    text = there @ rng.standard_normal((TAGS, TEXT), dtype=np.float32)
    _, text_id = np.unique(there, axis=0, return_inverse=True)
    return text / np.linalg.norm(text, axis=1, keepdims=True), text_id.astype(np.int64)


def wrongly(causes: Float, noise: float, rng: np.random.Generator) -> Float:
    """Causes with what one side sees wrongly of them."""
    return causes + np.float32(noise) * rng.standard_normal(causes.shape, dtype=np.float32)


def seen(causes: Float, what: Kind, size: int, rng: np.random.Generator) -> Float:
    """(n, size) numbers in which one side sees the causes, with a little noise in each number."""
    inside = wrongly(causes, what.noise, rng)
    if what.bent:
        inside = np.tanh(BEND * inside @ rng.standard_normal((CAUSES, TANH), dtype=np.float32) / CAUSES**0.5)
    if what.nuisances:
        beside = LOUDNESS * rng.standard_normal((len(causes), what.nuisances), dtype=np.float32)
        inside = np.concatenate([inside, beside], axis=1)
    through = rng.standard_normal((inside.shape[1], size), dtype=np.float32) / inside.shape[1] ** 0.5
    return inside @ through + 0.2 * rng.standard_normal((len(causes), size), dtype=np.float32)


def _layered(causes: Float, what: Kind, size: int, rng: np.random.Generator) -> Float:
    """(n, size) numbers, layer by layer; most layers see causes that nobody speaks of."""
    knowing = rng.permutation(what.layers) < what.informative
    each = [
        seen(causes if knows else rng.standard_normal(causes.shape, dtype=np.float32), what, size // what.layers, rng)
        for knows in knowing
    ]
    return np.concatenate(each, axis=1)
