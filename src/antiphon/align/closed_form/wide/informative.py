"""Which blocks of wide vectors captions tell anything about.

Most of an encoder's layers may be about what no caption speaks of, and each of them adds noise to every distance. A
block counts as informative where its numbers are predicted from the captions better than any block is when the same
captions are dealt to the tracks anew. On made sets of which 3 layers of 25 mean anything this finds them from 300
tracks on, and where all 25 do it keeps all (``docs/experiments/closed_forms.md``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.relevance import Predictor
from antiphon.align.closed_form.scaling import Scaling
from antiphon.align.closed_form.wide.blocks import Columns, Index

BY_CHANCE = 50
"""Blocks whose captions were dealt anew, at least, that one has to be better than all of."""
LOOKED_AT = 384
"""Numbers of a block that are looked at, evenly spread, at most."""


def informative(
    audio: Columns, some: Index, words: Predictor, found: Sequence[Sequence[slice]], rng: np.random.Generator
) -> list[list[slice]]:
    """The blocks that are kept: of a source of one block that one, of one where none is better than chance all.

    Parameters
    ----------
    some : rows of the tracks that are looked at.
    words : what those tracks' captions predict.
    found : the blocks of each source.
    """
    return [_of_source(audio, some, words, own, rng) if len(own) > 1 else list(own) for own in found]


def _of_source(
    audio: Columns, some: Index, words: Predictor, own: Sequence[slice], rng: np.random.Generator
) -> list[slice]:
    chance = [words.shuffled(rng) for _ in range(-(-BY_CHANCE // len(own)))]
    told, *by_chance = np.array([_predicted(audio, some, block, words, *chance) for block in own]).T
    kept = [block for block, mean in zip(own, told, strict=True) if mean > np.max(by_chance)]
    return kept or list(own)


def _predicted(audio: Columns, some: Index, block: slice, *predictors: Predictor) -> list[float]:
    """How well each predictor tells a block's numbers: the mean of √R²."""
    step = max(1, (block.stop - block.start) // LOOKED_AT)
    part = audio.block(some, slice(block.start, block.stop, step))
    bent = Scaling.from_rows(part, np.full(len(part), 1 / len(part))).squashed(part, np.float32)
    shares: list[NDArray[np.floating]] = [one.shares(bent) for one in predictors]
    return [float(np.sqrt(np.maximum(share, 0)).mean()) for share in shares]
