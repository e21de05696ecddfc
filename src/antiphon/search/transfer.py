"""A checkpoint on a library that it was not trained on: how far that library lies from the training.

A head puts the tracks it was trained on in all directions of the shared space, since what it reads was centred on
them: two of them have a cosine near 0 on the mean. Where another library's vectors lie elsewhere, its tracks crowd into
one corner, words tell them apart badly, and the mean cosine of two tracks says so, whatever the kind of head. It tells
a training's own music from other music; how much other music keeps, no measure that was tried foretells
(``docs/experiments/transfer.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.heads.standardise import Standardise, Untouched
from antiphon.library.next_step import next_step
from antiphon.library.pairs import open_embedding
from antiphon.library.tag_strengths import has_tags
from antiphon.library.tracks import Library
from antiphon.registry import Float32

Band = Literal["near", "apart", "far"]
APART, FAR = 0.12, 0.35
"""Mean cosine of two tracks from which a library counts as apart, and as far."""
LOOKED_AT = 2000
"""Tracks that are looked at, spread evenly over a larger library."""
OWN = 0.5
"""Share of the tracks it was trained on that a library has where it is the training's own."""

SAYING: dict[Band, str] = {
    "near": "lie where the training's tracks lay: it may answer about as well as it did there",
    "apart": "lie apart from the training's: expect a third of what a training here would gain, at best",
    "far": "lie far from the training's: expect little more than chance",
}


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How far a library lies from a training.

    Parameters
    ----------
    crowding : mean cosine of two tracks in the shared space; about 0 on the training's own tracks, 1 where all are one.
    shift : by how many of the training's spreads the mean of a number of the vectors is off, root mean square over the
        numbers; None where the checkpoint's heads do not all read the same numbers.
    """

    crowding: float
    shift: float | None

    @property
    def band(self) -> Band:
        """In three steps, by ``crowding`` alone."""
        return "near" if self.crowding < APART else "apart" if self.crowding < FAR else "far"

    def line(self) -> str:
        """One sentence, with the numbers."""
        off = "" if self.shift is None else f"; the numbers' means are off by {self.shift:.1f} of its spreads"
        return (
            f"This library is not the one the checkpoint was trained on. Its tracks {SAYING[self.band]} (mean cosine "
            f"of two tracks {self.crowding:.2f}, about 0 in the training{off})."
        )


def is_own(bundle: Bundle, library: Library) -> bool:
    """Whether a checkpoint was trained on a library, or on one that it has grown from."""
    if bundle.split_fingerprint == library.split_fingerprint():
        return True
    there = sum(track_id in library.row_of_track for track_id in bundle.train_ids)
    return bool(bundle.train_ids) and there >= OWN * len(bundle.train_ids)


def distance(bundle: Bundle, library: Library, embedded: Float32) -> Distance:
    """How far a library lies from a training.

    Parameters
    ----------
    embedded : (n, dim or more) float32, its tracks in the shared space.
    """
    stored = open_embedding(library, "audio", bundle.encoder)
    ids = [str(item) for item in stored.ids[_some(len(stored.ids))]]
    raw = stored.take(ids).astype(np.float32)
    return Distance(
        crowding=crowding(np.asarray(embedded[_some(len(embedded)), : bundle.dim])),
        shift=shift(bundle, raw[np.isfinite(raw).all(axis=1)]),
    )


def crowding(vectors: Float32) -> float:
    """Mean cosine of two different ones of (n, d) vectors of unit length; 0 for fewer than two."""
    n = len(vectors)
    if n < 2:
        return 0.0
    total = float(np.square(vectors.sum(axis=0, dtype=np.float64)).sum())
    return (total - n) / (n * (n - 1))


def shift(bundle: Bundle, raw: Float32) -> float | None:
    """Root mean square, over the numbers of raw vectors (n, d), of how far their mean is from the training's.

    In spreads of the training, as the first of its heads that reads all the numbers has them.
    """
    found = [part for part in bundle.space.audio.modules() if isinstance(part, Standardise)]
    whole = [part for part in found if not isinstance(part, Untouched) and len(part.mean) == raw.shape[1]]
    if not whole or not len(raw):
        return None
    mean, scale = whole[0].mean.numpy(), whole[0].scale.numpy()
    off = (raw.mean(axis=0) - mean) * scale
    return float(np.sqrt(np.square(off[scale > 0]).mean())) if (scale > 0).any() else None


def transfer_remarks(bundle: Bundle, library: Library, embedded: Float32) -> list[str]:
    """What is to be said where a checkpoint answers for another library; nothing where it is the training's own."""
    if is_own(bundle, library):
        return []
    found = distance(bundle, library, embedded)
    lines = [found.line()]
    heard = any(has_tags(library.embedding_folder("audio", name)) for name in library.embedded("audio"))
    if found.band != "near" and (heard or library.caption_table.num_rows):
        has = "captions" if library.caption_table.num_rows else "tags that were heard"
        lines.append(
            f"This library has {has} of its own: search --untrained answers with them, and a training on them is "
            f"likely as good or better. Next: {next_step(library)}"
        )
    return lines


def _some(n: int) -> slice:
    return slice(None, None, max(1, -(-n // LOOKED_AT)))
