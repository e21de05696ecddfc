"""Commands that make more of trainings: sweeps over settings, and fusion of trained encoders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.checkpoint.naming import training_name
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse as fuse_encoders
from antiphon.align.sweep.search import Trial
from antiphon.align.sweep.search import sweep as sweep_encoder
from antiphon.align.train_all import trainings
from antiphon.cli.output.console import SEVERAL, JsonOption, LibraryOption, ProgressBar, say, say_json
from antiphon.errors import ConfigError


def require_sensible(sweep: int | None, minutes: float | None, *, goes_on: bool) -> None:
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


def run_sweeps(
    library: Path,
    encoders: Sequence[str],
    *,
    text: Sequence[str] | None,
    name: str | None,
    config: TrainConfig | None,
    trials: int,
    minutes: float | None,
    seed: int,
    json: bool,
) -> None:
    """``antiphon train --sweep N``: one sweep an encoder, each stopped by its number of trials or by time."""
    results = []
    for encoder, words in trainings(library, encoders, text, name):
        with ProgressBar(f"settings for {name or training_name(library, encoder, words)}") as bar:

            def on_trial(trial: Trial, bar: ProgressBar = bar) -> None:
                bar.update(trial.number + 1, trials, f"MRR {trial.mrr or 0:.4f}")

            results.append(
                sweep_encoder(
                    library,
                    encoder,
                    text=words,
                    name=name,
                    trials=trials,
                    minutes=minutes,
                    config=config,
                    seed=seed,
                    on_trial=on_trial,
                )
            )
    if json:
        say_json([result.to_dict() for result in results])
        return
    for result in results:
        say(result.lines())


def fuse(
    encoders: Annotated[list[str], SEVERAL],
    *,
    weights: Annotated[
        list[float] | None, Parameter(name=["--weights", "--shares"], consume_multiple=True, negative="")
    ] = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Combine the best checkpoints of several trainings into one, their weights chosen on val.

    Parameters
    ----------
    encoders
        Names of two to eight trainings (an encoder's name where the training was given no other).
    weights
        How much each counts, in place of choosing. (--shares is its older name.)
    json
        Print the result as JSON.
    library
        The library's folder.
    """
    result = fuse_encoders(library, encoders, shares=weights)
    if json:
        say_json(result.to_dict())
    else:
        say(result.lines())
