"""Commands that learn and judge: train, evaluate, compare, diagnose."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.align.config import TrainConfig
from antiphon.align.recipes import settings_from
from antiphon.align.train_all import train_all
from antiphon.align.train_result import TrainResult
from antiphon.align.training.distributed import is_first
from antiphon.align.training.results.history import EpochRecord, console_block, console_line
from antiphon.align.training.run import Steps
from antiphon.api.embedded import trained_together
from antiphon.cli.output.console import JsonOption, LibraryOption, ProgressBars, note, say, say_json, table
from antiphon.cli.tuning import require_sensible, run_sweeps
from antiphon.errors import LibraryError
from antiphon.evaluate import benchmark
from antiphon.evaluate.compare.paired import compare as compare_encoders
from antiphon.evaluate.console import (
    evaluation_lines,
    finished_before_line,
    judge_training,
    training_lines,
    training_summary,
)
from antiphon.evaluate.doctor.diagnose import diagnose as diagnose_training
from antiphon.evaluate.doctor.gather import diagnosable
from antiphon.library.captions import KINDS, CaptionKind
from antiphon.library.commands import place
from antiphon.library.next_step import next_step
from antiphon.library.tracks import Library
from antiphon.search.searcher import best_checkpoint

Names = Annotated[list[str], Parameter(consume_multiple=True, negative="")]


def train(
    *,
    encoder: Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")] = None,
    text: str = "minilm",
    name: str | None = None,
    config: str | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    seed: int | None = None,
    kinds: Annotated[list[CaptionKind] | None, Parameter(consume_multiple=True, negative="")] = None,
    finetune_text: Literal["none", "lora"] | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
    sweep: int | None = None,
    minutes: float | None = None,
    log: Literal["block", "line"] = "block",
    quiet: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Train projection heads for one encoder, several, or all that the library has vectors of.

    The same command again goes on with what was interrupted, and leaves alone what is finished.

    Parameters
    ----------
    encoder
        Names of audio encoders; names joined by + (muq+mert) train one shared space from several. "all" for
        each one alone. Default: those that `embed` runs unasked joined into one, then each other one.
    text
        The text encoder whose vectors to train on.
    name
        What to call the training, so that several of one encoder stand side by side. Default: the encoder's name.
    config
        A TOML file with settings, or a recipe, settings that go together: fast (closed forms alone, in seconds),
        heads (no closed forms), small and large (whatever the number of tracks), plain (heads as most projects train
        them, to compare with). Default: settings are chosen from the data.
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
    quiet
        Print the best epoch of each training only.
    json
        Print one JSON object an encoder at the end; epochs go to stderr.
    library
        The library's folder.
    """
    encoder = encoder or trained_together(library)
    named = None if not kinds else "+".join(kind for kind in KINDS if kind in kinds)
    settings = _settings(
        config,
        epochs=epochs,
        patience=patience,
        seed=seed,
        caption_kinds=named,
        finetune_text=finetune_text,
        resume=resume,
    )
    require_sensible(sweep, minutes, goes_on=resume or overwrite)
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
    with EpochLog(None if quiet else log, note if json else say) as told:
        results = train_all(
            library,
            encoder,
            text=text,
            name=name,
            config=settings,
            resume=resume,
            overwrite=overwrite,
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
    logs = shlex.quote(str(Path(library) / "logs" / "tensorboard"))
    note(["", f"Curves: tensorboard --logdir {logs}", "Next: antiphon compare, then antiphon diagnose"])


class EpochLog:
    """What is shown while trainings run: each epoch as it ends, and on a terminal a bar with the time left.

    Parameters
    ----------
    form : ``"block"`` or ``"line"``; None for the bar alone.
    show : prints lines.
    """

    def __init__(self, form: Literal["block", "line"] | None, show: Callable[[list[str]], None]) -> None:
        self._form, self._show = form, show
        self._bars = ProgressBars()
        self._named: set[str] = set()
        self._epochs = 0

    def __enter__(self) -> EpochLog:
        return self

    def __exit__(self, *error: Any) -> None:
        self._bars.__exit__(*error)

    def step(self, label: str, steps: Steps) -> None:
        """One optimizer step was made."""
        self._epochs = steps.epochs
        self._bars.update(label, steps.done, steps.total, f"epoch {steps.epoch} of {steps.epochs}")

    def epoch(self, label: str, record: EpochRecord) -> None:
        """One epoch has ended."""
        if self._form is None:
            return
        name = [] if label in self._named else [f"{label}:"]
        self._named.add(label)
        self._show([*name, (console_line if self._form == "line" else console_block)(record, self._epochs)])


def _end_of_training(library: Path, result: TrainResult) -> list[str]:
    if result.finished_before:
        return [finished_before_line(result)]
    return training_lines(result, judge_training(library, result))


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


def evaluate(
    checkpoint: Path | None = None,
    *,
    split: str = "test",
    baselines: bool = True,
    every_query: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Measure a checkpoint on a split, with chance, 95 % intervals and baselines beside it.

    Parameters
    ----------
    checkpoint
        A checkpoint file such as checkpoints/muq_best_r1.pt, or the name of a training for its best. Default: the
        best of all, on val.
    split
        train, val or test. The test split is the final benchmark.
    baselines
        Show ridge regression and CCA on the same vectors, and the native text tower where the encoder has one.
    every_query
        Ask the baselines every query, and choose their settings on all of val, where by default a sample of a large
        split is enough. The checkpoint itself is always asked everything.
    json
        Print the result as JSON.
    library
        The library's folder.
    """
    path = best_checkpoint(library) if checkpoint is None else find_checkpoint(library, checkpoint)
    result = benchmark.evaluate(library, path, split=split, baselines=baselines, every_query=every_query)
    if json:
        say_json(result)
    else:
        say(evaluation_lines(result))


def compare(*, split: str = "test", json: JsonOption = False, library: LibraryOption = Path()) -> None:
    """The encoder table: which one retrieves best here, and whether the difference is significant.

    Also writes comparison.md, comparison.csv and comparison.json into the library.

    Parameters
    ----------
    split
        Which split to compare on.
    json
        Print the comparison as JSON.
    library
        The library's folder.
    """
    comparison = compare_encoders(library, split=split)
    try:
        comparison.write(library)
    except OSError as error:
        note(f"Warning: the comparison is shown, but not written: {error.filename}: {error.strerror}.")
    if json:
        say_json(comparison.to_dict())
        return
    headings, rows = comparison.table()
    spare = ("search ms", "train s", "a2t MRR (95 %)", "t2a MRR (95 %)", "embed/min", "kB a track")
    table(headings[:-1], [row[:-1] for row in rows], right=headings[1:-1], spare=spare)
    titles = [f"  {row.name}: {'; '.join(row.best_for)}" for row in comparison.rows if row.best_for]
    say(["", "Best for:", *titles, "", *comparison.lines()])


def diagnose(
    name: Annotated[str | None, Parameter(name=["--name", "--encoder"])] = None,
    *,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """The training doctor: what the history says and what to do.

    Parameters
    ----------
    name
        Of a training (its encoder's, unless it was given another) or of a fusion (muq,mert). Default: all of them.
    json
        Print the findings as JSON.
    library
        The library's folder.
    """
    names = [name] if name else diagnosable(Library(library).root)
    if not names:
        raise LibraryError(f"Nothing was trained in {place(library)} yet.", fix=next_step(Library(library)))
    diagnoses = [diagnose_training(library, each) for each in names]
    if json:
        say_json([diagnosis.to_dict() for diagnosis in diagnoses])
        return
    for i, diagnosis in enumerate(diagnoses):
        say([*([""] if i else []), *diagnosis.lines()])
