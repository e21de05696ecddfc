"""Train the heads of one encoder, or of several joined, on a library."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from antiphon.align.assembly import prepare, prepare_finetuning
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.naming import require_no_fusion, text_unasked, training_name
from antiphon.align.checkpoint.paths import checkpoint_paths, only_trainer, require_name, run_folder, serving_path
from antiphon.align.config import TrainConfig
from antiphon.align.data.learned import learnable
from antiphon.align.data.material import Material, read_material, with_phrases
from antiphon.align.ensemble.closed_forms import fitted_on
from antiphon.align.ensemble.linear.look import SHARE
from antiphon.align.ensemble.serving import write_for_search
from antiphon.align.finetune.beside_frozen import FrozenRecipe
from antiphon.align.finetune.lora import peft_library
from antiphon.align.train_result import TrainResult as TrainResult
from antiphon.align.training.cpu import keep_freed_memory, one_thread_if_small
from antiphon.align.training.distributed import Processes, is_first, started_processes
from antiphon.align.training.results.after_epoch import complete_curves
from antiphon.align.training.results.history import EpochRecord, complete_history
from antiphon.align.training.results.replacing import apart, conclude, finish_taking_place
from antiphon.align.training.results.trackers.opened import require_trackers
from antiphon.align.training.run import OnEpoch, OnStep, Run
from antiphon.align.training.schedule import TrainingProgress
from antiphon.align.training.solved import Solved
from antiphon.align.training.start import Start, content_of, decided_start, find_start, has_other_data
from antiphon.embed import load_text_encoder
from antiphon.encoders._shared.tunable import tunable
from antiphon.errors import CheckpointError, ConfigError
from antiphon.library.commands import command
from antiphon.library.lock import require_writable
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions


def train(
    root: Path,
    encoder: str,
    *,
    text: str | None = None,
    name: str | None = None,
    config: TrainConfig | None = None,
    resume: bool = False,
    overwrite: bool = False,
    again: bool = False,
    on_epoch: OnEpoch | None = None,
    on_step: OnStep | None = None,
    on_frozen: OnEpoch | None = None,
) -> TrainResult:
    """Train text and audio heads on the train split, judged on the val split after each epoch.

    Parameters
    ----------
    root : library folder.
    encoder, text : names of audio and text vectors that the library has, several of them joined by +; None for the text
        vectors that :func:`antiphon.align.checkpoint.naming.text_unasked` names.
    name : under which its files stand; None for :func:`antiphon.align.checkpoint.naming.training_name`.
    config : None for the defaults (or, when resuming, for the settings of the run that is resumed).
    resume : go on with a training of this name although how long it trains has changed.
    overwrite : start anew in place of a training of this name.
    again : learn anew where a training of this name has learned from other data than the library has now: it stays in
        use until the new one is whole, and is kept (:mod:`antiphon.align.training.results.replacing`).
    on_epoch : called after each epoch, by the first process only; its files are written beside the next epoch, and are
        there when that ends. Of the first epochs it is called when closed forms are solved, which goes on beside them.
    on_step : called after each optimizer step, by the first process only; those on frozen text vectors included.
    on_frozen : the same for the epochs on frozen text vectors that come before fine-tuning the text encoder.

    The same call again goes on with what was interrupted, and the outcome is that of a run which was never stopped;
    what is finished is left as it is. Processes started together (``torchrun --nproc-per-node 2 -m antiphon train …``)
    share every batch.

    Raises
    ------
    LibraryError : vectors or captions are missing, or another process is at a training of this name.
    EmbeddingError : where phrases take part: one has no vector yet.
    ConfigError : there is a training of this name with other settings or data; training diverged; no such name;
        several text encoders where one is to be fine-tuned.
    CheckpointError : resuming from a damaged file, or on other vectors or splits.
    KeyboardInterrupt : Ctrl-C; the last complete epoch is saved, and the same call goes on from there.
    """
    started = time.perf_counter()
    keep_freed_memory()
    home = _home(Path(root), encoder, text, name, config, resume=resume)
    learned = learnable(Library(root), encoder, home.text_encoder, home.kinds.kinds)
    with (
        started_processes() as processes,
        only_trainer(home.root, home.name) if processes.first else nullcontext(),
    ):
        if processes.first:
            finish_taking_place(home.root, home.name)
        home = replace(home, content=processes.same(lambda: content_of(home)))
        anew = again and processes.same(lambda: has_other_data(home, config))
        material = apart(home) if anew else home
        start = decided_start(material, config, processes=processes, resume=resume, overwrite=overwrite, anew=anew)
        if start.bundle is not None and start.finished:
            if processes.first and not serving_path(material.root, material.name).exists():  # stopped before it
                write_for_search(_with_phrases(material, home, start.config), start.config)
            kept = conclude(material, home, learned) if processes.first else None
            return replace(_finished_before(home, start.bundle), kept=kept)
        if processes.first:
            require_trackers(start.config.log_to)
        material = _with_phrases(material, home, start.config)
        if start.config.finetune_text == "none":
            run: Run | Solved = _trained(material, start, processes, (on_epoch, on_step))
        else:
            frozen = partial(find_start, resume=resume, overwrite=overwrite)
            run = _finetuning(material, start, processes=processes, find=frozen, tell=(on_frozen, on_step))
            _go(run, on_epoch, on_step)
        kept = conclude(material, home, learned) if processes.first else None
    found = _result(home, run, begun_after=start.progress.epoch, seconds=time.perf_counter() - started)
    return replace(found, kept=kept)


def _home(
    root: Path, encoder: str, text: str | None, name: str | None, config: TrainConfig | None, *, resume: bool
) -> Material:
    """A training's data in the library, its text encoder and its name chosen where they are not given."""
    require_no_fusion(root, encoder, text or "")
    if name is not None and name != f"{encoder}@{text}":  # which a training is called unasked
        require_name(name)
    if text is None:
        tuned = config is not None and config.finetune_text != "none"
        text = text_unasked(root, name or encoder, resume=resume, tuned=tuned)
    name = name or training_name(root, encoder, text)
    if root.is_dir():
        for folder in (root / "checkpoints", run_folder(root, name)):
            require_writable(folder)
    return read_material(root, encoder, text, name=name, kinds=_kinds_asked(root, name, config, resume=resume))


