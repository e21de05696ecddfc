"""What all systems of a comparison answered: one split, or grouped folds; and how their ranks become figures.

A query's *gallery* is what it chooses among: all of the split, or of the folds its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.pairing import clusters_of_both
from antiphon.metrics.retrieval import Ranked, answers, chance, query_clusters

Ways = tuple[NDArray[Any], ...]
Mask = NDArray[np.bool_]


class Captioned(Protocol):
    """Captions and their tracks, as :class:`antiphon.library.pairs.Pairs` has them."""

    @property
    def track_ids(self) -> NDArray[np.object_]:
        """(n,) of the tracks."""

    @property
    def caption_ids(self) -> NDArray[np.object_]:
        """(m,) of the captions."""

    @property
    def texts(self) -> NDArray[np.object_]:
        """(m,) of the captions."""

    @property
    def kinds(self) -> NDArray[np.object_]:
        """(m,) who wrote each."""

    @property
    def track_of_caption(self) -> NDArray[np.int64]:
        """(m,) row of each one's track."""

    @property
    def text_id(self) -> NDArray[np.int64]:
        """(m,) equal for captions of identical text."""


class Contest(Protocol):
    """A split in a shared space (:class:`antiphon.evaluate.split_vectors.SplitVectors`), or pooled folds."""

    @property
    def pairs(self) -> Captioned:
        """The queries."""

    @property
    def clusters(self) -> NDArray[np.int64]:
        """(n,) number of each track's group."""

    @property
    def gallery(self) -> NDArray[np.int64]:
        """(n,) number of the gallery that each track is in."""

    def figures(self, ranked: Ranked, *, resamples: int, seed: int) -> dict[str, dict[str, Any]]:
        """Both directions, as :func:`antiphon.metrics.retrieval.describe` gives them."""

    def gain(self, ranked: Ranked, over: Ranked, *, resamples: int, seed: int) -> dict[str, Any]:
        """How much better the first are, as :func:`antiphon.metrics.pairing.paired_retrieval` gives it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Queries:
    """Queries, and how they depend on one another.

    Parameters
    ----------
    track_of_caption, text_id : (m,) as :class:`Captioned` has them.
    clusters : (n,) number of each track's group.
    gallery : (n,) number of the gallery that each track is in; None for one.
    """

    track_of_caption: NDArray[Any]
    text_id: NDArray[Any]
    clusters: NDArray[Any]
    gallery: NDArray[Any] | None = None

    @classmethod
    def of_contest(cls, contest: Contest) -> Queries:
        """Those of a contest."""
        pairs = contest.pairs
        owner, text_id = pairs.track_of_caption, pairs.text_id
        return cls(track_of_caption=owner, text_id=text_id, clusters=contest.clusters, gallery=contest.gallery)

    @cached_property
    def ways(self) -> tuple[Ways, Ways]:
        """Clusters of the captions alone, and of captions followed by tracks."""
        ways = query_clusters(self.track_of_caption, self.text_id, len(self.clusters), self.clusters)
        return ways["t2a"], clusters_of_both(ways, self.track_of_caption, self.text_id)

    @cached_property
    def _choices(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Direction → (q,) items that each query chooses among, and how many of them are right."""
        n = len(self.clusters)
        gallery = np.zeros(n, np.int64) if self.gallery is None else np.asarray(self.gallery)
        of_caption = gallery[self.track_of_caption]
        own_text = np.unique(np.stack([of_caption, self.text_id]), axis=1, return_inverse=True)[1].ravel()
        tracks, captions = answers(self.track_of_caption, own_text, n)
        return {
            "t2a": (np.bincount(gallery)[of_caption], tracks.counts),
            "a2t": (np.bincount(of_caption)[gallery], captions.counts),
        }

    def items(self, way: str) -> NDArray[np.int64]:
        """(q,) how many each query of a direction chooses among."""
        return self._choices[way][0]

    def chance(self, way: str, among: Mask | None = None) -> dict[str, float]:
        """What guessing gives, as :func:`antiphon.metrics.retrieval.chance` says it.

        Parameters
        ----------
        way : direction.
        among : (q,) which queries; None for all.
        """
        items, right = self._choices[way]
        chosen = slice(None) if among is None else among
        return chance(items[chosen], right[chosen])
