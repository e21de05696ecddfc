"""What ``antiphon train`` does once its options are read: trainings or sweeps, and what is said of them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths, find_checkpoint, is_of_library
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.train_all import train_all
from antiphon.align.train_result import TrainResult
from antiphon.align.training.distributed import is_first
from antiphon.align.training.results.replacing import AGAIN
from antiphon.cli.learning.epoch_log import EpochLog
from antiphon.cli.learning.tuning import run_sweeps
from antiphon.cli.output.console import note, say, say_json
from antiphon.errors import CheckpointError
from antiphon.evaluate.console import (
    finished_before_line,
    judge_training,
    training_lines,
    training_summary,
)
from antiphon.evaluate.folds.recipe import Member, training_recipe
from antiphon.library.next_step import command, count_captioned, text_line, unread_lines
from antiphon.library.tracks import Library


def run_trainings(
    library: Path,
    encoders: Sequence[str],
    *,
    text: Sequence[str] | None,
    name: str | None,
    config: TrainConfig | None,
    resume: bool,
    overwrite: bool,
    again: bool,
    sweep: int | None,
    minutes: float | None,
    seed: int,
    log: Literal["block", "line"] | None,
    json: bool,
) -> None:
    """Train, or sweep, and say what came of it; the arguments are the options of ``antiphon train``.

    Raises
    ------
    AntiphonError : as :func:`antiphon.align.train_all.train_all`.
    """
    if is_first():
        opened = Library(library)
        note(text_line(opened) if text is None else [])
        note(unread_lines(opened, text))
    if sweep is not None:
        run_sweeps(
            library,
            encoders,
            text=text,
            name=name,
            config=config,
            trials=sweep,
            minutes=minutes,
            seed=seed,
            json=json,
        )
        return
    with EpochLog(log, note if json else say, lambda: _say_where_curves_are(library)) as told:
        results = train_all(
            library,
            encoders,
            text=text,
            name=name,
            config=config,
            resume=resume,
            overwrite=overwrite,
            again=again,
            on_epoch=told.epoch,
            on_step=told.step,
        )
    _say_results(library, results, json=json)


def run_again(library: Path, training: str, *, log: Literal["block", "line"] | None, json: bool) -> None:
    """Train again what a training was, or each member of a fusion, which is fused again, on what the library has now.

    Kinds of captions are chosen anew: nothing says whether they were asked for, and people's may have come since. So
    are phrases of captions where a training had none.

    Parameters
    ----------
    training : its name, or its checkpoint's.

    Raises
    ------
    CheckpointError : there is no such training, it is another library's, or it cannot be read.
    AntiphonError : as :func:`antiphon.align.train.train`.
    """
    checkpoint = find_checkpoint(library, training)
    if not is_of_library(library, checkpoint):
        raise CheckpointError(
            f"{checkpoint} is no training of this library: another one's settings would replace its own.",
            fix=f"Train here: {command('train', library)}",
        )
    recipe = training_recipe(library, checkpoint)
    results: dict[str, TrainResult] = {}
    with EpochLog(log, note if json else say, lambda: _say_where_curves_are(library)) as told:
        for member in recipe.members:
            results |= train_all(
                library,
                member.encoder,
                text=member.text,
                name=member.name,
                config=_settings_now(library, member),
                again=True,
                on_epoch=told.epoch,
                on_step=told.step,
            )
    if len(results) > 1 and is_first():
        fuse(library, list(results))
    _say_results(library, results, json=json)


def _settings_now(library: Path, member: Member) -> TrainConfig:
    """A training's settings, to train it again: as long as it went on last, which its best epoch does not know."""
    last = checkpoint_paths(library, member.name)["last"]
    gone_on = vars(Bundle.load(last).config if last.exists() else member.config)
    length = {name: gone_on[name] for name in ("epochs", "finetune_epochs", "patience")}
    # Phrases may have come since; a training that was told to do without them looks like one that had none.
    return replace(member.config, **length, caption_kinds=None, caption_phrases=member.config.caption_phrases or None)


def _say_results(library: Path, results: Mapping[str, TrainResult], *, json: bool) -> None:
    if not is_first():
        return
    if json:
        say_json([training_summary(result, judge_training(library, result)) for result in results.values()])
        return
    for result in results.values():
        say(["", *_end_of_training(library, result)])
    compared = f"{command('compare', library)}, then " if count_captioned(Library(library), "test") else ""
    note(["", f"Next: {compared}{command('diagnose', library)}"])


def _say_where_curves_are(library: Path) -> None:
    if is_first():
        folder = Path("logs", "tensorboard")
        logs = next(iter(sorted(library.glob(f"runs/*/{AGAIN}/{folder}"))), library / folder)
        command_line = f"tensorboard --logdir {shlex.quote(str(logs))}"
        note([f"Curves, also while it trains: {command_line}, then open http://localhost:6006"])


def _end_of_training(library: Path, result: TrainResult) -> list[str]:
    if result.finished_before:
        return [finished_before_line(result)]
    lines = training_lines(result, judge_training(library, result))
    if result.kept is None:
        return lines
    back = shlex.join(["cp", "-r", f"{result.kept}/.", str(library)])
    return [
        *lines,
        f"It took the place of the training before, which is kept in {result.kept}. To have that back: {back}",
    ]
