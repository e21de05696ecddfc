"""The wrong answers that look right, most doubtful first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.review.doubt import Likeness, deviations, doubts
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.judgements.judgement import PairKey
from antiphon.metrics.ranks import BLOCK
from antiphon.metrics.tiling.tile import slices
from antiphon.texts import normalised_text

Index = NDArray[np.int64]
LIMIT = 1000
"""Candidates that are listed: more than anybody goes through at once."""
REMARKABLE = 4.0
"""Standard deviations above random pairs from which captions, or sounds, are said to be nearly the same."""
Float32 = NDArray[np.float32]
MOST = 10
"""Wrong answers of one query that are looked at, the highest scores first."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A text and a track that no caption puts together, and that look as if they belong together.

    Parameters
    ----------
    query_id, query : the text, and the first caption that reads so.
    written_for : the track of that caption.
    track_id : the track that was found.
    doubt : see :mod:`antiphon.evaluate.review.doubt`.
    score, right_score : of this pair, and of the text with its own track.
    captions_alike, sounds_alike : cosines, −1 … 1.
    found_by : "t2a" (the text found the track), "a2t" (the track found the text), or both.
    why : in words, the most telling first.
    """

    query_id: str
    query: str
    written_for: str
    track_id: str
    doubt: float
    score: float
    right_score: float
    captions_alike: float
    sounds_alike: float
    found_by: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def key(self) -> PairKey:
        """What a judgement of it is about."""
        return normalised_text(self.query), self.track_id

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def find_candidates(vectors: SplitVectors, judged: Collection[PairKey] = (), *, limit: int = LIMIT) -> list[Candidate]:
    """Pairs that stand above the right one in either direction, or right behind it, the most doubtful first.

    Parameters
    ----------
    vectors : a split in a checkpoint's shared space.
    judged : pairs that are not shown again.
    limit : at most so many.
    """
    pairs = vectors.pairs
    first = np.unique(pairs.text_id, return_index=True)[1].astype(np.int64)
    texts, tracks, ways = _in_both_directions(vectors, first)
    words = [normalised_text(text) for text in pairs.texts[first]]
    open_ = [
        i
        for i, (text, track) in enumerate(zip(texts.tolist(), tracks.tolist(), strict=True))
        if (words[text], pairs.track_ids[track]) not in judged
    ]
    return _ordered(Likeness(vectors, first), texts[open_], tracks[open_], ways[open_], limit)


def _in_both_directions(vectors: SplitVectors, first: Index) -> tuple[Index, Index, Index]:
    """Texts and tracks of the pairs, each once, and by which way they were found: 1 t2a, 2 a2t, 3 both."""
    text_id, owner = vectors.pairs.text_id, vectors.pairs.track_of_caption
    text, audio, n = vectors.text[first], vectors.audio, len(vectors.audio)
    of_text = np.unique(text_id * n + owner)
    of_track = np.unique(owner * len(first) + text_id)
    texts, tracks = standing_above(text, audio, (of_text // n, of_text % n), most=MOST)
    back_tracks, back_texts = standing_above(audio, text, (of_track // len(first), of_track % len(first)), most=MOST)
    there, back = np.unique(texts * n + tracks), np.unique(back_texts * n + back_tracks)
    both = np.union1d(there, back)
    ways = np.isin(both, there) + 2 * np.isin(both, back)
    return both // n, both % n, ways.astype(np.int64)


def _ordered(likeness: Likeness, texts: Index, tracks: Index, ways: Index, limit: int) -> list[Candidate]:
    measured = likeness.of(texts, tracks)
    above = deviations(measured, likeness.background())
    doubt = doubts(above)
    right = likeness.of(texts, likeness.vectors.pairs.track_of_caption[likeness.first[texts]])[:, 0]
    pairs = likeness.vectors.pairs
    found = []
    for i in np.lexsort((tracks, texts, -doubt))[:limit].tolist():
        caption = likeness.first[texts[i]]
        found.append(
            Candidate(
                query_id=pairs.caption_ids[caption],
                query=pairs.texts[caption],
                written_for=pairs.track_ids[pairs.track_of_caption[caption]],
                track_id=pairs.track_ids[tracks[i]],
                doubt=round(float(doubt[i]), 3),
                score=round(float(measured[i, 0]), 4),
                right_score=round(float(right[i]), 4),
                captions_alike=round(float(measured[i, 1]), 3),
                sounds_alike=round(float(measured[i, 2]), 3),
                found_by=tuple(way for bit, way in ((1, "t2a"), (2, "a2t")) if ways[i] & bit),
                why=_why(measured[i], float(right[i]), above[i]),
            )
        )
    return found


def _why(measured: NDArray[np.float64], right: float, above: NDArray[np.float64]) -> tuple[str, ...]:
    """What speaks for the pair, the most telling first."""
    score, words, sounds = measured.tolist()
    place = "above the track they were written for" if score >= right else "next after a right answer"
    said = [(above[0], f"it scores {score:.3f}, {place} ({right:.3f})")]
    if above[1] >= REMARKABLE:
        said.append((above[1], f"the track has a caption that says nearly the same (cosine {words:.2f})"))
    if above[2] >= REMARKABLE:
        said.append((above[2], f"the two recordings sound nearly the same (cosine {sounds:.2f})"))
    return tuple(text for _, text in sorted(said, key=lambda each: -each[0]))


def standing_above(
    queries: Float32, items: Float32, own: tuple[Index, Index], *, most: int = MOST
) -> tuple[Index, Index]:
    """Items that are not a query's own and score at least as much as its best own one; else the first behind it.

    Parameters
    ----------
    queries, items : (q, k) and (n, k); dot products are the scores.
    own : (p,) queries, ascending, and (p,) the items that are right for them.
    most : of one query.

    Returns
    -------
    (c,) queries and (c,) items, in no order.
    """
    found = [*_blocks(queries, items, own, min(most, len(items)))]
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate([rows for rows, _ in found]), np.concatenate([columns for _, columns in found])


def _blocks(queries: Float32, items: Float32, own: tuple[Index, Index], most: int) -> Iterator[tuple[Index, Index]]:
    for block in slices(len(queries), BLOCK):
        scores = queries[block] @ items.T
        low, high = np.searchsorted(own[0], [block.start, block.start + len(scores)])
        rows, columns = own[0][low:high] - block.start, own[1][low:high]
        best = np.full(len(scores), -np.inf, np.float32)
        np.maximum.at(best, rows, scores[rows, columns])
        scores[rows, columns] = -np.inf
        top = np.argpartition(-scores, most - 1, axis=1)[:, :most]
        values = np.take_along_axis(scores, top, axis=1)
        kept = (values >= best[:, None]) | (values == values.max(axis=1, keepdims=True))
        row, place = np.nonzero(kept & np.isfinite(values))
        yield (row + block.start).astype(np.int64), top[row, place].astype(np.int64)