def _trained(
    material: Material, start: Start, processes: Processes, tell: tuple[OnEpoch | None, OnStep | None]
) -> Run | Solved:
    """A training on frozen vectors, gone through, and written for search."""
    with one_thread_if_small(material, start.config, processes=processes.size):
        run = prepare(material, start.config, start.bundle, processes=processes)
        _go(run, *tell)
        if processes.first:
            write_for_search(material, start.config)
    return run


def _with_phrases(material: Material, home: Material, config: TrainConfig) -> Material:
    """A training's data with phrases where its settings ask for them: they stand in the library, its ``home``."""
    return replace(material, phrases=with_phrases(home, config).phrases)


def _kinds_asked(root: Path, name: str, config: TrainConfig | None, *, resume: bool) -> str | None:
    """Kinds of captions that the settings name; a training that is resumed keeps those that it began with."""
    named = None if config is None else config.caption_kinds
    last = checkpoint_paths(root, name)["last"]
    if named is not None or not (resume and last.exists()):
        return named
    try:
        return Bundle.load(last).config.caption_kinds
    except CheckpointError:  # find_start says it, with what to do
        return None


def _finished_before(material: Material, last: Bundle) -> TrainResult:
    """What a training that is finished came to."""
    progress = TrainingProgress.from_dict(last.training["progress"])
    history = [EpochRecord.from_dict(line) for line in last.training["history"]]
    if is_first():
        complete_history(run_folder(material.root, material.name) / "history.jsonl", history)
        complete_curves(material, last.config, history)
    return TrainResult(
        name=material.name,
        encoder=material.encoder,
        config=last.config,
        checkpoints=checkpoint_paths(material.root, material.name),
        serving=_serving(material),
        history=history,
        begun_after=len(history),
        best_epoch=progress.best_r1_epoch,
        stopped_early=progress.epoch < last.config.planned_epochs,
        left_out=material.left_out,
        kinds=material.kinds,
        judged=material.judged,
        seconds=0.0,
        closed_form_mrr=last.val.get("closed_form_val_MRR"),
        closed_forms=fitted_on(last.space, last.audio_provenance.layout, len(last.train_ids)),
        linear_share=last.val.get(SHARE),
        frozen_mrr=last.val.get("frozen_val_MRR"),
    )


