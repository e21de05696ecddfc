"""Which pairs meet in a step.

Conventions
-----------
An epoch visits every track equally often: whole passes over the training tracks, each cut into batches of nearly equal
size, until there are at least ``epoch_steps`` of them. At each visit a track brings one of its captions, drawn
anew; where that is asked for, some captions are replaced by one of their phrases. Tracks in a batch stand
in ascending order, which makes a full batch a plain slice and reading from disk sequential; order within a batch does
not matter to the loss.

Text i's positives are all tracks of the batch that carry an identical text, under any of their captions or, where
phrases take part, as any phrase of one: two tracks with the same words are never each other's negatives. A text and a
track of which nobody could say whether they fit are left out: neither right nor wrong. Nothing here loops over rows in
Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from antiphon.align.losses.targets import Exclusion, Positives
from antiphon.arrays import spans
from antiphon.library.phrases import CaptionPhrases

Index = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Batch:
    """One step's tracks and captions.

    Parameters
    ----------
    tracks : (n,) rows of the training tracks, ascending.
    captions : (n,) rows of the training captions, one a track in their order; rows after the last caption are phrases.
    positives : the batch's columns in ``tracks`` that are right for each of ``captions``.
    exclude : cells that are neither right nor wrong; None where there is none.
    """

    tracks: Index
    captions: Index
    positives: Positives
    exclude: Exclusion | None = None


class Captions:
    """Captions of tracks, perhaps their phrases, and which of these texts say the same.

    Parameters
    ----------
    track_of_caption : (m,) track of each caption; every track 0 … n−1 has at least one.
    text_id : (m,) equal for identical texts; (m+q,) of captions and then of their phrases, where there are some.
    phrases : the captions' q different phrases; None leaves whole captions alone.
    shares : (m,) chance of each caption to be its track's, summing to 1 for each track; None: all of a track's alike.
    unsure : (k,) captions and (k,) tracks of which it is open whether they fit: what reads like the caption and the
        track are left out of each other's step, unless the track says the same.
    """

    def __init__(
        self,
        track_of_caption: Index,
        text_id: Index,
        phrases: CaptionPhrases | None = None,
        shares: NDArray[np.float64] | None = None,
        unsure: tuple[Index, Index] | None = None,
    ) -> None:
        self.n_tracks = int(track_of_caption.max()) + 1
        self.text_id = text_id
        self._order = np.argsort(track_of_caption, kind="stable")
        self._counts = np.bincount(track_of_caption, minlength=self.n_tracks)
        self._starts = np.cumsum(self._counts) - self._counts
        self._until = None if shares is None else _running(shares[self._order], self._starts)
        said_by, said = track_of_caption, text_id[: len(track_of_caption)]
        if phrases is not None:
            self._phrase_rows = len(track_of_caption) + phrases.phrase
            self._phrase_counts = np.bincount(phrases.caption, minlength=len(track_of_caption))
            self._phrase_starts = np.cumsum(self._phrase_counts) - self._phrase_counts
            said_by = np.concatenate([said_by, track_of_caption[phrases.caption]])
            said = np.concatenate([said, text_id[self._phrase_rows]])
        # each track's distinct texts, by track
        distinct = np.unique(np.stack([said_by, said], axis=1), axis=0)
        self._texts = distinct[:, 1]
        self._text_counts = np.bincount(distinct[:, 0], minlength=self.n_tracks)
        self._text_starts = np.cumsum(self._text_counts) - self._text_counts
        self._unsure = self._open_pairs(*unsure, distinct) if unsure is not None and len(unsure[0]) else None

    def _open_pairs(self, captions: Index, tracks: Index, said: Index) -> tuple[Index, Index]:
        """Texts, ascending, and tracks of the pairs that are open; what a track says itself is not."""
        keys = np.unique(self.text_id[captions] * self.n_tracks + tracks)
        own = said[:, 1] * self.n_tracks + said[:, 0]
        keys = np.setdiff1d(keys, own, assume_unique=True)
        return keys // self.n_tracks, keys % self.n_tracks

    def draw(self, tracks: Index, rng: np.random.Generator) -> Index:
        """(n,) one caption of each track, every one of its captions as likely as its share says."""
        at = rng.random(len(tracks))
        if self._until is None:
            offset = (at * self._counts[tracks]).astype(np.int64)
        else:
            offset = np.searchsorted(self._until, tracks + at, side="right") - self._starts[tracks]
            offset = np.clip(offset, 0, self._counts[tracks] - 1)  # sums of shares are rounded
        drawn: Index = self._order[self._starts[tracks] + offset]
        return drawn

    def in_phrases(self, captions: Index, chance: float, rng: np.random.Generator) -> Index:
        """Rows of ``captions``, each replaced with probability ``chance`` by one of its phrases, if it has any."""
        counts = self._phrase_counts[captions]
        replaced = np.flatnonzero((rng.random(len(captions)) < chance) & (counts > 0))
        offset = (rng.random(len(captions)) * counts).astype(np.int64)[replaced]
        rows: Index = captions.copy()
        rows[replaced] = self._phrase_rows[self._phrase_starts[captions[replaced]] + offset]
        return rows

    def positives(self, captions: Index, tracks: Index) -> Positives:
        """The positions in ``tracks`` that carry each caption's text, ascending, in compressed rows."""
        counts = self._text_counts[tracks]
        texts = self._texts[spans(self._text_starts[tracks], counts)]
        column = np.repeat(np.arange(len(tracks)), counts)
        by_text = np.argsort(texts, kind="stable")
        texts, column = texts[by_text], column[by_text]
        wanted = self.text_id[captions]
        first = np.searchsorted(texts, wanted, side="left")
        found = np.searchsorted(texts, wanted, side="right") - first
        indptr = np.concatenate([[0], np.cumsum(found)])
        return Positives(torch.from_numpy(indptr), torch.from_numpy(column[spans(first, found)]))

    def unsure(self, captions: Index, tracks: Index) -> Exclusion | None:
        """The cells of a batch that are neither right nor wrong; ``tracks`` stand in ascending order."""
        if self._unsure is None:
            return None
        texts, others = self._unsure
        wanted = self.text_id[captions]
        first = np.searchsorted(texts, wanted, side="left")
        counts = np.searchsorted(texts, wanted, side="right") - first
        rows, found = np.repeat(np.arange(len(captions)), counts), others[spans(first, counts)]
        column = np.minimum(np.searchsorted(tracks, found), len(tracks) - 1)
        there = tracks[column] == found
        return Exclusion(torch.from_numpy(rows[there]), torch.from_numpy(column[there])) if there.any() else None


