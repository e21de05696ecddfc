"""Train the heads of one encoder, or of all, on a library.

What is written, and when: after each epoch the checkpoints that became better, then ``…_last.pt`` (from then on the
epoch counts as done), then the history. ``…_last.pt`` carries the history too, so that going on after a crash between
two of these files neither repeats an epoch in it nor loses one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from antiphon.align.checkpoint import Bundle
from antiphon.align.config import TrainConfig, differing, resolve, to_toml
from antiphon.align.history import EpochRecord, TensorBoard, append_history, write_history
from antiphon.align.loop import Loop, Stepped
from antiphon.align.measure import measure
from antiphon.align.model import SharedSpace
from antiphon.align.prepare import Material, compute_dtype, fresh_space, read_material, settle, training_data
from antiphon.align.schedule import Progress
from antiphon.errors import CheckpointError, ConfigError, LibraryError
from antiphon.library.files import write_text
from antiphon.library.tracks import Library

OnEpoch = Callable[[EpochRecord], None]
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
    """

    encoder: str
    config: TrainConfig
    checkpoints: dict[str, Path]
    history: list[EpochRecord]
    best_epoch: int
    stopped_early: bool
    left_out: dict[str, str]
    seconds: float


def checkpoint_paths(root: Path, encoder: str) -> dict[str, Path]:
    """Where the three checkpoints of an encoder stand."""
    return {kind: Path(root) / "checkpoints" / f"{encoder}_{kind}.pt" for kind in ("best_r1", "best_loss", "last")}


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
    on_epoch : called after each epoch is saved.

    Raises
    ------
    LibraryError : vectors or captions are missing.
    ConfigError : resuming with other settings, or training diverged.
    CheckpointError : resuming from a damaged file, or on other vectors or splits.
    KeyboardInterrupt : Ctrl-C; the last complete epoch is saved, the message says how to go on.
    """
    started = time.perf_counter()
    material = read_material(Path(root), encoder, text)
    last = checkpoint_paths(material.root, encoder)["last"]
    bundle = Bundle.load(last) if resume and last.exists() else None
    run = Run(material, _settings(material, config, bundle), bundle)
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


class Run:
    """One training under way: the loop, what it has reached, and where it writes.

    Parameters
    ----------
    material : the data.
    config : resolved.
    bundle : the ``…_last.pt`` to go on from, or None to start anew.
    """

    def __init__(self, material: Material, config: TrainConfig, bundle: Bundle | None) -> None:
        self.material = material
        self.config = config
        self.paths = checkpoint_paths(material.root, material.encoder)
        self.folder = material.root / "runs" / material.encoder
        self.progress = Progress()
        self.history: list[EpochRecord] = []
        space = fresh_space(material, config)
        if bundle is not None:
            space.load_state_dict(bundle.space.state_dict())
        self.loop = Loop(space, training_data(material, space, config), config, dtype=compute_dtype(config))
        self.sample = material.train_sample(config.seed)
        if bundle is not None:
            self.loop.load_state_dict(bundle.training["loop"])
            self.progress = Progress.from_dict(bundle.training["progress"])
            self.history = [EpochRecord.from_dict(line) for line in bundle.training["history"]]
            write_history(self.folder / "history.jsonl", self.history)

    @property
    def finished(self) -> bool:
        """Whether there is no epoch left to do."""
        return self.progress.epoch >= self.config.epochs or self.progress.should_stop(self.config.patience)

    def go(self, on_epoch: OnEpoch | None) -> bool:
        """Run to the end; returns whether it stopped early."""
        board: TensorBoard | None = None
        try:
            while not self.finished:
                record = self._epoch()
                if board is None:
                    folder = self.material.root / "logs" / "tensorboard" / self.material.encoder
                    board = TensorBoard(folder, first_epoch=record.epoch)
                board.add(record)
                if on_epoch is not None:
                    on_epoch(record)
        finally:
            if board is not None:
                board.close()
        return self.progress.epoch < self.config.epochs

    def _epoch(self) -> EpochRecord:
        started = time.perf_counter()
        stepped = self.loop.run_epoch(self.progress.epoch + 1)
        self._check(stepped)
        record = self._measured(stepped)
        before, val = self.progress, record.val
        self.progress = before.after(
            step=self.loop.step,
            r1=None if val is None else val["t2a"]["R@1"],
            mrr=record.mean_mrr,
            loss=record.val_loss,
        )
        record = replace(record, seconds=time.perf_counter() - started)
        self.history.append(record)
        self._save(record)
        return record

    def _check(self, stepped: Stepped) -> None:
        if math.isfinite(stepped.loss) and math.isfinite(stepped.grad_norm):
            return
        epoch = self.progress.epoch
        raise ConfigError(
            f"Training diverged in epoch {epoch + 1}: loss {stepped.loss}, gradient norm {stepped.grad_norm}. "
            f"{f'Epoch {epoch} is saved' if epoch else 'Nothing was saved'}.",
            fix=f"Lower lr (now {self.config.lr:g}), keep clip at 1, or raise temperature_min "
            f"(now {self.config.temperature_min:g}).",
        )

    def _measured(self, stepped: Stepped) -> EpochRecord:
        space, kind, pairs = self.loop.measured, self.config.loss, self.material.val
        seen = measure(space, self.sample, kind=kind, with_retrieval=False)
        val = None if pairs is None else measure(space, pairs, kind=kind)
        return EpochRecord(
            epoch=self.progress.epoch + 1,
            train_loss=seen.loss,
            val_loss=None if val is None else val.loss,
            loss_chance=seen.chance if val is None else val.chance,
            step_loss=stepped.loss,
            val=None if val is None else val.retrieval,
            lr=stepped.lr,
            temperature=space.temperature,
            grad_norm=stepped.grad_norm,
            steps=stepped.steps,
            seconds=0.0,
            pairs_per_second=stepped.pairs / max(stepped.seconds, 1e-9),
        )

    def _save(self, record: EpochRecord) -> None:
        progress = self.progress
        if progress.epoch == 1:
            write_text(self.folder / "config.toml", to_toml(self.config))
        if progress.best_r1_epoch == progress.epoch:
            self._bundle("best_r1", self.loop.measured, record).save(self.paths["best_r1"])
        if progress.best_loss_epoch == progress.epoch:
            self._bundle("best_loss", self.loop.measured, record).save(self.paths["best_loss"])
        training = {
            "loop": self.loop.state_dict(),
            "progress": progress.to_dict(),
            "history": [r.to_dict() for r in self.history],
        }
        last = replace(self._bundle("last", self.loop.measured, record), training=training)
        last.save(self.paths["last"])
        if progress.epoch == 1:
            write_history(self.folder / "history.jsonl", self.history)
        else:
            append_history(self.folder / "history.jsonl", record)

    def _bundle(self, kind: str, space: SharedSpace, record: EpochRecord) -> Bundle:
        material = self.material
        return Bundle(
            name=f"{material.encoder}_{kind}",
            encoder=material.encoder,
            text_encoder=material.text_encoder,
            audio_provenance=material.audio_provenance,
            text_provenance=material.text_provenance,
            space=space,
            config=self.config,
            epoch=record.epoch,
            val=record.to_dict(),
            split_fingerprint=material.split_fingerprint,
            train_ids=list(material.train_ids),
        )
