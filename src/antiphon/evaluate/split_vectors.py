"""A checkpoint's vectors of one split, ready to be ranked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import text_rows
from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.hubness.correction import scored
from antiphon.align.inference import embed, measured_loss
from antiphon.arrays import Embeddings
from antiphon.library.pairs import Pairs, load_pairs, open_embedding
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import Ranked, rank_both

Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Space:
    """Captions and tracks of a split in a shared space.

    Parameters
    ----------
    text : (m, k) float32, one a caption.
    audio : (n, k) float32, one a track; dot products are the scores, cosines unless hubness is corrected.
    pairs : whose they are (its raw ``audio`` is left empty).
    clusters : (n,) group number of each track.
    """

    text: Float32
    audio: Float32
    pairs: Pairs
    clusters: NDArray[np.int64]

    def only(self, columns: int) -> Space:
        """The first columns of both sides: where scores are corrected for hubness, ``dim`` of them are the cosines'."""
        return replace(self, text=self.text[:, :columns], audio=self.audio[:, :columns])

    def ranked(self) -> Ranked:
        """Ranks of both directions."""
        return rank_both(self.text, self.audio, self.pairs.track_of_caption, self.pairs.text_id)


def raw_pairs(library: Library, bundle: Bundle, pairs: Pairs) -> PairSet:
    """The vectors that a checkpoint's heads read for these captions and tracks; audio stays on disk until needed."""
    sound = open_embedding(library, "audio", bundle.encoder)
    rows = np.array([sound.row_of[track_id] for track_id in pairs.track_ids], dtype=np.int64)
    text = text_rows(bundle, pairs.text, list(pairs.texts))
    return PairSet(Rows(sound.matrix, rows), text, pairs.track_of_caption, pairs.text_id)


def groups_of(library: Library, track_ids: NDArray[Any]) -> NDArray[np.int64]:
    """(n,) number of each track's group; a track without one is its own."""
    groups, rows = library.column("group"), library.row_of_track
    names = [str(groups[rows[t]] or f"\x00{t}") for t in track_ids]
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def measure_checkpoint(root: Path, bundle: Bundle, split: str) -> tuple[Space, float, float]:
    """Put a split into a checkpoint's shared space.

    Returns
    -------
    The space, the loss over all captions and tracks at once, and that loss for a model that knows nothing.

    Raises
    ------
    LibraryError : vectors are missing, or the split is empty.
    EmbeddingError : the library's vectors were made another way than those the checkpoint was trained on.
    """
    library = Library(root)
    pairs = load_pairs(library, bundle.encoder, bundle.text_encoder, split, read_audio=False)
    bundle.require(audio=pairs.audio_provenance, text=pairs.text_provenance)
    raw = raw_pairs(library, bundle, pairs)
    text, audio = embed(bundle.space.text, raw.text).clone(), embed(bundle.space.audio, raw.audio).clone()
    loss, chance = measured_loss(bundle.space, text, audio, raw, kind=bundle.config.loss)
    words, sound = scored(Embeddings(text.numpy(), audio.numpy()), bundle.hubness)
    return Space(text=words, audio=sound, pairs=pairs, clusters=groups_of(library, pairs.track_ids)), loss, chance
