"""Commands that make more of trainings: sweeps over settings, and fusion of trained encoders."""

from __future__ import annotations

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
    names: Annotated[list[str], SEVERAL],
    /,
    *,
    shares: Annotated[list[float] | None, Parameter(consume_multiple=True, negative="")] = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Combine the best checkpoints of several trainings into one, their weights chosen on val.

    Parameters
    ----------
    names
        Two to eight trainings (of each its encoder's name where it was given no other).
    shares
        How much each counts, one number a training, such as 2 1. Default: chosen on val.
    json
        Print the result as JSON.
    library
        The library's folder.
    """
    result = fuse_encoders(library, names, shares=shares)
    if json:
        say_json(result.to_dict())
    else:
        say(result.lines())