def _running(shares: NDArray[np.float64], starts: Index) -> NDArray[np.float64]:
    """Running sums of the shares of captions in the order of their tracks; those of track i lie between i and i + 1."""
    total = np.cumsum(shares)
    before = total[starts] - shares[starts]
    counts = np.diff(np.append(starts, len(shares)))
    return np.asarray(np.repeat(np.arange(len(starts)), counts) + total - np.repeat(before, counts), np.float64)


def batches_per_epoch(n_tracks: int, batch_size: int, epoch_steps: int) -> tuple[int, int]:
    """(passes over the tracks, batches in a pass) of an epoch."""
    in_pass = -(-n_tracks // batch_size)
    return -(-epoch_steps // in_pass), in_pass


def epoch_batches(
    captions: Captions,
    rng: np.random.Generator,
    *,
    batch_size: int,
    epoch_steps: int,
    phrase_chance: float = 0.0,
) -> Iterator[Batch]:
    """The steps of one epoch.

    Parameters
    ----------
    rng : decides who meets whom and with which caption.
    batch_size : tracks in a batch at most; batches of a pass differ by one track at most.
    epoch_steps : least number of batches; whole passes are made until it is reached.
    phrase_chance : of each caption brought, to be replaced by one of its phrases; above 0 ``captions`` must know them.
    """
    passes, in_pass = batches_per_epoch(captions.n_tracks, batch_size, epoch_steps)
    for _ in range(passes):
        shuffled = rng.permutation(captions.n_tracks)
        for chunk in np.array_split(shuffled, in_pass):
            tracks = np.sort(chunk)
            chosen = captions.draw(tracks, rng)
            if phrase_chance:
                chosen = captions.in_phrases(chosen, phrase_chance, rng)
            yield Batch(tracks, chosen, captions.positives(chosen, tracks), captions.unsure(chosen, tracks))
