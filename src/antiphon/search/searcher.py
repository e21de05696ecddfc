"""Questions to answers: text to tracks, and a track to tracks like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import text_encoder_of
from antiphon.errors import CheckpointError, LibraryError
from antiphon.registry import TextEncoder
from antiphon.search.indexes.exact import Index, current_index


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One answer.

    ``rank`` counts from 1. ``score`` is the cosine in the shared space, −1 … 1; where the checkpoint corrects for
    hubness, the cosine less that correction (:mod:`antiphon.align.hubness.correction`): what is ranked by, on the same
    scale.
    """

    rank: int
    track_id: str
    score: float
    title: str
    artist: str
    path: str

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of ``antiphon search --json``."""
        return asdict(self)


def best_checkpoint(root: Path) -> Path:
    """The checkpoint with the highest validation MRR, mean of both directions, among ``*_best_r1.pt``.

    The choice is made on val; test stays untouched for the final benchmark.

    Raises
    ------
    CheckpointError : the library has no trained checkpoint.
    """
    candidates = sorted((root / "checkpoints").glob("*_best_r1.pt"))
    if not candidates:
        raise CheckpointError(
            f"{root} has no trained checkpoint.", fix=f"antiphon train --encoder all --library {root}"
        )
    return max(candidates, key=lambda path: _validation_mrr(Bundle.load(path)))


def _validation_mrr(bundle: Bundle) -> float:
    """Mean of both directions; −1 for one that was trained without a val split."""
    ways = [bundle.val.get(f"val_{way}_MRR") for way in ("t2a", "a2t")]
    return -1.0 if None in ways else float(np.mean([float(way) for way in ways if way is not None]))


def top(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Positions of the k largest scores, best first; equal scores in the order of the library."""
    k = min(k, len(scores))
    if k == 0:
        return np.empty(0, np.int64)
    threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
    candidates = np.flatnonzero(scores >= threshold)
    order: NDArray[np.int64] = candidates[np.argsort(-scores[candidates], kind="stable")][:k]
    return order


class Searcher:
    """Answers questions about one library with one checkpoint.

    Parameters
    ----------
    root : the library.
    checkpoint : a bundle; None for :func:`best_checkpoint`.
    """

    def __init__(self, root: Path, checkpoint: Path | None = None) -> None:
        self.checkpoint = checkpoint or best_checkpoint(root)
        self.bundle = Bundle.load(self.checkpoint)
        self.index: Index = current_index(root, self.checkpoint, self.bundle.encoder)
        self._text_encoder: TextEncoder | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, k) float32 unit vectors of texts in the shared space.

        Raises
        ------
        EmbeddingError : the text encoder that is installed is not the one the checkpoint was trained with.
        """
        return self.bundle.embed_text(self._encoded(texts))

    def _encoded(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) raw vectors of the checkpoint's text encoder."""
        if self._text_encoder is None:
            self._text_encoder = text_encoder_of(self.bundle)
        return self._text_encoder.encode(texts)

    def search(self, text: str, *, k: int = 10) -> list[Hit]:
        """The k tracks whose audio answers ``text`` best.

        Raises
        ------
        LibraryError : the text is empty.
        """
        if not text.strip():
            raise LibraryError("The query is empty.", fix='Describe the music: antiphon search "slow sad piano"')
        return self._hits(self.index.vectors @ self.bundle.score_text(self._encoded([text]))[0], k)

    def similar(self, track_id: str, *, k: int = 10) -> list[Hit]:
        """The k tracks nearest to a track in the shared space (by cosine), itself left out.

        Raises
        ------
        LibraryError : the index has no such track.
        """
        rows = np.flatnonzero(self.index.track_ids == track_id)
        if not len(rows):
            raise LibraryError(f"The index has no track '{track_id}'.", fix="Ids stand in tracks.parquet.")
        embedded = self.index.vectors[:, : self.bundle.dim]
        scores = embedded @ embedded[rows[0]]
        scores[rows[0]] = -np.inf
        return self._hits(scores, min(k, len(scores) - 1))

    def _hits(self, scores: NDArray[np.float32], k: int) -> list[Hit]:
        index = self.index
        return [
            Hit(
                rank=rank,
                track_id=index.track_ids[row],
                score=round(float(scores[row]), 6),
                title=index.titles[row],
                artist=index.artists[row],
                path=index.paths[row],
            )
            for rank, row in enumerate(top(scores, k), start=1)
        ]


def m3u(hits: Sequence[Hit]) -> str:
    """An extended M3U playlist of the hits that have a file; line breaks in titles become spaces."""
    lines = ["#EXTM3U"]
    for hit in hits:
        if hit.path:
            name = " - ".join(part for part in (hit.artist, hit.title) if part) or hit.track_id
            lines += [f"#EXTINF:-1,{' '.join(name.split())}", str(Path(hit.path).resolve())]
    return "\n".join(lines) + "\n"
