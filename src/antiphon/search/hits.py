"""What a search answers: tracks in order, as objects, a frame or a playlist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antiphon.frames import frame_of_rows
from antiphon.search.playlists.m3u import m3u

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Version:
    """Another version of an answer's song, or another file of its recording."""

    track_id: str
    title: str
    path: str

    @classmethod
    def of(cls, hit: Hit) -> Version:
        """A ranked track as a version of a better one."""
        return cls(track_id=hit.track_id, title=hit.title, path=hit.path)

    def __str__(self) -> str:
        return self.title or self.track_id


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One answer.

    ``rank`` counts from 1. ``score`` is the cosine in the shared space, −1 … 1; where the checkpoint corrects for
    hubness, the cosine less that correction (:mod:`antiphon.align.hubness.correction`): what is ranked by, on the same
    scale. Before training it says by how many spreads of the library the track stands out. ``by`` says what found it:
    the checkpoint's name, or one of the ways of :mod:`antiphon.search.zero_shot`. ``best_at`` says where in the track
    the words fit best, seconds from its start; None where no window vectors are kept (``antiphon embed --windows``).
    ``better_than`` is the percent of tracks that score less for captions of val which are not of them; None where that
    was not calibrated. ``versions`` are other versions of the song, which the answer stands for
    (:mod:`antiphon.search.answers`).
    """

    rank: int
    track_id: str
    score: float
    title: str
    artist: str
    path: str
    by: str
    best_at: float | None = None
    better_than: float | None = None
    versions: tuple[Version, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of ``antiphon search --json``."""
        return {**asdict(self), "versions": [asdict(version) for version in self.versions]}

    def __str__(self) -> str:
        name = " – ".join(part for part in (self.artist, self.title) if part) or self.track_id
        moment = "" if self.best_at is None else f"  (fits best at {clock(self.best_at)})"
        return f"{self.rank:3}  {self.score:6.3f}  {name}{moment}{self.also}"

    @property
    def called(self) -> str:
        """The title; without one the id, of which the file's name is enough where it is a path."""
        return self.title or (Path(self.track_id).name if self.path and self.path == self.track_id else self.track_id)

    @property
    def also(self) -> str:
        """The other versions that an answer stands for, as it is printed; "" where there are none."""
        names = ", ".join(dict.fromkeys(map(str, self.versions)))
        return f"  (also: {names})" if names else ""


def clock(seconds: float) -> str:
    """A time in a track as players show it.

    >>> clock(102), clock(3725)
    ('1:42', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Hits(tuple[Hit, ...]):
    """Answers, best first: a tuple of :class:`Hit` that prints one a line.

    Examples
    --------
    >>> hits = library.search("slow sad piano", k=3)
    >>> len(str(hits).splitlines()), hits.to_frame().index.tolist()
    (3, [1, 2, 3])
    """

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def to_dict(self) -> list[dict[str, Any]]:
        """The list of ``antiphon search --json``."""
        return [hit.to_dict() for hit in self]

    def to_frame(self) -> pd.DataFrame:
        """One row an answer, indexed by rank; needs pandas."""
        return frame_of_rows(self.to_dict(), index=["rank"])

    def to_m3u(self) -> str:
        """An extended M3U playlist of the answers that have a file; others: :mod:`antiphon.search.playlists.m3u`."""
        return m3u(self)


def top(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Positions of the k largest scores, best first; equal scores in the order of the library.

    A score that is no number, as a damaged disk makes them, stands after all others.
    """
    k = min(k, len(scores))
    scores = np.where(np.isnan(scores), -np.inf, scores)
    if k == 0:
        return np.empty(0, np.int64)
    threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
    candidates = np.flatnonzero(scores >= threshold)
    order: NDArray[np.int64] = candidates[np.argsort(-scores[candidates], kind="stable")][:k]
    return order


def ranked_hits(tracks: Iterable[Mapping[str, Any]], scores: Iterable[float], *, by: str) -> Hits:
    """Tracks as answers, the first of rank 1.

    Parameters
    ----------
    tracks : ``track_id``, ``title``, ``artist`` and ``path`` of each.
    scores : of each.
    by : what found them.
    """
    return Hits(
        Hit(
            rank=rank,
            track_id=track["track_id"],
            score=round(float(score), 6),
            title=track["title"],
            artist=track["artist"],
            path=track["path"],
            by=by,
        )
        for rank, (track, score) in enumerate(zip(tracks, scores, strict=True), start=1)
    )
