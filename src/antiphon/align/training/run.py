"""One training under way: epochs, what they are judged by, and the files they leave.

What is written, and when: after each epoch the checkpoints that became better, then ``…_last.pt`` (from then on the
epoch counts as done), then the history. ``…_last.pt`` carries the history too, so that going on after a crash between
two of these files neither repeats an epoch in it nor loses one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths, curves_folder, run_folder
from antiphon.align.config import TrainConfig, to_toml
from antiphon.align.data.material import Material, compute_dtype, fresh_space, training_data
from antiphon.align.ensemble.ensemble import Anchored, fit_anchor
from antiphon.align.finetune.tuning import Beside, Tuning
from antiphon.align.hubness.correction import Hubness, scored
from antiphon.align.hubness.fit import draw_reference, fit_hubness
from antiphon.align.inference import Meter
from antiphon.align.model import SharedSpace
from antiphon.align.training.cpu import few_blas_threads
from antiphon.align.training.defaults import closed_forms_stand
from antiphon.align.training.distributed import ALONE, Team
from antiphon.align.training.history import EpochRecord, TensorBoard, append_history, write_history
from antiphon.align.training.loop import Loop, Stepped
from antiphon.align.training.schedule import Progress
from antiphon.errors import ConfigError
from antiphon.library.files import write_text

OnEpoch = Callable[[EpochRecord], None]
OnStep = Callable[["Steps"], None]
METER_SHARE = 0.25
"""Of ``memory_gb``: what standardised vectors of val, of the train sample and of hubness's reference may take each."""


@dataclass(frozen=True)
class Steps:
    """How far a training has come: the epoch under way, epochs in all, optimizer steps made and in all (at most)."""

    epoch: int
    epochs: int
    done: int
    total: int