def _finetuning(
    material: Material,
    begun: Start,
    *,
    processes: Processes,
    find: Callable[[Material, TrainConfig], Start],
    tell: tuple[OnEpoch | None, OnStep | None],
) -> Run:
    """Fine-tuning, ready to go; what it starts from is trained first, in a folder of its own below ``runs/NAME``."""
    peft_library()
    if material.text_provenance.sources:
        one = material.text_provenance.sources[0].encoder
        raise ConfigError(
            f"Fine-tuning changes one text encoder, and {material.text_encoder} are several side by side.",
            fix=command(f"train --encoder {material.encoder} --text {one} --finetune-text lora", material.root),
        )
    if processes.size > 1:
        raise ConfigError("Fine-tuning the text encoder runs in one process.", fix="Start it without torchrun.")
    settings = begun.config
    encoder = load_text_encoder(material.text_provenance, LoadOptions(device=settings.device))
    tunable(encoder)
    if begun.bundle is not None:
        return prepare_finetuning(material, settings, begun.bundle, encoder, FrozenRecipe.from_checkpoint(begun.bundle))
    apart = replace(material, root=run_folder(material.root, material.name) / "frozen")
    start = find(apart, replace(settings, finetune_text="none"))
    with one_thread_if_small(material, start.config):
        try:
            prepare(apart, start.config, start.bundle).go(*tell)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "Stopped while training on frozen text vectors, before fine-tuning. The same command "
                "goes on from there."
            ) from None
    best = Bundle.load(checkpoint_paths(apart.root, apart.name)["best_r1"])
    return prepare_finetuning(material, settings, None, encoder, FrozenRecipe.from_checkpoint(best))


def _go(run: Run | Solved, on_epoch: OnEpoch | None, on_step: OnStep | None) -> None:
    try:
        run.go(on_epoch, on_step)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_interrupted(run)) from None


def _result(material: Material, run: Run | Solved, *, begun_after: int, seconds: float) -> TrainResult:
    return TrainResult(
        name=material.name,
        encoder=material.encoder,
        config=run.config,
        checkpoints=checkpoint_paths(material.root, material.name),
        serving=_serving(material),
        history=run.history,
        begun_after=begun_after,
        best_epoch=run.progress.best_r1_epoch,
        stopped_early=run.progress.epoch < run.config.planned_epochs,
        left_out=material.left_out,
        kinds=material.kinds,
        judged=material.judged,
        seconds=seconds,
        closed_form_mrr=run.figures.get("closed_form_val_MRR"),
        closed_forms=None
        if run.after_epoch is None
        else fitted_on(run.after_epoch.product.space, material.audio_provenance.layout, len(material.train_ids)),
        linear_share=run.figures.get(SHARE),
        frozen_mrr=run.figures.get("frozen_val_MRR"),
    )


def _serving(material: Material) -> Path | None:
    path = serving_path(material.root, material.name)
    return path if path.exists() else None


def _interrupted(run: Run | Solved) -> str:
    if not run.progress.epoch:
        return "Stopped before the first epoch was complete; nothing is saved."
    return (
        f"Stopped. Epoch {run.progress.epoch} of {run.config.planned_epochs} is saved; the same command goes on from "
        "there."
    )
