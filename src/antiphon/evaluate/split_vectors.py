"""A split, read once and embedded once for all that ask: figures, components, baselines, comparisons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import text_rows
from antiphon.align.data.features import Rows
from antiphon.align.data.judged import learn_from_judgements
from antiphon.align.data.pair_set import PairSet
from antiphon.align.hubness.correction import scored
from antiphon.align.inference import embed_pairs
from antiphon.arrays import Embeddings
from antiphon.evaluate.protocols.best_of import best_of_captions, best_of_figures, text_of_track
from antiphon.library.pairs import Pairs, join_pairs, open_embedding
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.store import Vectors
from antiphon.metrics.pairing import paired_retrieval
from antiphon.metrics.retrieval import QuerySubset, Ranked, describe, rank_asked, rank_both

Float32 = NDArray[np.float32]
LEAST_RESAMPLES = 100
"""Of a paired test, however few its intervals were asked for."""


class Sure(TypedDict):
    """How intervals and paired tests are made: bootstrap resamples, and their seed."""

    resamples: int
    seed: int


@dataclass(frozen=True, kw_only=True, eq=False)
class SplitVectors:
    """Captions and tracks of a split in a checkpoint's shared space.

    Parameters
    ----------
    text : (m, k) float32, one a caption.
    audio : (n, k) float32, one a track; dot products are the scores, cosines unless hubness is corrected.
    pairs : whose they are (its raw ``audio`` is left empty).
    clusters : (n,) group number of each track.
    raw : the vectors that the heads read; audio may lie on disk.
    best_of : whether the best rank of a track's captions counts as the track's, one query a track of t2a.
    """

    text: Float32
    audio: Float32
    pairs: Pairs
    clusters: NDArray[np.int64]
    raw: PairSet
    best_of: bool = False

    def only(self, columns: int) -> SplitVectors:
        """The first columns of both sides: where scores are corrected for hubness, ``dim`` of them are the cosines'."""
        return replace(self, text=self.text[:, :columns], audio=self.audio[:, :columns])

    @property
    def gallery(self) -> NDArray[np.int64]:
        """(n,) zeros: all queries choose among all."""
        return np.zeros(len(self.audio), np.int64)

    @cached_property
    def ranked(self) -> Ranked:
        """Ranks of both directions."""
        return self.ranks_of(Embeddings(self.text, self.audio))

    def ranks_of(self, embedded: Embeddings, asked: QuerySubset | None = None) -> Ranked:
        """Ranks of the same captions and tracks, or of those that are ``asked``, in another space."""
        pairs = self.pairs
        if asked is None:
            return rank_both(*embedded, pairs.track_of_caption, pairs.text_id)
        return rank_asked(*embedded, pairs.track_of_caption, pairs.text_id, asked)

    def figures(
        self, ranked: Ranked, *, asked: QuerySubset | None = None, ks: Iterable[int] = (), resamples: int, seed: int
    ) -> dict[str, dict[str, Any]]:
        """Figures of ranks of these captions and tracks, as :func:`antiphon.metrics.retrieval.describe` gives them."""
        pairs, sure = self.pairs, Sure(resamples=resamples, seed=seed)
        owner, ks = pairs.track_of_caption, tuple(ks)
        found = describe(ranked, owner, pairs.text_id, clusters=self.clusters, asked=asked, ks=ks, **sure)
        if self.best_of:
            found["t2a"] = best_of_figures(ranked, owner, pairs.text_id, self.clusters, asked, ks, **sure)
        return found

    def gain(
        self, ranked: Ranked, over: Ranked, *, asked: QuerySubset | None = None, resamples: int, seed: int
    ) -> dict[str, Any]:
        """How much better the first are, as :func:`antiphon.metrics.pairing.paired_retrieval` gives it.

        Parameters
        ----------
        ranked : of all captions and tracks.
        over : of those that were ``asked``.
        """
        pairs, sure = self.pairs, Sure(resamples=max(resamples, LEAST_RESAMPLES), seed=seed)
        mine = ranked if asked is None else asked.among(ranked)
        owner, text_id = pairs.track_of_caption, pairs.text_id
        if self.best_of:
            mine, over = (best_of_captions(each, owner, asked) for each in (mine, over))
            owner, text_id = np.arange(len(pairs.track_ids)), text_of_track(owner, text_id)
            asked = None if asked is None else QuerySubset(asked.tracks, asked.tracks)
        return paired_retrieval(mine, over, owner, text_id, clusters=self.clusters, asked=asked, **sure)


class Splits:
    """The splits of one library: whatever is opened or joined for one who asks is there for the next.

    Parameters
    ----------
    root : library folder.

    Raises
    ------
    LibraryError : there is no library.
    """

    def __init__(self, root: Path) -> None:
        self.library = Library(root)
        self._opened: dict[tuple[Kind, str], Vectors] = {}
        self._pairs: dict[tuple[str, str, str], Pairs] = {}

    def open(self, kind: Kind, name: str) -> Vectors:
        """Stored vectors, as :func:`antiphon.library.pairs.open_embedding` opens them."""
        if (kind, name) not in self._opened:
            self._opened[kind, name] = open_embedding(self.library, kind, name)
        return self._opened[kind, name]

    def pairs(self, audio: str, text: str, split: str) -> Pairs:
        """Captions and tracks of a split that have vectors of both encoders; audio is left on disk.

        Raises
        ------
        LibraryError : vectors are missing altogether, or nothing is left to pair.
        """
        key = audio, text, split
        if key not in self._pairs:
            sound, words = self.open("audio", audio), self.open("text", text)
            self._pairs[key] = join_pairs(self.library, sound, words, split, names=(audio, text), read_audio=False)
        return self._pairs[key]

    def with_audio(self, audio: str, text: str, split: str) -> Pairs:
        """The same with the audio vectors in memory, and for train with what judgements teach; these are not kept."""
        pairs = self.pairs(audio, text, split)
        if split == "train":
            pairs, _ = learn_from_judgements(self.library, pairs)
        return replace(pairs, audio=self.open("audio", audio).take(list(pairs.track_ids)))

    def vectors(self, bundle: Bundle, split: str) -> SplitVectors:
        """Put a split into a checkpoint's shared space.

        Raises
        ------
        LibraryError : vectors are missing, or the split is empty.
        EmbeddingError : the library's vectors were made another way than those the checkpoint was trained on.
        """
        pairs = self.pairs(bundle.encoder, bundle.text_encoder, split)
        bundle.require(audio=pairs.audio_provenance, text=pairs.text_provenance)
        raw = self._raw(bundle, pairs)
        text, audio = scored(embed_pairs(bundle.space, raw), bundle.hubness)
        return SplitVectors(
            text=text,
            audio=audio,
            pairs=pairs,
            clusters=self.library.group_numbers(pairs.track_ids),
            raw=raw,
        )

    def _raw(self, bundle: Bundle, pairs: Pairs) -> PairSet:
        sound = self.open("audio", bundle.encoder)
        rows = np.array([sound.row_of[track_id] for track_id in pairs.track_ids], dtype=np.int64)
        text = text_rows(bundle, pairs.text, list(pairs.texts))
        return PairSet(Rows(sound.matrix, rows), text, pairs.track_of_caption, pairs.text_id)