class Run:
    """One training under way: the loop, what it has reached, and where it writes.

    Parameters
    ----------
    material : the data.
    config : resolved.
    bundle : the ``…_last.pt`` to go on from, or None to start anew.
    team : the processes that train together; the first one measures and writes.
    tuning : the text encoder's part in it, where that is fine-tuned.
    """

    def __init__(
        self,
        material: Material,
        config: TrainConfig,
        bundle: Bundle | None,
        *,
        team: Team = ALONE,
        tuning: Tuning | None = None,
    ) -> None:
        self.team = team
        self.tuning = tuning
        self.material = material
        self.config = config
        self.paths = checkpoint_paths(material.root, material.name)
        self.folder = run_folder(material.root, material.name)
        self.progress = Progress()
        self.history: list[EpochRecord] = []
        space = fresh_space(material, config, team)
        data = training_data(material, space, config, team)
        if tuning is not None:
            data = tuning.begin(space, data)
        self.loop = Loop(space, data, config, dtype=compute_dtype(config), team=team)
        judged = [material.train_sample(config.seed), *([material.val] if material.val else [])] if team.first else []
        correct = team.first and config.hubness == "always"
        if correct:
            judged.insert(0, draw_reference(material.train, seed=config.seed))
        memory = METER_SHARE * config.memory_gb * 1e9
        self.anchored: Anchored | Beside | None = None
        if tuning is not None:  # text vectors change from epoch to epoch: nothing is kept standardised
            judged, memory = [tuning.measured(pairs, of_val=pairs is material.val) for pairs in judged], 0.0
            self.anchored = tuning.beside(space, judged[-1] if material.val else None)
        elif team.first:
            self.anchored = _anchored(self.loop, material, config)
        measured = space if self.anchored is None else self.anchored.space
        self.meters = [
            Meter(pairs, measured, memory_bytes=memory, lasting=self.anchored is not None) for pairs in judged
        ]
        self.reference = self.meters.pop(0) if correct else None
        self.hubness: Hubness | None = None
        if bundle is not None:
            self.loop.load_state_dict(bundle.training["loop"])
            self.progress = Progress.from_dict(bundle.training["progress"])
            self.history = [EpochRecord.from_dict(line) for line in bundle.training["history"]]
            if self.anchored is not None:
                self.anchored.space.load_state_dict(bundle.space.state_dict())
            if team.first:
                write_history(self.folder / "history.jsonl", self.history)

    @property
    def finished(self) -> bool:
        """Whether there is no epoch left to do."""
        return self.progress.finished(self.config.planned_epochs, self.config.patience)

    def go(self, on_epoch: OnEpoch | None, on_step: OnStep | None = None) -> bool:
        """Run to the end; returns whether it stopped early."""
        board: TensorBoard | None = None
        try:
            while not self.finished:
                record = self._epoch(on_step if self.team.first else None)
                if not self.team.first:
                    continue
                if board is None:
                    folder = curves_folder(self.material.root, self.material.name)
                    board = TensorBoard(folder, first_epoch=record.epoch)
                board.add(record)
                if on_epoch is not None:
                    on_epoch(record)
        finally:
            if board is not None:
                board.close()
        return self.progress.epoch < self.config.planned_epochs

    def _epoch(self, on_step: OnStep | None) -> EpochRecord:
        started = time.perf_counter()
        epoch, epochs, loop = self.progress.epoch + 1, self.config.planned_epochs, self.loop
        whole = epochs * loop.steps_per_epoch
        tell = None if on_step is None else lambda: on_step(Steps(epoch, epochs, loop.step, whole))
        stepped = loop.run_epoch(epoch, on_step=tell)
        self._check(stepped)
        record = self.team.same(lambda: self._measured(stepped))
        before, val = self.progress, record.val
        self.progress = before.after(
            step=self.loop.step,
            r1=None if val is None else val["t2a"]["R@1"],
            mrr=record.mean_mrr,
            loss=record.val_loss,
        )
        record = replace(record, seconds=time.perf_counter() - started)
        self.history.append(record)
        if self.team.first:
            self._save(record)
        return record

    def _check(self, stepped: Stepped) -> None:
        if math.isfinite(stepped.loss) and math.isfinite(stepped.grad_norm):
            return
        epoch = self.progress.epoch
        raise ConfigError(
            f"Training diverged in epoch {epoch + 1}: loss {stepped.loss}, gradient norm {stepped.grad_norm}. "
            f"{f'Epoch {epoch} is saved' if epoch else 'Nothing was saved'}.",
            fix=f"Lower lr (now {self.config.lr:g}), or raise temperature (now {self.config.temperature:g}), and train "
            "again with --overwrite.",
        )

    def _measured(self, stepped: Stepped) -> EpochRecord:
        pairs = self.meters[-1].pairs
        with few_blas_threads(len(pairs.text), len(pairs.audio), self.loop.space.audio.spec.dim):
            return self._judged(stepped)

    def _judged(self, stepped: Stepped) -> EpochRecord:
        space, kind = self._followed(), self.config.loss
        self.hubness = None if self.reference is None else fit_hubness(self.reference.vectors(space))
        seen = self.meters[0](space, kind=kind, with_retrieval=False)
        val = None
        if len(self.meters) > 1:
            val = self.meters[1](space, kind=kind, scored=partial(scored, hubness=self.hubness))
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

    def _followed(self) -> SharedSpace:
        """The heads to measure and save after an epoch: what was trained, beside the closed forms if there are any."""
        if self.anchored is not None:
            return self.anchored.follow(self.loop.space)
        return self.loop.space

    def _save(self, record: EpochRecord) -> None:
        progress = self.progress
        space = self.loop.space if self.anchored is None else self.anchored.space
        if progress.epoch == 1:
            write_text(self.folder / "config.toml", to_toml(self.config))
        if progress.best_r1_epoch == progress.epoch:
            self._bundle("best_r1", space, record).save(self.paths["best_r1"])
            (self.folder / "test_metrics.json").unlink(missing_ok=True)  # of the checkpoint that this replaces
        if progress.best_loss_epoch == progress.epoch:
            self._bundle("best_loss", space, record).save(self.paths["best_loss"])
        training = {
            "loop": self.loop.state_dict(),
            "progress": progress.to_dict(),
            "history": [r.to_dict() for r in self.history],
            "content": self.material.content,
        }
        last = replace(self._bundle("last", space, record), training=training)
        last.save(self.paths["last"])
        if progress.epoch == 1:
            write_history(self.folder / "history.jsonl", self.history)
        else:
            append_history(self.folder / "history.jsonl", record)

    @property
    def closed_form(self) -> dict[str, float | None]:
        """Mean-of-directions val MRR of the closed forms alone and their share in the whole; empty without any.

        With a text encoder that learns: the same of the whole frozen recipe, and the closed forms' alone.
        """
        if self.anchored is None:
            return {}
        if self.tuning is not None:
            frozen = {"frozen_val_MRR": self.anchored.val_mrr, "frozen_weight": self.anchored.share}
            return {**frozen, "closed_form_val_MRR": self.tuning.closed_form_mrr}
        return {"closed_form_val_MRR": self.anchored.val_mrr, "closed_form_weight": self.anchored.share}

    def _bundle(self, kind: str, space: SharedSpace, record: EpochRecord) -> Bundle:
        material = self.material
        return Bundle(
            name=f"{material.name}_{kind}",
            run=material.name,
            encoder=material.encoder,
            text_encoder=material.text_encoder,
            audio_provenance=material.audio_provenance,
            text_provenance=material.text_provenance,
            space=space,
            config=self.config,
            epoch=record.epoch,
            val={**record.to_dict(), **self.closed_form},
            split_fingerprint=material.split_fingerprint,
            train_ids=list(material.train_ids),
            adapter=None if self.tuning is None else self.tuning.adapter(),
            hubness=self.hubness,
        )


def _anchored(loop: Loop, material: Material, config: TrainConfig) -> Anchored | None:
    """The closed forms that the settings ask for."""
    layout = loop.space.audio.spec.layout
    if not closed_forms_stand(config, len(material.train_ids), layout.size):
        return None
    anchor = fit_anchor(
        material.train,
        material.val,
        parts=[part.size for part in layout.parts],
        caption_phrases=material.phrases,
        phrase_share=config.caption_phrases or 0.0,
    )
    return Anchored(loop.space, anchor, material.val)
