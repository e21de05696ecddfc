"""A recipe on shares of the captions: what each share is worth, and what more captions would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.errors import ConfigError
from antiphon.evaluate.folds.cross_validation import require_folds
from antiphon.evaluate.folds.described import CaptionedLibrary
from antiphon.evaluate.folds.pooled import Pooled
from antiphon.evaluate.folds.recipe import TrainingRecipe, training_recipe
from antiphon.evaluate.folds.refit import TRAINED, Cell, Job
from antiphon.evaluate.folds.refit_all import Tell, refit_all
from antiphon.evaluate.folds.trend import TWICE, Trend, twice_as_many
from antiphon.evaluate.split_vectors import LEAST_RESAMPLES
from antiphon.evaluate.tables.grid import Grid, Paper
from antiphon.library.tracks import Library
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.pairing import FEW, decided, interval_text
from antiphon.metrics.retrieval import PROTOCOL
from antiphon.metrics.significance import paired_means
from antiphon.printed import Printed

SHARES = (10, 20, 40, 80, 100)
"""Percent of the captioned tracks."""
LEAST_TRACKS = 8
"""Training tracks below which a share is left out."""


def learning_curve(
    root: Path,
    checkpoint: Path,
    *,
    folds: int = 0,
    shares: Sequence[int] = SHARES,
    resamples: int = 1000,
    seed: int = 0,
    tell: Tell = lambda _: None,
) -> LearningCurve:
    """Refit a training's recipe on shares of the captions, and ask the same test queries each time.

    Parameters
    ----------
    root : library folder; nothing in it changes but ``runs/NAME/refits/``.
    checkpoint : whose recipe.
    folds : 0 for the library's own splits; else each share in so many grouped folds, which asks every track.
    shares : percent of the captioned groups of train and val, 1 … 100; a small share is part of a larger one. Tracks
        outside a share lose their captions; captions that Antiphon made stay.
    resamples, seed : of intervals, tests, and of which groups are in a share.
    tell : is told how long it will take, and each refit that is done.

    Raises
    ------
    ConfigError : a share is out of range, none is large enough to train on, or there are fewer groups than folds.
    LibraryError, CheckpointError, KeyboardInterrupt : as
        :func:`antiphon.evaluate.folds.cross_validation.cross_validate`.
    """
    library, recipe = Library(root), training_recipe(Path(root), checkpoint)
    described = CaptionedLibrary.by(library, recipe.encoder, recipe.text)
    if folds:
        require_folds(described, folds)
    enough, too_few = _large_enough(described, recipe, sorted(set(shares)), folds, seed)
    cells = [cell for share in enough for cell in _cells(share, folds, seed)]
    refits = refit_all(described, recipe, cells, tell)
    pooled = [Pooled.from_refits(library, [each for each in refits if each.cell.share == share]) for share in enough]
    resamples = max(resamples, LEAST_RESAMPLES)
    return LearningCurve(_figures(pooled, recipe, enough, too_few, folds=folds, resamples=resamples, seed=seed))


def _cells(share: int, folds: int, seed: int) -> list[Cell]:
    return [Cell(fold=k, folds=folds, share=share, seed=seed) for k in range(max(1, folds))]


def _large_enough(
    described: CaptionedLibrary, recipe: TrainingRecipe, shares: Sequence[int], folds: int, seed: int
) -> tuple[list[int], list[int]]:
    """Shares that leave enough tracks to train on in every fold, and those that do not."""
    if not shares or shares[0] < 1 or shares[-1] > 100:
        raise ConfigError("Shares of the captions are percent, 1 to 100.", fix="Leave them out: 10, 20, 40, 80, 100.")
    fewest = {
        share: min(
            Job.of_cell(described, recipe, cell).tracks(described, "train") for cell in _cells(share, folds, seed)
        )
        for share in shares
    }
    enough = [share for share in shares if fewest[share] >= LEAST_TRACKS]
    if not enough:
        raise ConfigError(
            f"Fewer than {LEAST_TRACKS} captioned tracks are left to train on: there is no curve to draw.",
            fix="Describe more tracks.",
        )
    return enough, [share for share in shares if share not in enough]


def _figures(
    pooled: Sequence[Pooled],
    recipe: TrainingRecipe,
    shares: Sequence[int],
    too_few: Sequence[int],
    *,
    folds: int,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    values = np.stack([each.reciprocal_ranks(TRAINED) for each in pooled])
    clusters = pooled[0].clusters_of_both
    n = np.array([np.mean([refit.n_train for refit in each.refits]) for each in pooled])
    rows = []
    for i, (share, each) in enumerate(zip(shares, pooled, strict=True)):
        figures = each.figures(each.ranked[TRAINED], resamples=resamples, seed=seed)
        row = {"share": share, "n_train": round(float(n[i])), **figures}
        row["mean"] = _value(paired_means(values[i], clusters, resamples=resamples, permutations=1, seed=seed))
        if i:
            row["gain"] = paired_means(values[i] - values[i - 1], clusters, resamples=resamples, seed=seed)
        rows.append(row)
    found = {
        "protocol": PROTOCOL,
        "name": recipe.name,
        "encoder": recipe.encoder,
        "text_encoder": recipe.text,
        "folds": folds,
        "seed": seed,
        "n_tracks": pooled[0].n_tracks,
        "n_captions": len(pooled[0].pairs.caption_ids),
        "shares": rows,
        "left_out": list(too_few),
        "rise": paired_means(values[-1] - values[0], clusters, resamples=resamples, seed=seed),
    }
    trend = twice_as_many(n, values, clusters, resamples=resamples, seed=seed)
    said = None if trend is None else {"gain": trend.gain, "ci95": trend.ci95, "says": trend.says}
    return {**found, "twice": said, "verdict": _verdict(found, trend)}


def _value(mean: dict[str, Any]) -> dict[str, Any]:
    return {"MRR": mean["difference"], "ci95": mean["ci95"]}


def _verdict(found: dict[str, Any], trend: Trend | None) -> str:
    """Whether it rose, and what twice as many captions would bring."""
    first, last, rise = found["shares"][0], found["shares"][-1], found["rise"]
    if len(found["shares"]) == 1:
        return f"Only {last['share']}% of the captions leave enough to train on: one point is no curve."
    verb = {"better": "rises", "worse": "FALLS", "open": "does not measurably change"}[decided(rise)]
    risen = (
        f"From {first['share']}% to {last['share']}% of the captions MRR {verb}: {rise['difference']:+.3f} "
        f"({interval_text(rise)}, p = {rise['p']:.2g})."
    )
    return f"{risen} {_outlook(found, last['n_train'], trend)}"


def _outlook(found: dict[str, Any], n: int, trend: Trend | None) -> str:
    surer = "" if found["folds"] else " To ask every captioned track: add --folds 5."
    if trend is None:
        return f"What more captions would bring cannot be told: too few shares to fit a curve to.{surer}"
    by = f"{trend.gain:+.3f} MRR ({interval_text({'ci95': trend.ci95})})"
    twice = f"{round(TWICE * n):,} captioned tracks to train on in place of {n:,}"
    if found["rise"].get("clusters", FEW) < FEW or trend.says == "nothing":
        return f"What more captions would bring cannot be told here: a fit gives {by} for {twice}.{surer}"
    if trend.says == "little":
        return f"More captions like these would bring little: {twice} about {by}, if the curve goes on as it has."
    return f"More captions would help: {twice} would bring about {by}, if the curve goes on as it has."


@dataclass(frozen=True, eq=False)
class LearningCurve(Printed):
    """What shares of the captions are worth.

    Parameters
    ----------
    figures : ``name``, ``encoder``, ``text_encoder``, ``folds`` (0: the library's own splits), ``n_tracks`` and
        ``n_captions`` asked; ``shares``: of each ``share``, ``n_train``, ``t2a``, ``a2t``, ``mean`` and the paired
        ``gain`` over the share before; ``left_out``; ``rise``: the last share over the first; ``twice``: ``gain``,
        ``ci95`` and what it ``says`` of twice as many captions (more, little, nothing); ``verdict``.
    """

    figures: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dict(self.figures)

    def grid(self) -> Grid:
        """The table."""
        rows = self.figures["shares"]
        headings = ("captions", "tracks trained", "t2a MRR (95 %)", "a2t MRR (95 %)", "mean MRR (95 %)", "gain (95 %)")
        return Grid(
            title=f"Learning curve of {self.figures['name']}",
            headings=headings,
            rows=tuple(_cells_of(row) for row in rows),
            notes=tuple(self._notes()),
            plain=tuple(_plain(row) for row in rows),
            paper=Paper(
                columns={each: each.removesuffix(" trained") for each in headings[:-1]},
                caption=f"Learning curve of {self.figures['name']}: {self._asked()}. MRR (0 to 1) by the share of the "
                "captions that was learned from, with 95 % intervals.",
            ),
        )

    def lines(self) -> list[str]:
        """The table for people, and what it says."""
        return [f"{self.grid().title}: {self._asked()}", *self.grid().lines(), *self._notes()]

    def _asked(self) -> str:
        found = self.figures
        where = f"{found['folds']} grouped folds" if found["folds"] else "the library's own test split"
        return f"{found['n_captions']:,} captions of {found['n_tracks']:,} tracks asked each time, in {where}"

    def _notes(self) -> list[str]:
        few = self.figures["left_out"]
        said = [f"Left out: {' and '.join(f'{share}%' for share in few)}, too few tracks to train on."] if few else []
        return [
            self.figures["verdict"],
            *said,
            "Intervals are those of the queries; which tracks are in a small share is chance, too, and not in them.",
        ]


def _cells_of(row: dict[str, Any]) -> tuple[str, ...]:
    both = [(row[way]["MRR"], row[way]["ci95"]["MRR"]) for way in DIRECTIONS] + [
        (row["mean"]["MRR"], row["mean"]["ci95"])
    ]
    gain = f"{row['gain']['difference']:+.3f} {_ends(row['gain']['ci95'], '+.3f')}" if "gain" in row else "–"
    values = (f"{value:.3f} {_ends(ends, '.3f')}" for value, ends in both)
    return (f"{row['share']}%", f"{row['n_train']:,}", *values, gain)


def _ends(ends: Sequence[float | None], form: str) -> str:
    low, high = ends
    return "(no interval)" if low is None or high is None else f"({low:{form}} to {high:{form}})"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    gain = row.get("gain", {"difference": None, "ci95": [None, None], "p": None})
    return {
        "share": row["share"],
        "n_train": row["n_train"],
        **{f"{way}_{key}": row[way][key] for way in DIRECTIONS for key in ("R@1", "R@5", "R@10", "MRR", "median_rank")},
        "MRR": row["mean"]["MRR"],
        "MRR_low": row["mean"]["ci95"][0],
        "MRR_high": row["mean"]["ci95"][1],
        "gain": gain["difference"],
        "gain_low": gain["ci95"][0],
        "gain_high": gain["ci95"][1],
        "gain_p": gain["p"],
    }
