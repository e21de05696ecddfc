"""Which queries belong to which slice: by metadata, by a track's artist or album, by a caption's length or kind."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError
from antiphon.evaluate.compare.queries.contest import Captioned, Mask
from antiphon.library.metadata.several import values_of
from antiphon.library.metadata.store import Value
from antiphon.library.tracks import Library

LENGTH, KIND = "caption-length", "caption-kind"
OF_TRACKS = ("artist", "album")
LENGTHS = ((1, 2), (3, 5), (6, 10), (11, 20), (21, None))
"""Words of a caption, from and to."""
PARTS = 4
"""Slices of a column of numbers: as many tracks in each, nearly."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Slice:
    """Some of the queries.

    Parameters
    ----------
    name : the value that they share.
    captions : (m,) which queries of t2a.
    tracks : (n,) which queries of a2t; None where a slice is of captions alone.
    """

    name: str
    captions: Mask
    tracks: Mask | None = None


def require_column(library: Library, by: str) -> None:
    """Refuse before minutes of work what would be refused after them.

    Raises
    ------
    ConfigError : there is no such column; the message names those that are there.
    """
    known = [*library.metadata.names, *OF_TRACKS, LENGTH, KIND]
    if by not in known:
        near = difflib.get_close_matches(by, known, n=1)
        raise ConfigError(
            f"There is no column '{by}' to slice by; there are: {', '.join(known)}.",
            fix=f"--by {near[0] if near else LENGTH}",
        )


def slices_by(library: Library, pairs: Captioned, by: str) -> list[Slice]:
    """Every slice, of whatever size.

    Parameters
    ----------
    by : a column of metadata, ``"artist"``, ``"album"``, ``"caption-length"`` or ``"caption-kind"``. Each value is a
        slice; of numbers, and of the years of dates, each quarter; a track with several values
        (:mod:`antiphon.library.metadata.several`) is in the slice of each.

    Raises
    ------
    ConfigError : as :func:`require_column`.
    """
    require_column(library, by)
    if by == LENGTH:
        words = np.array([len(text.split()) for text in pairs.texts])
        found = [(_span(low, high), (words >= low) & (words <= (high or np.inf))) for low, high in LENGTHS]
        return [Slice(name=name, captions=mask) for name, mask in found if mask.any()]
    if by == KIND:
        return [Slice(name=kind, captions=pairs.kinds == kind) for kind in dict.fromkeys(pairs.kinds)]
    typed = library.metadata.type_of(by) if by in library.metadata else "text"
    if typed in ("number", "date"):
        named = _by_quarter(_numbers(library, pairs, by))
    else:
        named = _by_name(_names(library, pairs, by))
    return [_of_tracks(name, mask, pairs) for name, mask in named]


def in_several(slices: Sequence[Slice]) -> int:
    """Tracks that are in more than one of some slices."""
    masks = [each.tracks for each in slices if each.tracks is not None]
    return int(np.count_nonzero(np.sum(masks, axis=0) > 1)) if masks else 0


def _span(low: int, high: int | None) -> str:
    return f"{low} words and more" if high is None else f"{low} to {high} words"


def _of_tracks(name: str, mask: Mask, pairs: Captioned) -> Slice:
    return Slice(name=name, captions=mask[pairs.track_of_caption], tracks=mask)


def _names(library: Library, pairs: Captioned, by: str) -> list[list[str]]:
    """The values of each track that are names."""
    if by not in library.metadata:  # an artist or album, whose name is one whatever marks are in it
        column = library.column(by)
        return [[name] if (name := column[library.row_of_track[t]]) else [] for t in pairs.track_ids]
    return [list(map(str, values_of(cell))) for cell in _cells(library, pairs, by)]


def _numbers(library: Library, pairs: Captioned, by: str) -> NDArray[np.float64]:
    """(n,) numbers, of dates the year; NaN for a track without one."""
    cells = _cells(library, pairs, by)
    if library.metadata.type_of(by) == "date":
        cells = [None if cell is None else int(str(cell)[:4]) for cell in cells]
    return np.array([np.nan if cell is None else cell for cell in cells], np.float64)


def _cells(library: Library, pairs: Captioned, by: str) -> list[Value | None]:
    of_id = dict(zip(library.metadata.track_ids, library.metadata.column(by), strict=True))
    return [of_id.get(track_id) for track_id in pairs.track_ids]


def _by_name(names: Sequence[Sequence[str]]) -> list[tuple[str, Mask]]:
    found: dict[str, Mask] = {}
    for row, each in enumerate(names):
        for name in each:
            found.setdefault(name, np.zeros(len(names), np.bool_))[row] = True
    return list(found.items())


def _by_quarter(numbers: NDArray[np.float64]) -> list[tuple[str, Mask]]:
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return []
    edges = np.unique(np.quantile(known, np.linspace(0, 1, PARTS + 1), method="nearest"))
    if len(edges) < 3:  # one or two different numbers: each is its own slice
        return [(f"{value:g}", numbers == value) for value in np.unique(known)]
    last = len(edges) - 2
    found = []
    for i, (low, high) in enumerate(pairwise(edges)):
        mask = (numbers >= low) & ((numbers <= high) if i == last else (numbers < high))
        found.append((f"{low:g} to {'' if i == last else 'below '}{high:g}", mask))
    return found
