"""Train the heads of one encoder, or of all, on a library."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from antiphon.align.checkpoint import Bundle
from antiphon.align.config import TrainConfig, differing, resolve
from antiphon.align.history import EpochRecord
from antiphon.align.prepare import Material, read_material, settle
from antiphon.align.processes import team
from antiphon.align.run import OnEpoch, Run, checkpoint_paths
from antiphon.align.threads import few_threads
from antiphon.errors import CheckpointError, ConfigError, LibraryError
from antiphon.library.tracks import Library

MAY_CHANGE = frozenset({"epochs", "patience", "device", "memory_gb"})
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


def train(
    root: Path,
    encoder: str,
    *,
    text: str = "minilm",
    config: TrainConfig | None = None,
    resume: bool = False,
    on_epoch: OnEpoch | None = None,
) -> TrainResult:
    """Train text and audio heads on the train split, judged on the val split after each epoch.

    Parameters
    ----------
    root : library folder.
    encoder, text : names of audio and text vectors that the library has.
    config : None for the defaults (or, when resuming, for the settings of the run that is resumed).
    resume : go on from ``…_last.pt``; the outcome is that of a run which was never stopped. Without one it starts anew.
    on_epoch : called after each epoch is saved, by the first process only.

    Processes started together (``torchrun --nproc-per-node 2 -m antiphon train …``) share every batch.

    Raises
    ------
    LibraryError : vectors or captions are missing.
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
    material = read_material(Path(root), encoder, text)
    with team() as all_of_us:
        last = checkpoint_paths(material.root, encoder)["last"]
        bundle = Bundle.load(last) if resume and last.exists() else None
        settings = all_of_us.same(lambda: _settings(material, config, bundle))
        with few_threads(material, settings, processes=all_of_us.size):
            run = Run(material, settings, bundle, team=all_of_us)
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
            results[name] = train(root, name, text=text, config=config, resume=resume, on_epoch=tell)
    return results


def _settings(material: Material, config: TrainConfig | None, bundle: Bundle | None) -> TrainConfig:
    if bundle is None:
        return settle(config or TrainConfig(), len(material.train_ids))
    where = f"checkpoints/{bundle.name}.pt"
    if bundle.split_fingerprint != material.split_fingerprint or bundle.train_ids != list(material.train_ids):
        raise CheckpointError(
            f"{where} was trained on another train split than the library has now.", fix="Train anew, without --resume."
        )
    bundle.require(audio=material.audio_provenance, text=material.text_provenance)
    if config is None:
        return bundle.config
    wanted = resolve(config, len(material.train_ids))
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


def _interrupted(run: Run) -> str:
    if not run.progress.epoch:
        return "Stopped before the first epoch was complete; nothing is saved."
    return (
        f"Stopped. Epoch {run.progress.epoch} of {run.config.epochs} is saved; go on with: "
        f"antiphon train --encoder {run.material.encoder} --resume --library {run.material.root}"
    )
