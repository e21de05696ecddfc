"""The map of the shared space: captions and tracks on two axes, as near as two axes can show it.

Both sides are centred by themselves, then projected by one PCA (K. Pearson, 1901) of all points that are shown. Why
not a map that pulls neighbours together: see docs/decisions/report.md. What two axes lose is said: the share of the
spread that they keep, and of each point's nearest points in the whole space how many are among its nearest on the map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.report.pictures.canvas import Canvas, Size
from antiphon.evaluate.report.pictures.colours import MUTED, SERIES
from antiphon.evaluate.report.pictures.picture import Table

MOST_TRACKS = 800
"""That are shown; of more a sample, drawn with a seed."""
MOST_CAPTIONS = 1200
NEIGHBOURS = 10
MOST_CLASSES = len(SERIES) - 1
"""Values of a column that get a colour of their own; the rest share the last one."""
REST = "other"
WORTH_IT = 0.1
"""Of the way from chance to all neighbours: with less a map misleads."""
HEIGHT, NARROW_HEIGHT = 46, 34
"""Letters."""

Float64 = NDArray[np.float64]


class Colouring(NamedTuple):
    """A column by which points are coloured: its name, its classes (most frequent first), and each track's class."""

    name: str
    classes: tuple[str, ...]
    of_track: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedMap:
    """Captions and tracks, placed.

    Parameters
    ----------
    training, split : which.
    tracks, captions : (n, 2) and (m, 2) places.
    track_of_caption : (m,) row of each caption's track.
    titles, texts : of tracks and captions.
    colourings : columns to colour by, one at least; the first is shown.
    kept : share of the spread that two axes keep, 0 … 1.
    neighbours_kept : share of each point's nearest that are near it on the map, 0 … 1, and that by chance.
    of_tracks, of_captions : how many there are in all.
    """

    training: str
    split: str
    tracks: Float64
    captions: Float64
    track_of_caption: NDArray[np.int64]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    colourings: tuple[Colouring, ...]
    kept: float
    neighbours_kept: tuple[float, float]
    of_tracks: int
    of_captions: int

    name = "map"

    @property
    def title(self) -> str:
        """What is drawn."""
        return f"Map of the shared space, {self.training} on {self.split}"

    def says(self) -> str:
        """What is shown, of how many, and what two axes lose."""
        shown = self._shown()
        near, by_chance = (100 * share for share in self.neighbours_kept)
        kept = f"Two axes keep {100 * self.kept:.0f} % of the spread"
        if near - by_chance > WORTH_IT * (100 - by_chance):
            return (
                f"{shown}. {kept}; of a point's {NEIGHBOURS} nearest in the whole space {near:.0f} % are among its "
                f"{NEIGHBOURS} nearest here (by chance {by_chance:.0f} %): trust groups rather than single distances."
            )
        return (
            f"{shown}. {kept}, and hardly more neighbours than chance ({near:.0f} against {by_chance:.0f} %): trust "
            "the queries below rather than this map."
        )

    def _shown(self) -> str:
        if (len(self.titles), len(self.texts)) == (self.of_tracks, self.of_captions):
            return f"All {self.of_tracks:,} tracks and {self.of_captions:,} captions"
        tracks = f"{len(self.titles):,} of {self.of_tracks:,} tracks"
        return f"{tracks} and {len(self.texts):,} of {self.of_captions:,} captions"

    def table(self) -> Table:
        """One row a caption: its track, how far they lie apart on the map, and the class of the first colouring."""
        first = self.colourings[0]
        apart = np.linalg.norm(self.captions - self.tracks[self.track_of_caption], axis=1)
        rows = [
            (text, self.titles[owner], f"{distance:.2f}", first.classes[first.of_track[owner]])
            for text, owner, distance in zip(self.texts, self.track_of_caption.tolist(), apart.tolist(), strict=True)
        ]
        return Table(headings=("caption", "track", "apart on the map", first.name), rows=tuple(rows))

    def height(self, size: Size) -> float:
        """Points high."""
        return (HEIGHT if size.columns > 2 else NARROW_HEIGHT) * size.em

    def draw(self, canvas: Canvas) -> None:
        """Tracks as discs, captions as rings; the page draws them itself, so that readers can colour them anew."""
        (axes,) = canvas.panels(1, columns=1)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(visible=False)
        for spine in axes.spines.values():
            spine.set_visible(not canvas.page)  # the page has a frame of its own
        if canvas.page:
            self._leave_to_the_page(canvas, axes)
        else:
            self._scatter(canvas, axes)

    def _leave_to_the_page(self, canvas: Canvas, axes: Any) -> None:
        everything = np.concatenate([self.tracks, self.captions])
        axes.plot(everything[:, 0], everything[:, 1], linestyle="", marker="")
        axes.autoscale()
        for (x, y), title in zip(self.tracks.tolist(), self.titles, strict=True):
            canvas.say(axes, x, y, title, "track")
        for (x, y), text in zip(self.captions.tolist(), self.texts, strict=True):
            canvas.say(axes, x, y, text, "caption")

    def _scatter(self, canvas: Canvas, axes: Any) -> None:
        from matplotlib.lines import Line2D

        chosen, size = self.colourings[0], (canvas.size.em * 0.55) ** 2
        track_colours = [_colour(chosen, c) for c in chosen.of_track]
        caption_colours = [track_colours[owner] for owner in self.track_of_caption]
        axes.scatter(*self.captions.T, s=size, facecolors="none", edgecolors=caption_colours, linewidths=0.7)
        axes.scatter(*self.tracks.T, s=size, c=track_colours, linewidths=0)
        shapes = [
            Line2D([], [], marker="o", linestyle="", color=MUTED),
            Line2D([], [], marker="o", linestyle="", color=MUTED, markerfacecolor="none"),
        ]
        shapes += [
            Line2D([], [], marker="s", linestyle="", color=_colour(chosen, i)) for i in range(len(chosen.classes))
        ]
        canvas.figure.legend(shapes, ["track", "caption", *chosen.classes], loc="outside lower left", ncols=3)


