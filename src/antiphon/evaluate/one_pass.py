"""All that a checkpoint's scores on a split say, from computing them once.

The ranks of the whole, of its components, and of its cosines without hubness correction; and the loss. Each is what it
would be by itself (:func:`antiphon.metrics.retrieval.rank_both`, :func:`antiphon.align.inference.measured_loss`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.inference import tiled_loss
from antiphon.arrays import Embeddings, Float32
from antiphon.evaluate.components import Columned, components, systems
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.metrics.ranks import BLOCK, Columns
from antiphon.metrics.retrieval import Ranked, rank_systems

WHOLE = "whole"
COSINES = "cosines"


class RanksAndLoss(NamedTuple):
    """Ranks and loss of a checkpoint.

    Parameters
    ----------
    ranked : of the whole.
    uncorrected : of its cosines, where scores are corrected for hubness.
    components : name → share in the whole (0 … 1) and ranks of that component alone.
    loss, loss_chance : of the cosines of all captions and tracks at once, and the same for a model that knows nothing.
    """

    ranked: Ranked
    uncorrected: Ranked | None
    components: dict[str, tuple[float, Ranked]]
    loss: float
    loss_chance: float


def judge(bundle: Bundle, vectors: SplitVectors) -> RanksAndLoss:
    """Rank a split's captions and tracks by a checkpoint and by all it consists of, and measure the loss."""
    whole, parts = Embeddings(vectors.text, vectors.audio), components(bundle)
    wide = Columned(whole)
    named = _columns(bundle) | systems(bundle, whole, wide, vectors.raw)
    cosines = Embeddings(*(side[:, : bundle.dim] for side in whole))
    tiles, chance = tiled_loss(bundle.space, cosines, vectors.raw, kind=bundle.config.loss, block=BLOCK)

    def watch(rows: slice, columns: slice, scores: Float32) -> None:
        tiles.add(rows, columns, torch.from_numpy(scores))

    pairs, watched = vectors.pairs, COSINES if COSINES in named else WHOLE
    found: Mapping[str, Ranked] = rank_systems(
        wide.embeddings(), pairs.track_of_caption, pairs.text_id, named, watch={watched: watch}
    )
    return RanksAndLoss(
        ranked=found[WHOLE],
        uncorrected=found.get(COSINES),
        components={name: (part.share, found[name]) for name, part in parts.items()},
        loss=tiles.finish(),
        loss_chance=chance,
    )


def _columns(bundle: Bundle) -> dict[str, Columns]:
    """Of the whole, and of its cosines where that is something else; cut where the components' columns are."""
    cosines: Columns = tuple(part.columns for part in components(bundle).values()) or (range(bundle.dim),)
    if bundle.hubness is None:
        return {WHOLE: cosines}
    return {WHOLE: (*cosines, range(bundle.dim, bundle.score_dim)), COSINES: cosines}
