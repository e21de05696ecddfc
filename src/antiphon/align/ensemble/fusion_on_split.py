"""What the fusion of several trainings is worth on a split, at any shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.ensemble import joined
from antiphon.align.ensemble.fusion_shares import weights_of
from antiphon.align.hubness.correction import Hubness, scored
from antiphon.arrays import Embeddings
from antiphon.library.pairs import Pairs
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import Provenance
from antiphon.metrics.figures import DIRECTIONS, METRICS
from antiphon.metrics.retrieval import retrieval
from antiphon.metrics.selection import Scores, scores

Float64 = NDArray[np.float64]


class FusionOnSplit:
    """What shares are worth on one split.

    Parameters
    ----------
    bundles : the trainings; their vectors of the split are made once.
    pairs : with the audio of all of them side by side.
    library : knows the tracks' groups.
    """

    def __init__(self, bundles: Sequence[Bundle], pairs: Pairs, library: Library) -> None:
        sources = Provenance.joined([bundle.audio_provenance for bundle in bundles])
        sources.require_same(pairs.audio_provenance, mine="the checkpoints", theirs="the library's vectors")
        bundles[0].require(text=pairs.text_provenance)
        self.pairs = pairs
        self._temperatures = [bundle.temperature for bundle in bundles]
        sides = Rows.all_of(pairs.audio), Rows.all_of(pairs.text)
        self.raw = PairSet(*sides, pairs.track_of_caption, pairs.text_id)
        self._group = library.group_numbers(pairs.track_ids)
        self._vectors: list[Embeddings] = []
        start = 0
        for bundle in bundles:
            end = start + bundle.audio_provenance.layout.size
            own = pairs.audio[:, start:end]
            self._vectors.append(Embeddings(bundle.embed_text(pairs.text), bundle.embed_audio(own)))
            start = end

    def vectors(self, shares: Float64) -> Embeddings:
        """Texts and tracks of unit length, as the fused checkpoint makes them."""
        return joined(self._vectors, weights_of(shares, self._temperatures).tolist())

    def figures(self, shares: Float64, hubness: Hubness | None = None) -> dict[str, Any]:
        """Retrieval in the form of a line of the history."""
        found = retrieval(*scored(self.vectors(shares), hubness), self.pairs.track_of_caption, self.pairs.text_id)
        return {f"val_{way}_{key}": float(found[way][key]) for way in DIRECTIONS for key in METRICS}

    def scores(self, shares: Float64) -> Scores:
        """Reciprocal ranks by group."""
        return scores(*self.vectors(shares), self.pairs.track_of_caption, self.pairs.text_id, self._group)

    def mrr(self, shares: Float64) -> float:
        """Mean of both directions."""
        return self.scores(shares).mrr()
