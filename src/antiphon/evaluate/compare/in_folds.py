"""All trainings of a library in the same grouped folds: each recipe is refitted, and all are asked the same queries.

Folds are those of :mod:`antiphon.evaluate.folds`, and so are the refits: what ``evaluate --folds`` has kept is not done
again. Tracks that one of the trainings has no vectors of take no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.paths import checkpoint_paths, run_folder
from antiphon.align.training.results.divergence import Divergence, read_divergence
from antiphon.encoders._shared.native import TEXT_SIDE
from antiphon.errors import LibraryError
from antiphon.evaluate.baselines import NATIVE, Baseline, sources
from antiphon.evaluate.compare.queries.same_queries import Candidate, candidates
from antiphon.evaluate.compare.side_by_side import Contestant, side_by_side
from antiphon.evaluate.compare.slices.masks import require_column
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.folds.cross_validation import require_folds, require_several
from antiphon.evaluate.folds.described import CaptionedLibrary
from antiphon.evaluate.folds.pooled import Pooled
from antiphon.evaluate.folds.recipe import TrainingRecipe, training_recipe
from antiphon.evaluate.folds.refit import TRAINED, Cell
from antiphon.evaluate.folds.refit_all import Tell, duration, refit_all, work_ahead
from antiphon.evaluate.split_vectors import Sure
from antiphon.library.commands import command
from antiphon.library.tracks import Library
from antiphon.printed import counted


def compare_in_folds(
    root: Path,
    *,
    folds: int = 5,
    by: str | None = None,
    baselines: bool = True,
    resamples: int = 1000,
    seed: int = 0,
    tell: Tell = lambda _: None,
) -> Comparison:
    """Refit every training of a library in the same grouped folds, and compare them on all captioned tracks.

    Parameters
    ----------
    root : library folder; nothing in it changes but ``runs/NAME/refits/``. Trainings that diverged, and fusions of
        such, take no part.
    folds : how many; groups are dealt whole.
    by : what to slice the queries by; None for no slices.
    baselines : whether closed forms and native text towers, fitted in the same folds, stand in the table.
    resamples, seed : of intervals and tests; the seed also of folds.
    tell : is told how long it will take, and each fold that is done.

    Raises
    ------
    CheckpointError : nothing was trained here, or a fusion lacks a member.
    ConfigError : fewer than two folds, fewer groups than folds, or no such column to slice by.
    LibraryError : vectors are missing, no track has those of all trainings, or another process is at it.
    KeyboardInterrupt : Ctrl-C; finished folds are kept, and the same call goes on from there.
    """
    root = Path(root)
    require_several(folds)
    systems, diverged = _without_diverged(root, candidates(root, (), "test"))
    library = systems[0].splits.library
    if by is not None:
        require_column(library, by)
    recipes = [training_recipe(root, checkpoint_paths(root, each.name)["best_r1"]) for each in systems]
    described, left_out = _described_by_all(library, recipes)
    require_folds(described, folds)
    cells = [Cell(fold=k, folds=folds, seed=seed) for k in range(folds)]
    tell(_announced(described, recipes, cells))
    pooled = [Pooled.from_refits(library, refit_all(described, each, cells, tell)) for each in recipes]
    _require_same(recipes, pooled, root)
    known = Comparison(
        split=f"{folds} folds",
        folds=folds,
        judgements=_judged(systems, pooled, Sure(resamples=0, seed=seed)),
        notes=(*diverged, *left_out, *(note for each in pooled for refit in each.refits for note in refit.notes)),
        warnings=tuple(described.warnings),
    )
    contestants = [
        Contestant(
            candidate=each,
            ranked=found.ranked[TRAINED],
            judged=found.judged.get(TRAINED),
            beside=_baselines(each, found, systems) if baselines else (),
        )
        for each, found in zip(systems, pooled, strict=True)
    ]
    return side_by_side(pooled[0], contestants, known, by=by, sure=Sure(resamples=resamples, seed=seed))


def _without_diverged(root: Path, systems: Sequence[Candidate]) -> tuple[list[Candidate], list[str]]:
    """Those whose recipe can be refitted, and a sentence for each other: it would diverge in the first fold and take
    the comparison of all others with it."""
    kept, said = [], []
    for each in systems:
        members = each.name.split(",")  # of a fusion; a training is its own
        broken = {name: found for name in members if (found := read_divergence(run_folder(root, name))) is not None}
        if broken:
            said.append(f"{each.name} took no part: {_how_it_broke(each.name, broken, root)}")
        else:
            kept.append(each)
    return (kept, said) if kept else (list(systems), [])


def _how_it_broke(name: str, broken: Mapping[str, Divergence], root: Path) -> str:
    """Which training of it diverged where, and what says more."""
    member, found = next(iter(broken.items()))
    whose = "its training" if member == name else f"its member {member}"
    return f"{whose} diverged in {found}. What to change: {command(f'diagnose {member}', root)}"


def _described_by_all(library: Library, recipes: Sequence[TrainingRecipe]) -> tuple[CaptionedLibrary, list[str]]:
    """The tracks that every training has vectors of, and how many take no part for that.

    Raises
    ------
    LibraryError : there are none.
    """
    each = [CaptionedLibrary.by(library, recipe.encoder, recipe.text).track_ids for recipe in recipes]
    common, every = frozenset.intersection(*each), frozenset.union(*each)
    if not common:
        raise LibraryError(
            "The trained encoders have no described track in common.",
            fix="Embed the library with all of them: antiphon embed --encoder NAME …",
        )
    missing = len(every) - len(common)
    said = [f"{counted(missing, 'captioned track')} took no part: not every encoder has its vector."] if missing else []
    return CaptionedLibrary(library, common), said


def _announced(described: CaptionedLibrary, recipes: Sequence[TrainingRecipe], cells: Sequence[Cell]) -> str:
    """All that is ahead, before the first refit."""
    ahead = [work_ahead(described, recipe, cells) for recipe in recipes]
    left, seconds = sum(each.left for each in ahead), [each.seconds for each in ahead if each.left]
    known = [each for each in seconds if each is not None]
    about = duration(sum(known)) if len(known) == len(seconds) else "how long it takes is known after the first of each"
    refits = f"{counted(left, 'refit')} of {len(recipes) * len(cells)} to do"
    return (
        f"{counted(len(recipes), 'training')} in the same {len(cells)} folds: {refits}{f', {about}' if left else ''}."
    )


def _require_same(recipes: Sequence[TrainingRecipe], pooled: Sequence[Pooled], root: Path) -> None:
    """Refuse figures of different queries.

    Raises
    ------
    LibraryError : one text encoder has no vector of a caption that another one was asked.
    """
    first = pooled[0].pairs.caption_ids
    for recipe, found in zip(recipes, pooled, strict=True):
        own = found.pairs.caption_ids
        if list(own) != list(first):
            lacking, name = next(
                (min(set(here) - set(there)), text)
                for here, there, text in ((first, own, recipe.text), (own, first, recipes[0].text))
                if set(here) - set(there)
            )
            raise LibraryError(
                f"The trainings cannot be asked the same: caption '{lacking}' has no vector of {name}.",
                fix=command(f"embed --text {name.replace('+', ' ')}", root),
            )


def _judged(systems: Sequence[Candidate], pooled: Sequence[Pooled], sure: Sure) -> dict[str, Any] | None:
    """Figures with what was judged of a query and a track of one fold; None where nothing was."""
    counts = pooled[0].judgements
    if not counts:
        return None
    of_each = {each.name: found.judged_figures(TRAINED, **sure) for each, found in zip(systems, pooled, strict=True)}
    return {**counts, "systems": of_each}


def _baselines(candidate: Candidate, pooled: Pooled, systems: Sequence[Candidate]) -> list[Baseline]:
    """Those that were fitted in the same folds, named as in the table of a split."""
    bundle, splits = candidate.bundle, candidate.splits
    encoder = sources(bundle.encoder)
    several = len({each.bundle.text_encoder for each in systems}) > 1
    side = f"@{bundle.text_encoder}" if several else ""
    found = []
    for name, ranked in pooled.ranked.items():
        if name == TRAINED:
            continue
        native = name.endswith(NATIVE)
        own = name.removesuffix(NATIVE).strip() or encoder if native else encoder
        found.append(
            Baseline(
                name=f"{own} {NATIVE}" if native else f"{encoder}{side} {name}",
                encoder=own,
                audio_dim=splits.open("audio", own).provenance.layout.size,
                dim=None,
                ranked=ranked,
                settings={"text_encoder": TEXT_SIDE[own]} if native else {},
                judged=pooled.judged.get(name),
            )
        )
    return found
