"""The command ``train``: heads for one encoder, several, or all."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from antiphon.align.config import TrainConfig
from antiphon.align.recipes import settings_from
from antiphon.align.train_all import train_all
from antiphon.align.train_result import TrainResult
from antiphon.align.training.distributed import is_first
from antiphon.align.training.results.replacing import AGAIN
from antiphon.api.chosen import trained_together
from antiphon.cli.learning.epoch_log import EpochLog
from antiphon.cli.learning.tuning import require_sensible, run_sweeps
from antiphon.cli.output.console import SEVERAL, JsonOption, LibraryOption, note, say, say_json
from antiphon.evaluate.console import (
    finished_before_line,
    judge_training,
    training_lines,
    training_summary,
)
from antiphon.library.captions import KINDS, CaptionKind
from antiphon.library.next_step import command, described, text_line
from antiphon.library.tracks import Library

Names = Annotated[list[str], SEVERAL]


def train(
    *,
    encoder: Annotated[list[str] | None, SEVERAL] = None,
    text: Annotated[list[str] | None, SEVERAL] = None,
    name: str | None = None,
    config: str | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    seed: int | None = None,
    kinds: Annotated[list[CaptionKind] | None, SEVERAL] = None,
    finetune_text: Literal["none", "lora"] | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
    sweep: int | None = None,
    minutes: float | None = None,
    log: Literal["block", "line"] = "block",
    log_to: Annotated[list[Literal["trackio", "wandb"]] | None, SEVERAL] = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Train projection heads for one encoder, several, or all that the library has vectors of.

    The same command again goes on with what was interrupted, and leaves alone what is finished. Where nothing is named
    it learns anew from what came into the library since: the training before answers until the new one is whole, and is
    kept in runs/NAME/before.

    Parameters
    ----------
    encoder
        Names of audio encoders; names joined by + (muq+mert) train one shared space from several. "all" for
        each one alone. Default: those that `embed` runs unasked joined into one, then each other one.
    text
        Text encoders whose vectors to train on, each by itself; names joined by + (minilm+mpnet) are read side by side.
        Default: minilm, joined to mpnet where that has read the captions.
    name
        What to call the training, so that several of one encoder stand side by side. Default: the encoder's name.
    config
        A TOML file with settings, or a recipe: settings that go together.
        fast: closed forms alone, solved in seconds; nothing is trained.
        heads: trained heads alone, no closed forms beside them.
        small: strong regularisation and closed forms, as for a few hundred tracks, whatever their number.
        large: wide heads, light regularisation, no closed forms, as for tens of thousands of tracks.
        plain: InfoNCE heads as most projects train them (batches of 32, temperature 0.07, no soft targets, no closed
        forms). Loss falls and R@1 climbs epoch by epoch from chance: to learn by, and to compare with.
        Default: settings are chosen from the data.
    epochs
        Epochs at most, in place of the setting's; with --finetune-text those of fine-tuning.
    patience
        Stop after this many epochs without a better val MRR (0: never), in place of the setting's.
    seed
        Seed, in place of the setting's.
    kinds
        Kinds of captions to learn from: human, tags (made from metadata), machine (made from the sound). Default:
        people's, with those that Antiphon made where a quick look inside the training split finds that they help.
    finetune_text
        lora: then train the upper layers of the text encoder too (slow; needs the extra "finetune").
    resume
        Go on with a training, also a finished one, with more --epochs.
    overwrite
        Train anew in the place of a training of the same name.
    sweep
        Try this many settings instead, judged on val, and write the best as a recipe (needs the extra "sweep").
    minutes
        Begin no further setting of a sweep after so many minutes.
    log
        What to print of each epoch: a block with every figure on a line of its own, or one line.
    log_to
        Draw the curves in trackio or wandb too, not in TensorBoard alone; nothing leaves this machine unless their own
        environment variables say so.
    quiet
        Print the best epoch of each training only.
    json
        Print one JSON object an encoder at the end; epochs go to stderr.
    library
        The library's folder.
    """
    require_sensible(sweep, minutes, goes_on=resume or overwrite)
    unasked = encoder is None and text is None and name is None and not (resume or overwrite)
    encoder = encoder or trained_together(library)
    if text is None and is_first():
        note(text_line(Library(library)))
    named = None if not kinds else "+".join(kind for kind in KINDS if kind in kinds)
    settings = _settings(
        config,
        epochs=epochs,
        patience=patience,
        seed=seed,
        caption_kinds=named,
        finetune_text=finetune_text,
        log_to=None if not log_to else tuple(log_to),
        resume=resume,
    )
    if sweep is not None:
        run_sweeps(
            library,
            encoder,
            text=text,
            name=name,
            config=settings,
            trials=sweep,
            minutes=minutes,
            seed=seed or 0,
            json=json,
        )
        return
    with EpochLog(None if quiet else log, note if json else say, lambda: _say_where_curves_are(library)) as told:
        results = train_all(
            library,
            encoder,
            text=text,
            name=name,
            config=settings,
            resume=resume,
            overwrite=overwrite,
            again=unasked and settings == TrainConfig(),
            on_epoch=told.epoch,
            on_step=told.step,
        )
    if not is_first():
        return
    if json:
        say_json([training_summary(result, judge_training(library, result)) for result in results.values()])
        return
    for result in results.values():
        say(["", *_end_of_training(library, result)])
    compared = f"{command('compare', library)}, then " if described(Library(library), "test") else ""
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


def _settings(config: str | None, *, epochs: int | None, resume: bool, **named: Any) -> TrainConfig | None:
    """The settings asked for, ``named`` where they are not None; None leaves them to the checkpoint that is resumed."""
    asked = {name: value for name, value in named.items() if value is not None}
    if config is None and epochs is None and not asked and resume:
        return None
    settings = replace(settings_from(config) if config else TrainConfig(), **asked)
    if epochs is None:
        return settings
    key = "epochs" if settings.finetune_text == "none" else "finetune_epochs"
    return replace(settings, **{key: epochs})  # type: ignore[arg-type]
