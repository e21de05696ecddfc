"""The command ``train``: heads for one encoder, several, or all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from antiphon.align.config import TrainConfig
from antiphon.align.recipes import settings_from
from antiphon.api.chosen import trained_together
from antiphon.cli.output.console import SEVERAL, JsonOption, LibraryOption
from antiphon.errors import ConfigError
from antiphon.library.captions import KINDS, CaptionKind
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Kind, Library


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
    again: str | None = None,
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
    again
        Train again what a training of this name was, or a fusion, with its encoders, text encoders and settings, where
        there is something new. It answers until the new one is whole, and is kept in runs/NAME/before.
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
    _require_sensible(sweep, minutes, goes_on=resume or overwrite)
    if again is not None:
        others = (encoder, text, name, config, epochs, patience, seed, kinds, finetune_text, sweep, log_to)
        if resume or overwrite or any(other is not None for other in others):
            raise ConfigError(
                "--again trains with the encoders and settings that a training had.",
                fix=f"Leave out all but --again {again}, or train it anew with other settings: --overwrite",
            )
        from antiphon.cli.learning.running import run_again

        run_again(library, again, log=None if quiet else log, json=json)
        return
    unasked = encoder is None and text is None and name is None and not (resume or overwrite)
    encoder = encoder or trained_together(library)
    _require_vectors(library, encoder, text or ())
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
    # Torch takes seconds to load: what is mistyped is refused before.
    from antiphon.cli.learning.running import run_trainings

    run_trainings(
        library,
        encoder,
        text=text,
        name=name,
        config=settings,
        resume=resume,
        overwrite=overwrite,
        again=unasked and settings == TrainConfig(),
        sweep=sweep,
        minutes=minutes,
        seed=seed or 0,
        log=None if quiet else log,
        json=json,
    )


def _require_sensible(sweep: int | None, minutes: float | None, *, goes_on: bool) -> None:
    """Refuse options that would otherwise do nothing.

    Raises
    ------
    ConfigError : --minutes without --sweep; --resume, --overwrite or several processes with it.
    """
    if sweep is None and minutes is not None:
        raise ConfigError("--minutes ends a sweep.", fix=f"--sweep 30 --minutes {minutes:g}, or leave it out.")
    if sweep is not None and goes_on:
        raise ConfigError(
            "A sweep carries on by itself: --resume and --overwrite are for a training.",
            fix="Leave them out. To begin a sweep anew, give it a --name.",
        )
    if sweep is not None and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigError("A sweep runs in one process.", fix="Start it without torchrun.")


def _require_vectors(library: Path, encoders: Sequence[str], texts: Sequence[str]) -> None:
    """Refuse names of which the library has no vectors; those that are joined by commas are refused by training."""
    opened = Library(library)
    asked: dict[Kind, Sequence[str]] = {"audio": encoders, "text": texts}
    for kind, names in asked.items():
        for name in names:
            if "," not in name and name != "all":
                open_embedding(opened, kind, name)


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
