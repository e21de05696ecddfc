"""Train the heads of one encoder, or of all, on a library."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig, differing
from antiphon.align.data.material import Material, read_material, settle, with_phrases
from antiphon.align.finetune.lora import peft_library
from antiphon.align.finetune.tuning import Tuning, frozen_part
from antiphon.align.training.allocator import keep_freed_memory
from antiphon.align.training.cpu import few_threads
from antiphon.align.training.defaults import resolve
from antiphon.align.training.distributed import Team, team
from antiphon.align.training.history import EpochRecord
from antiphon.align.training.run import OnEpoch, Run
from antiphon.embed import load_text_encoder
from antiphon.encoders._shared.tunable import tunable
from antiphon.errors import CheckpointError, ConfigError, LibraryError
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions

MAY_CHANGE = frozenset({"epochs", "finetune_epochs", "patience", "device", "memory_gb"})
"""Settings that a resumed run may change: they say how long and where, not what is learned."""


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """What a training came to.

    Parameters
    ----------
    encoder : name.
    config : resolved settings.
    checkpoints : ``{"best_r1": path, "best_loss": path, "last": path}``.
    history : all epochs, those before a resumption included.
    best_epoch : the one in ``best_r1``.
    stopped_early : whether patience ran out before ``config.epochs``.
    left_out : tracks that could not take part → reason.
    seconds : wall time of this call.
    closed_form_mrr : mean-of-directions val MRR of the closed forms that stand beside the trained heads, alone; None
        without them or without a val split.
    frozen_mrr : where the text encoder was fine-tuned: the same of the whole recipe on frozen text vectors; else None.
    """

    encoder: str
    config: TrainConfig
    checkpoints: dict[str, Path]
    history: list[EpochRecord]
    best_epoch: int
    stopped_early: bool
    left_out: dict[str, str]
    seconds: float
    closed_form_mrr: float | None = None
    frozen_mrr: float | None = None


def train(
    root: Path,
    encoder: str,
    *,
    text: str = "minilm",
    config: TrainConfig | None = None,
    resume: bool = False,
    on_epoch: OnEpoch | None = None,
    on_frozen: OnEpoch | None = None,
) -> TrainResult:
    """Train text and audio heads on the train split, judged on the val split after each epoch.

    Parameters
    ----------
    root : library folder.
    encoder, text : names of audio and text vectors that the library has.
    config : None for the defaults (or, when resuming, for the settings of the run that is resumed).
    resume : go on from ``…_last.pt``; the outcome is that of a run which was never stopped. Without one it starts anew.
    on_epoch : called after each epoch is saved, by the first process only.
    on_frozen : the same for the epochs on frozen text vectors that come before fine-tuning the text encoder.

    Processes started together (``torchrun --nproc-per-node 2 -m antiphon train …``) share every batch.

    Raises
    ------
    LibraryError : vectors or captions are missing.
    EmbeddingError : where phrases take part: one has no vector yet.
    ConfigError : resuming with other settings, or training diverged.
    CheckpointError : resuming from a damaged file, or on other vectors or splits.
    KeyboardInterrupt : Ctrl-C; the last complete epoch is saved, the message says how to go on.
    """
    started = time.perf_counter()
    if "," in encoder:
        raise ConfigError(
            f"'{encoder}' names trainings to fuse; one training on several encoders is called "
            f"'{encoder.replace(',', '+')}'.",
            fix=f"antiphon fuse {encoder.replace(',', ' ')} --library {root}",
        )
    keep_freed_memory()
    material = read_material(Path(root), encoder, text)
    with team() as all_of_us:
        last = checkpoint_paths(material.root, encoder)["last"]
        bundle = Bundle.load(last) if resume and last.exists() else None
        settings = all_of_us.same(lambda: _settings(material, config, bundle))
        material = with_phrases(material, settings)
        tuning = None
        if settings.finetune_text != "none":
            tuning = _tuning(material, settings, bundle, team=all_of_us, resume=resume, on_frozen=on_frozen)
        with nullcontext() if tuning else few_threads(material, settings, processes=all_of_us.size):
            run = Run(material, settings, bundle, team=all_of_us, tuning=tuning)
            try:
                stopped = run.go(on_epoch)
            except KeyboardInterrupt:
                raise KeyboardInterrupt(_interrupted(run)) from None
    return TrainResult(
        encoder=encoder,
        config=run.config,
        checkpoints=run.paths,
        history=run.history,
        best_epoch=run.progress.best_r1_epoch,
        stopped_early=stopped,
        left_out=material.left_out,
        seconds=time.perf_counter() - started,
        closed_form_mrr=run.closed_form.get("closed_form_val_MRR"),
        frozen_mrr=run.closed_form.get("frozen_val_MRR"),
    )


def train_all(
    root: Path,
    encoders: str | Sequence[str] = "all",
    *,
    text: str = "minilm",
    config: TrainConfig | None = None,
    resume: bool = False,
    on_epoch: Callable[[str, EpochRecord], None] | None = None,
) -> dict[str, TrainResult]:
    """Train several encoders one after another, by default every one the library has vectors of.

    Raises
    ------
    LibraryError : there are no audio vectors at all. Otherwise as :func:`train`.
    """
    names = (
        Library(root).embedded("audio") if encoders == "all" else [encoders] if isinstance(encoders, str) else encoders
    )
    if not names:
        raise LibraryError(f"{root} has no audio vectors yet.", fix=f"antiphon embed --library {root}")
    results = {}
    with team():  # one group for all encoders
        for name in names:
            tell = None if on_epoch is None else (lambda record, name=name: on_epoch(name, record))
            before = None if on_epoch is None else (lambda r, name=name: on_epoch(f"{name}, text frozen", r))
            results[name] = train(root, name, text=text, config=config, resume=resume, on_epoch=tell, on_frozen=before)
    return results


def _settings(material: Material, config: TrainConfig | None, bundle: Bundle | None) -> TrainConfig:
    if bundle is None:
        return settle(config or TrainConfig(), **material.about)
    bundle.require_training()
    where = f"checkpoints/{bundle.name}.pt"
    if bundle.split_fingerprint != material.split_fingerprint or bundle.train_ids != list(material.train_ids):
        raise CheckpointError(
            f"{where} was trained on another train split than the library has now.", fix="Train anew, without --resume."
        )
    bundle.require(audio=material.audio_provenance, text=material.text_provenance)
    if config is None:
        return bundle.config
    wanted = resolve(config, **material.about)
    if config.caption_phrases is None:  # vectors of phrases may have come since
        wanted = replace(wanted, caption_phrases=bundle.config.caption_phrases)
    if wanted.precision == "auto":
        wanted = replace(wanted, precision=bundle.config.precision)
    changed = [key for key in differing(bundle.config, wanted) if key not in MAY_CHANGE]
    if changed:
        lines = "".join(f"\n  {k}: {getattr(bundle.config, k)} there, {getattr(wanted, k)} now" for k in changed)
        raise ConfigError(
            f"{where} was made with other settings.{lines}",
            fix="Resume with the same settings (without --config they are taken from the checkpoint), or train anew.",
        )
    return wanted


def _tuning(
    material: Material,
    settings: TrainConfig,
    bundle: Bundle | None,
    *,
    team: Team,
    resume: bool,
    on_frozen: OnEpoch | None,
) -> Tuning:
    """What fine-tuning starts from: the frozen recipe, trained first in a folder of its own below ``runs/ENCODER``."""
    peft_library()
    if team.size > 1:
        raise ConfigError("Fine-tuning the text encoder runs in one process.", fix="Start it without torchrun.")
    encoder = load_text_encoder(material.text_provenance, LoadOptions(device=settings.device))
    tunable(encoder)
    if bundle is not None:
        return Tuning(material, settings, encoder, frozen_part(bundle.space), bundle.val.get("closed_form_val_MRR"))
    apart = replace(material, root=material.root / "runs" / material.encoder / "frozen")
    last = checkpoint_paths(apart.root, material.encoder)["last"]
    begun = Bundle.load(last) if resume and last.exists() else None
    frozen = _settings(apart, replace(settings, finetune_text="none"), begun)
    with few_threads(material, frozen):
        run = Run(apart, frozen, begun)
        try:
            run.go(on_frozen)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "Stopped while training on frozen text vectors, before fine-tuning. Go on with the same command and "
                "--resume."
            ) from None
    best = Bundle.load(run.paths["best_r1"])
    return Tuning(material, settings, encoder, best.space, best.val.get("closed_form_val_MRR"))


def _interrupted(run: Run) -> str:
    if not run.progress.epoch:
        return "Stopped before the first epoch was complete; nothing is saved."
    return (
        f"Stopped. Epoch {run.progress.epoch} of {run.config.planned_epochs} is saved; go on with: "
        f"antiphon train --encoder {run.material.encoder} --resume --library {run.material.root}"
    )
