"""What an index keeps to say how well answers fit: ``index/fit-TOKEN.npz``, TOKEN being that of its vectors.

``known``       (m, d) float16, unit length: captions that taught the checkpoint, and what people ask of music whatever
                a library has (:mod:`antiphon.search.answers.fit.music`), as the text encoder reads them
``gone``        (g, d) the same of captions of tracks that have left (:mod:`antiphon.search.answers.fit.gone`)
``others``      (p, d) the same of texts of other domains (:mod:`antiphon.search.answers.fit.other_domains`)
``shares``      (p,) 0 … 1, and ``scores`` (p,): quantiles of scores of val captions with tracks not theirs
``threshold``   margin (nearness to known texts less nearness to those of other domains) below which a query is of other
                things
``taught``      how many rows of ``known``, the first, are captions
``gone_from``   lead (cosine with the nearest of these less that with the nearest of ``gone``) below which a query is
                for music that has left
``captions``    how many val captions that comes from
``library``     whose they are: "" for the one that is searched, else the bundle that carried scores
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError
from antiphon.library.files import write_atomically
from antiphon.search.hits import Hits
from antiphon.search.light.record import stamp

Float32 = NDArray[np.float32]
NEAREST = 3
"""Known captions that a query is compared with: the mean of so many nearest."""
FORMAT, BEFORE_GONE = 3, 2
"""Of the file; before it remembered captions of tracks that have left it was the same in all else."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How scores and queries of one index are to be taken; arrays as the module describes them."""

    known: NDArray[np.float16]
    gone: NDArray[np.float16]
    others: NDArray[np.float16]
    shares: Float32
    scores: Float32
    threshold: float
    taught: int
    gone_from: float
    captions: int
    library: str = ""

    def better_than(self, score: float) -> float:
        """Percent of the tracks that val captions are not of that a score exceeds; never more than was seen."""
        place = int(np.searchsorted(self.scores, score, side="left"))
        return 0.0 if place == 0 else round(100 * float(self.shares[place - 1]), 2)

    def marked(self, hits: Hits) -> Hits:
        """Answers with what they are better than."""
        return Hits(replace(hit, better_than=self.better_than(hit.score)) for hit in hits)

    def margin(self, raw: Float32) -> Float32:
        """(n,) by how much texts, (n, d) as the text encoder reads them, are nearer to known texts than to others."""
        known, others = self.known.astype(np.float32), self.others.astype(np.float32)
        return nearness(raw, known) - nearness(raw, others)

    def is_of_other_things(self, raw: Float32) -> bool:
        """Whether a query, (d,), is nearer to texts of other domains than what people ask of music is."""
        return bool(self.margin(raw[None])[0] < self.threshold)

    def is_of_music_that_left(self, raw: Float32) -> bool:
        """Whether a query, (d,), is nearer to captions of tracks that have left than queries about others are."""
        captions, gone = self.known[: self.taught].astype(np.float32), self.gone.astype(np.float32)
        return bool(lead(raw[None], captions, gone)[0] < self.gone_from)

    def write(self, path: Path) -> None:
        """Write it, atomically."""
        arrays: dict[str, Any] = {**vars(self), "format": FORMAT}
        write_atomically(path, lambda stream: np.savez(stream, **arrays))


def nearness(raw: Float32, known: Float32, *, without: NDArray[np.bool_] | None = None) -> Float32:
    """(n,) mean cosine of each text with the nearest of known ones.

    Parameters
    ----------
    raw : (n, d), of any length.
    known : (m, d) of unit length.
    without : (n, m) pairs that do not count: a text is no evidence of itself.
    """
    cosines = unit(raw) @ known.T
    if without is not None:
        cosines = np.where(without, -1, cosines)
    found: Float32 = np.sort(cosines, axis=1)[:, -NEAREST:].mean(axis=1, dtype=np.float32)
    return found


def lead(raw: Float32, captions: Float32, gone: Float32) -> Float32:
    """(n,) by how much the nearest caption is nearer to each text than the nearest that is gone; inf where none is.

    Parameters
    ----------
    raw : (n, d), of any length.
    captions, gone : (m, d), (g, d) of unit length.
    """
    if not len(gone):
        return np.full(len(raw), np.inf, np.float32)
    found: Float32 = (unit(raw) @ captions.T).max(axis=1) - (unit(raw) @ gone.T).max(axis=1)
    return found


def unit(rows: Float32) -> Float32:
    """Rows of unit length; a row of zeros stays so."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Float32 = (rows / np.where(length == 0, 1, length)).astype(np.float32)
    return found


def path_of(root: Path, vectors: str) -> Path:
    """Where the calibration of an index is.

    Parameters
    ----------
    vectors : name of its file of vectors.
    """
    return root / "index" / vectors.replace("vectors-", "fit-").replace(".npy", ".npz")


def read_calibration(path: Path) -> Calibration | None:
    """What :meth:`Calibration.write` wrote; None where there is none that can be read: then nothing is said."""
    return _read(path, stamp(path))


@lru_cache(4)
def _read(path: Path, _stamp: str) -> Calibration | None:
    try:
        with reading(path), np.load(path, allow_pickle=False) as found:
            if int(found["format"]) not in (BEFORE_GONE, FORMAT):
                return None
            remembers = int(found["format"]) == FORMAT
            return Calibration(
                known=found["known"],
                gone=found["gone"] if remembers else found["known"][:0],
                others=found["others"],
                shares=found["shares"],
                scores=found["scores"],
                threshold=float(found["threshold"]),
                taught=int(found["taught"]) if remembers else 0,
                gone_from=float(found["gone_from"]) if remembers else 0.0,
                captions=int(found["captions"]),
                library=str(found["library"]),
            )
    except EmbeddingError:
        return None
