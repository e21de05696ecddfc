"""A query as one vector, and what it excludes as a loss of score.

Conventions
-----------
parts
    Each text is embedded alone, of unit length, so that no word drowns in a sentence; words are added by their weights,
    tracks and files by one each, and the two sums count the same where a query has both.
scoring vectors
    As :mod:`antiphon.align.hubness.correction` makes them: (u, 1, b) where a checkpoint corrects for hubs, else u. The
    last number moves all scores of a query alike; so a combination needs nothing but its parts' own vectors.
excluded
    A track loses by how many spreads of the library it stands above the mean in its cosine to what is excluded, each
    spread as much as one of the query's own scores; below the mean it loses nothing. Of eight ways that were measured
    this one loses nothing of what is wanted (``docs/experiments/queries.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.search.queries.query import Query

Float32 = NDArray[np.float32]
SUBTRACTED = 0.5
"""Of what is excluded, where a server is asked with one vector and no score can be changed afterwards."""


class EmbeddedQuery(NamedTuple):
    """A query in the shared space.

    Parameters
    ----------
    vector : (score_dim,) float32, whose dot product with a track's vector is its score.
    excluded : (m, dim) float32 of unit length.
    """

    vector: Float32
    excluded: Float32


def embed_query(
    query: Query,
    score_texts: Callable[[Sequence[str]], Float32],
    track: Callable[[str], Float32],
    dim: int,
    file: Callable[[str], Float32] | None = None,
) -> EmbeddedQuery:
    """What a query asks of a space.

    Parameters
    ----------
    score_texts : texts → (n, score_dim) scoring vectors.
    track : id → the track's (score_dim,) vector; raises where there is none.
    dim : numbers of a vector that are the shared space's.
    file : the same of an audio file, where the query may name one.
    """
    texts = [part.text for part in query.wanted]
    read = score_texts([*texts, *query.excluded]) if texts or query.excluded else np.empty((0, dim), np.float32)
    words, excluded = read[: len(texts)], read[len(texts) :, :dim]
    if query.unlike:
        excluded = np.concatenate([excluded, np.stack([track(each)[:dim] for each in query.unlike])])
    if not query.sounds:
        if len(texts) == 1:
            return EmbeddedQuery(words[0], excluded)
        return EmbeddedQuery(_joined(words, np.array([part.weight for part in query.wanted]), dim), excluded)
    heard = [] if file is None else [file(each) for each in query.files]
    tracks = np.stack([*(track(each) for each in query.like), *heard])
    tracks = np.pad(tracks[:, :dim], ((0, 0), (0, tracks.shape[1] - dim)))  # what corrects scores is no part of a track
    sums = [_joined(tracks, np.ones(len(tracks)), dim)]
    if texts:
        sums.append(_joined(words, np.array([part.weight for part in query.wanted]), dim))
    return EmbeddedQuery(_joined(np.stack(sums), np.ones(len(sums)), dim), excluded)


def _joined(vectors: Float32, weights: NDArray[np.float64], dim: int) -> Float32:
    """(score_dim,): the weighted sum at unit length, what corrects scores as its weighted mean."""
    mean = np.average(vectors.astype(np.float64), axis=0, weights=weights)
    mean[:dim] /= max(float(np.linalg.norm(mean[:dim])), 1e-12)
    return mean.astype(np.float32)


def without(scores: Float32, cosines: Float32) -> Float32:
    """Scores less what tracks lose for what is excluded; see this module's conventions.

    Parameters
    ----------
    scores : (n,) of all tracks.
    cosines : (m, n) of all tracks to each thing that is excluded.
    """
    spread = np.nanstd(scores)
    for each in cosines:
        above = (each - np.nanmean(each)) / max(float(np.nanstd(each)), 1e-12)
        scores = scores - spread * np.maximum(above, 0)
    return np.asarray(scores, np.float32)


def subtracted(query: EmbeddedQuery) -> Float32:
    """(score_dim,): the query with half of each thing that is excluded taken away."""
    if not len(query.excluded):
        return query.vector
    dim = query.excluded.shape[1]
    vector = np.array(query.vector)
    vector[:dim] -= SUBTRACTED * query.excluded.sum(axis=0)
    vector[:dim] /= max(float(np.linalg.norm(vector[:dim])), 1e-12)
    return np.asarray(vector, np.float32)