def _colour(chosen: Colouring, number: int) -> str:
    return SERIES[-1] if chosen.classes[number] == REST else SERIES[number]


def places_in_plane(text: NDArray[Any], audio: NDArray[Any]) -> tuple[Float64, Float64, float]:
    """(m, k) captions and (n, k) tracks → (m, 2), (n, 2) places, and the share of the spread that these keep.

    The same points always get the same places: signs are such that the largest coordinate of an axis is positive.
    """
    words, sound = (np.asarray(side, np.float64) - np.mean(side, axis=0, dtype=np.float64) for side in (text, audio))
    both = np.concatenate([words, sound])
    _, spread, axes = np.linalg.svd(both, full_matrices=False)
    two = axes[:2] * np.sign(axes[np.arange(min(2, len(axes))), np.abs(axes[:2]).argmax(axis=1)])[:, None]
    placed = both @ two.T
    if placed.shape[1] < 2:
        placed = np.pad(placed, ((0, 0), (0, 2 - placed.shape[1])))
    total = float((spread**2).sum())
    return placed[: len(words)], placed[len(words) :], float((spread[:2] ** 2).sum()) / total if total else 1.0


def neighbours_kept(full: NDArray[Any], flat: Float64, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Of each point's k nearest in (n, d) ``full`` the share among its k nearest in (n, 2) ``flat``; and by chance."""
    n = len(full)
    k = min(k, n - 1)
    if k < 1:
        return 1.0, 1.0
    there, here = (_nearest(np.asarray(points, np.float64), k) for points in (full, flat))
    shared = [len(np.intersect1d(a, b)) for a, b in zip(there, here, strict=True)]
    return float(np.mean(shared)) / k, k / (n - 1)


def _nearest(points: Float64, k: int) -> NDArray[np.int64]:
    squares = (points**2).sum(axis=1)
    apart = squares[:, None] + squares[None, :] - 2 * points @ points.T
    np.fill_diagonal(apart, np.inf)
    found: NDArray[np.int64] = np.argpartition(apart, k - 1, axis=1)[:, :k]
    return found


def colouring(name: str, values: Sequence[str]) -> Colouring | None:
    """Classes of a column, the most frequent first, the rest as one; None where it tells hardly anything apart."""
    filled = [value or "none" for value in values]
    counts: dict[str, int] = {}
    for value in filled:
        counts[value] = counts.get(value, 0) + 1
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    if len(ordered) < 2 or counts[ordered[0]] < 2:
        return None
    kept = ordered if len(ordered) <= MOST_CLASSES else ordered[:MOST_CLASSES]
    classes = tuple(kept) + ((REST,) if len(kept) < len(ordered) else ())
    number = {value: i for i, value in enumerate(kept)}
    return Colouring(name, classes, tuple(number.get(value, len(kept)) for value in filled))
