"""Several refits one after another: what is done is kept, and how long the rest takes is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from antiphon.errors import ConfigError
from antiphon.evaluate.folds.described import CaptionedLibrary
from antiphon.evaluate.folds.recipe import TrainingRecipe
from antiphon.evaluate.folds.refit import TRAINED, Cell, Job, Refit, kept_refit, refit, refits_folder
from antiphon.library.lock import only_writer
from antiphon.metrics.retrieval import summarise
from antiphon.printed import counted

Tell = Callable[[str], None]


class Ahead(NamedTuple):
    """What is still to be done: how many refits, and about how many seconds (None where nobody knows)."""

    left: int
    seconds: float | None


def work_ahead(described: CaptionedLibrary, recipe: TrainingRecipe, cells: Sequence[Cell]) -> Ahead:
    """Of those cells what is not kept from before."""
    kept, left = _planned(described, recipe, cells)
    pace = _pace(recipe, [found for found in kept if found is not None])
    return Ahead(len(left), _expected(described, recipe, left, pace))


def _planned(
    described: CaptionedLibrary, recipe: TrainingRecipe, cells: Sequence[Cell]
) -> tuple[list[Refit | None], list[Job]]:
    """The refit of each cell that is kept, and the jobs of the others."""
    folder = refits_folder(described.library.root, recipe.name)
    jobs = [Job.of_cell(described, recipe, cell) for cell in cells]
    kept = [kept_refit(folder, job) for job in jobs]
    return kept, [job for job, found in zip(jobs, kept, strict=True) if found is None]


def refit_all(described: CaptionedLibrary, recipe: TrainingRecipe, cells: Sequence[Cell], tell: Tell) -> list[Refit]:
    """Every cell's refit, in their order.

    Parameters
    ----------
    tell : is told how long it will take before it starts, and each refit that is done.

    Raises
    ------
    LibraryError : another process is refitting this training.
    AntiphonError : what a training raises.
    KeyboardInterrupt : Ctrl-C; what is done is kept, and the same call goes on from there.
    """
    folder = refits_folder(described.library.root, recipe.name)
    with only_writer(folder, "refitting in"):
        kept, left = _planned(described, recipe, cells)
        pace = _pace(recipe, [found for found in kept if found is not None])
        tell(_announced(recipe, left, len(cells) - len(left), _expected(described, recipe, left, pace)))
        done: list[Refit] = []
        for number, job in enumerate(left, 1):
            done.append(_one(described, recipe, job, len(cells) - len(left) + number - 1))
            rest = _expected(described, recipe, left[number:], _pace(recipe, done))
            tell(_told(done[-1], f"; {duration(rest)} left" if rest else ""))
    fresh = iter(done)
    return [found if found is not None else next(fresh) for found in kept]


def _one(described: CaptionedLibrary, recipe: TrainingRecipe, job: Job, before: int) -> Refit:
    try:
        return refit(described, recipe, job)
    except KeyboardInterrupt:
        said = f"Stopped; {counted(before, 'refit')} of {recipe.name} kept. The same command goes on from there."
        raise KeyboardInterrupt(said) from None
    except ConfigError as error:  # of several trainings it is not said otherwise whose settings these are
        raise ConfigError(f"Refit of {recipe.name}, {job.cell}: {error.problem}", fix=error.fix) from error


def _pace(recipe: TrainingRecipe, done: Sequence[Refit]) -> float | None:
    """Seconds for a full-sized refit: by those that are done, else by the training; None where nobody knows."""
    if done:
        return sum(each.seconds for each in done) / sum(_work(recipe, each.n_train) for each in done)
    return recipe.seconds


def _work(recipe: TrainingRecipe, n_train: int) -> float:
    """What a refit costs beside the training itself: half of it grows with the tracks, half is there for few, too."""
    return 0.5 + 0.5 * n_train / max(1, recipe.n_train)


def _expected(
    described: CaptionedLibrary, recipe: TrainingRecipe, left: Sequence[Job], pace: float | None
) -> float | None:
    return None if pace is None else pace * sum(_work(recipe, job.tracks(described, "train")) for job in left)


def _announced(recipe: TrainingRecipe, left: Sequence[Job], kept: int, seconds: float | None) -> str:
    if not left:
        return f"{recipe.name}: all {counted(kept, 'refit')} are kept from before."
    beside = f" ({kept} more are kept from before)" if kept else ""
    time = "how long it takes is known after the first" if seconds is None else f"{duration(seconds)} at its own pace"
    return f"{recipe.name} is refitted {counted(len(left), 'time')}{beside}: {time}. The library stays as it is."


def _told(done: Refit, rest: str) -> str:
    both = done.ranks[TRAINED]
    mrr = sum(summarise(np.array(both[way]))["MRR"] for way in ("t2a", "a2t")) / 2
    return f"{done.cell}: {done.n_train} tracks trained, MRR {mrr:.3f}, {done.seconds:.1f} s{rest}"


def duration(seconds: float) -> str:
    """About how long, as people say it.

    >>> duration(4), duration(95), duration(5400)
    ('some seconds', 'about 2 minutes', 'about 1.5 hours')
    """
    if seconds < 10:
        return "some seconds"
    if seconds < 60:
        return f"about {round(seconds / 10) * 10} seconds"
    if seconds < 3600:
        return f"about {counted(max(1, round(seconds / 60)), 'minute')}"
    return f"about {seconds / 3600:.1f} hours"
