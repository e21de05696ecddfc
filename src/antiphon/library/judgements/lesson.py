"""What trainings make of one judgement: told to whoever gives one, so what captions say is numbers here, asked at once.

Texts and ids are compared by Python's 64-bit hashes: among a million captions two that differ are taken for one with a
chance of 3 in a hundred million, and then a sentence on the page is wrong. Trainings compare the texts themselves
(:mod:`antiphon.library.judgements.apply`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

from antiphon.library.judgements.judgement import Judgement
from antiphon.library.tracks import SPLITS, Library
from antiphon.texts import normalised_text

Numbers = NDArray[np.int64]
OF_SPLIT = {split: 1 << bit for bit, split in enumerate(SPLITS)}
"""A bit for each split, so that those of several tracks are one number."""
TRAIN = OF_SPLIT["train"]
GONE = -1
MEASURED = "this track, or one that these words describe, is kept to measure trainings with."


class Descriptions:
    """Which words describe which tracks of a library, and which split each track is of: 40 bytes a track, or so.

    Parameters
    ----------
    library : whose tables are read, once.
    """

    def __init__(self, library: Library) -> None:
        ids, splits = library.column("track_id"), library.column("split")
        named = _hashes(ids.tolist())
        order = np.argsort(named)
        self._tracks, self._row = named[order], order
        self._split = np.array([OF_SPLIT.get(split, 0) for split in splits], np.uint8)
        owners = library.caption_column("track_id").tolist()
        rows = np.array([library.row_of_track.get(owner, GONE) for owner in owners], np.int32)
        words = _hashes(map(normalised_text, library.caption_column("text").tolist()))
        kept = rows != GONE
        by_words = np.argsort(words[kept])
        self._words, self._owner = words[kept][by_words], rows[kept][by_words]
        self._described = np.zeros(len(ids), bool)
        self._described[self._owner] = True

    def lesson(self, judgement: Judgement) -> str:
        """What trainings make of a judgement, a sentence: most words that people ask with are no track's caption.

        Raises
        ------
        KeyError : there is no such track.

        Examples
        --------
        >>> from antiphon.library.judgements.judgement import Judgement
        >>> said = Judgement(query="music for ironing", track_id="d0001", verdict="same")
        >>> Descriptions(Library("mylib")).lesson(said)
        'No training learns from it: no track is described in these words.'
        """
        text, track_id = judgement.key
        row = self._row_of(track_id)
        alike = self._owner[slice(*_stretch(self._words, hash(text)))]
        if row in alike:
            if judgement.verdict == "same":
                return "The track's description says so already."
            return "The track's own description says these words, and decides: change it there."
        if judgement.verdict == "different":
            return "No training learns from it: each takes words to fit only the tracks that they describe."
        if not len(alike):
            return "No training learns from it: no track is described in these words."
        if not self._described[row]:
            return "No training learns from it: the track has no description of its own yet."
        splits = reduce(or_, self._split[alike].tolist())
        if (own := int(self._split[row])) == TRAIN and splits == TRAIN:
            return "The next training learns from it."
        if own != TRAIN and own & splits:
            return "No training learns from it, but figures count it: both are kept to measure trainings with."
        return f"No training learns from it: {MEASURED}"

    def _row_of(self, track_id: str) -> int:
        place, end = _stretch(self._tracks, hash(track_id))
        if place == end:
            raise KeyError(track_id)
        return int(self._row[place])


def _hashes(texts: Iterable[str]) -> Numbers:
    return np.fromiter(map(hash, texts), np.int64)


def _stretch(numbers: Numbers, wanted: int) -> tuple[int, int]:
    """Where a number stands among sorted ones: from, to."""
    return int(np.searchsorted(numbers, wanted, "left")), int(np.searchsorted(numbers, wanted, "right"))
