"""A recipe in grouped folds: every captioned track is asked for once, by a training that never saw its group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.align.checkpoint.file import stored_checksum
from antiphon.errors import ConfigError
from antiphon.evaluate.compare.power import what_would_decide
from antiphon.evaluate.console import direction_lines, remarks, side_by_side
from antiphon.evaluate.folds.described import CaptionedLibrary
from antiphon.evaluate.folds.pooled import Pooled
from antiphon.evaluate.folds.recipe import TrainingRecipe, training_recipe
from antiphon.evaluate.folds.refit import RESULT, TRAINED, Cell, Refit, refits_folder
from antiphon.evaluate.folds.refit_all import Tell, refit_all
from antiphon.evaluate.review.counted import judgement_lines
from antiphon.evaluate.split_vectors import LEAST_RESAMPLES, Sure
from antiphon.evaluate.tables.grid import Grid
from antiphon.evaluate.tables.systems import systems_grid
from antiphon.evaluate.verdict import n_groups, verdict
from antiphon.library.files import write_json
from antiphon.library.tracks import Library
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.retrieval import OWN_FOLD, PROTOCOL, mean_of_directions, summarise
from antiphon.printed import Printed, counted

LEAST_FOLDS = 2


def cross_validate(
    root: Path, checkpoint: Path, *, folds: int = 5, resamples: int = 1000, seed: int = 0, tell: Tell = lambda _: None
) -> CrossValidation:
    """Refit a training's recipe in grouped folds.

    Parameters
    ----------
    root : library folder; nothing in it changes but ``runs/NAME/refits/``.
    checkpoint : whose recipe: encoders, settings, for a fusion its members.
    folds : how many; groups are dealt whole, a tenth of all tracks outside a fold chooses the epoch.
    resamples, seed : of intervals and tests, 100 resamples at least; the seed also of folds.
    tell : is told how long it will take, and each fold that is done.

    Raises
    ------
    ConfigError : fewer than two folds, or fewer groups than folds.
    CheckpointError : the checkpoint cannot be read.
    LibraryError : vectors are missing, or another process is at it.
    KeyboardInterrupt : Ctrl-C; finished folds are kept.
    """
    require_several(folds)
    library, recipe = Library(root), training_recipe(Path(root), checkpoint)
    described = CaptionedLibrary.by(library, recipe.encoder, recipe.text)
    require_folds(described, folds)
    cells = [Cell(fold=k, folds=folds, seed=seed) for k in range(folds)]
    pooled = Pooled.from_refits(library, refit_all(described, recipe, cells, tell))
    found = _figures(pooled, recipe, folds, resamples=max(resamples, LEAST_RESAMPLES), seed=seed)
    found |= {"checkpoint_checksum": stored_checksum(checkpoint)}
    found |= {"warnings": described.warnings}
    write_json(refits_folder(library.root, recipe.name) / RESULT, found)
    return CrossValidation(found)


def require_folds(described: CaptionedLibrary, folds: int) -> None:
    """Refuse what cannot be dealt.

    Raises
    ------
    ConfigError : fewer than two folds, or fewer groups than folds.
    """
    require_several(folds)
    n = described.n_groups
    if n < folds:
        raise ConfigError(
            f"The captioned tracks are {n} groups, which stay whole: {folds} folds cannot be made of them.",
            fix=f"--folds {min(n, 5)}" if n >= LEAST_FOLDS else "Describe tracks of more groups.",
        )


def require_several(folds: int) -> None:
    """Refuse a number of folds of which none could be trained on while another is asked.

    Raises
    ------
    ConfigError : fewer than two.
    """
    if folds < LEAST_FOLDS:
        raise ConfigError(
            f"--folds is {folds}: {LEAST_FOLDS} or more are needed, so that each is asked by a training on the others.",
            fix="--folds 5",
        )


def _figures(pooled: Pooled, recipe: TrainingRecipe, folds: int, *, resamples: int, seed: int) -> dict[str, Any]:
    sure, trained = Sure(resamples=resamples, seed=seed), pooled.ranked[TRAINED]
    baselines = {
        name: {**pooled.figures(each, **sure), "training_minus_baseline": pooled.gain(trained, each, **sure)}
        for name, each in pooled.ranked.items()
        if name != TRAINED
    }
    found: dict[str, Any] = {
        "protocol": f"{PROTOCOL} {OWN_FOLD}",
        "split": f"{folds} folds",
        "folds": folds,
        "seed": seed,
        "name": recipe.name,
        "encoder": recipe.encoder,
        "text_encoder": recipe.text,
        "n_tracks": pooled.n_tracks,
        "n_captions": len(pooled.pairs.caption_ids),
        **pooled.figures(trained, **sure),
        "baselines": baselines,
        **_with_judgements(pooled, sure),
        "of_folds": [_of_fold(each) for each in pooled.refits],
        "notes": list(dict.fromkeys(note for each in pooled.refits for note in each.notes)),
    }
    return {**found, "verdict": " ".join([verdict(found), *_more(found)])}


def _with_judgements(pooled: Pooled, sure: Sure) -> dict[str, Any]:
    """The figures with what was judged of queries and candidates of one fold; nothing where nothing was."""
    if not pooled.judgements:
        return {}
    return {"judgements": {**pooled.judgements, **pooled.judged_figures(TRAINED, **sure)}}


def _more(found: dict[str, Any]) -> list[str]:
    """How many more tracks would decide against the strongest baseline."""
    if not found["baselines"]:
        return []
    best = max(found["baselines"].values(), key=mean_of_directions)
    said = what_would_decide(best["training_minus_baseline"]["mean"]["MRR"], found["n_tracks"], where="")
    return [said] if said else []


def _of_fold(each: Refit) -> dict[str, Any]:
    mrr = {way: summarise(np.array(each.ranks[TRAINED][way]))["MRR"] for way in DIRECTIONS}
    counts = {"n_train": each.n_train, "n_val": each.n_val, "n_test": len(each.track_ids)}
    return {
        "fold": each.cell.fold + 1,
        **counts,
        **{f"{way}_MRR": mrr[way] for way in DIRECTIONS},
        "seconds": each.seconds,
    }


@dataclass(frozen=True, eq=False)
class CrossValidation(Printed):
    """What folds found.

    Parameters
    ----------
    figures : ``protocol``, ``folds``, ``seed``, ``name``, ``encoder``, ``text_encoder``, ``n_tracks``, ``n_captions``;
        ``t2a`` and ``a2t`` of all queries together; ``baselines`` with ``training_minus_baseline``; ``of_folds``:
        tracks, MRR and seconds of each; ``judgements`` as in an evaluation, of pairs whose query and track are of one
        fold, where there are any; ``checkpoint_checksum``, ``notes``, ``verdict``, ``warnings``.
    """

    figures: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dict(self.figures)

    def grid(self) -> Grid:
        """The table: the recipe, the baselines, chance; bold is the best of each column."""
        return systems_grid(f"{self.figures['name']} in {self.figures['folds']} grouped folds", self.figures)

    def lines(self) -> list[str]:
        """The table for people."""
        found = self.figures
        groups = min(n_groups(found[way]) for way in DIRECTIONS)
        return [
            f"{found['name']} in {found['folds']} grouped folds: {found['n_captions']:,} captions of "
            f"{found['n_tracks']:,} tracks ({counted(groups, 'independent group')}), each asked once, by a training "
            "that never saw its group.",
            *_directions(found),
            *side_by_side(found),
            *judgement_lines(found),
            found["verdict"],
            _spread(found["of_folds"]),
            "The library's own train, val and test are not used here: each fold divides all captioned tracks anew.",
            *remarks(found),
        ]


def _directions(found: dict[str, Any]) -> list[str]:
    return [line for way in DIRECTIONS for line in direction_lines(way, found[way])]


def _spread(of_folds: Sequence[dict[str, Any]]) -> str:
    means = [(each["t2a_MRR"] + each["a2t_MRR"]) / 2 for each in of_folds]
    each = ", ".join(f"{mean:.3f}" for mean in means)
    return f"Mean MRR of each fold: {each}. Candidates of a query are those of its own fold, about {_tracks(of_folds)}."


def _tracks(of_folds: Sequence[dict[str, Any]]) -> str:
    return f"{round(sum(each['n_test'] for each in of_folds) / len(of_folds)):,} tracks"
