"""The optimizer steps of an epoch.

Every epoch has random streams of its own, derived from (seed, epoch): what an epoch does depends on the weights it
starts from and on its number, never on how often the process was interrupted before it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from antiphon.align.config import TEMPERATURE_MAX, TEMPERATURE_MIN, TrainConfig
from antiphon.align.data.batches import Batch, Captions, batches_per_epoch, epoch_batches
from antiphon.align.data.features import Features, Index
from antiphon.align.data.prefetch import prefetch
from antiphon.align.losses.targets import SoftTargets
from antiphon.align.model import SharedSpace
from antiphon.align.training.adamw import adamw
from antiphon.align.training.distributed import ALONE, Processes
from antiphon.align.training.schedule import CLIP, FINAL_LR, LAYER_LR, WARMUP, learning_rate


class LearningText(Protocol):
    """Vectors of texts by an encoder that learns with the heads (:mod:`antiphon.align.finetune.tuned_text`)."""

    def take(self, captions: Index) -> Tensor:
        """(len(captions), d) standardised vectors; the loss's gradient by them is wanted."""
        ...

    def learn(self, share: float) -> None:
        """One optimizer step from that gradient, with this share of the highest learning rate."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Inverse of :meth:`state_dict`."""
        ...


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What steps are made of.

    Parameters
    ----------
    audio, text : standardised vectors of tracks and of captions, after these of their phrases where phrases take part;
        text may come from an encoder that learns.
    meaning : unit-length text vectors that tell which texts are alike, row by row those of ``text``, or None where
        nobody asks.
    captions : who says what.
    """

    audio: Features
    text: Features | LearningText
    meaning: Tensor | None
    captions: Captions


@dataclass(frozen=True, kw_only=True)
class StepMeans:
    """Means over an epoch's steps, and how long they took; ``broke_at`` is the first step (1-based) whose loss or
    gradient was not finite, 0 where all were."""

    loss: float
    grad_norm: float
    lr: float
    steps: int
    pairs: int
    seconds: float
    broke_at: int = 0

    @property
    def is_finite(self) -> bool:
        """Whether training has not failed."""
        return math.isfinite(self.loss) and math.isfinite(self.grad_norm)


class Loop:
    """Optimizer and step counter around a :class:`SharedSpace`.

    Parameters
    ----------
    space : trained in place.
    data : of the training split.
    config : resolved.
    dtype : of the heads' matrix products.
    processes : the processes that share each batch; ``data`` is this one's shard.
    """

    def __init__(
        self,
        space: SharedSpace,
        data: TrainingData,
        config: TrainConfig,
        *,
        dtype: torch.dtype,
        processes: Processes = ALONE,
    ) -> None:
        self.space = space
        self.data = data
        self.config = config
        self.dtype = dtype
        self.processes = processes
        self.device = space.log_scale.device
        self.step = 0
        self.optimizer = adamw(_groups(space, config), lr=config.lr, device=self.device)
        self.learning_text = None if isinstance(data.text, Features) else data.text

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in an epoch."""
        passes, in_pass = batches_per_epoch(
            self.data.captions.n_tracks, self.config.batch_size or 1, self.config.epoch_steps
        )
        return passes * in_pass

    def run_epoch(self, epoch: int, *, on_step: Callable[[], None] | None = None) -> StepMeans:
        """Make the steps of one epoch (1-based).

        Parameters
        ----------
        on_step : called after each step.

        Returns
        -------
        Means over the steps; not finite if training has failed.
        """
        started = time.perf_counter()
        losses, norms, pairs = [], [], 0
        self.space.train()
        with torch.random.fork_rng(_devices(self.device)):
            seeds = [self.config.seed, epoch, 1, *([self.processes.index] if self.processes.index else [])]
            torch.manual_seed(int(np.random.SeedSequence(seeds).generate_state(1)[0]))
            for batch, audio, text in self._batches(epoch):
                loss, norm = self._one(batch, audio, text)
                losses.append(loss)
                norms.append(norm)
                pairs += len(batch.captions)
                if on_step is not None:
                    on_step()
        return StepMeans(
            loss=float(torch.stack(losses).mean()),
            grad_norm=float(torch.stack(norms).mean()),
            lr=self.optimizer.param_groups[0]["lr"],
            steps=len(losses),
            pairs=self.processes.sum(pairs, self.device),
            seconds=time.perf_counter() - started,
            broke_at=_first_broken(torch.stack(losses), torch.stack(norms)),
        )

    def _batches(self, epoch: int) -> Iterator[tuple[Batch, Tensor, Tensor]]:
        data, config = self.data, self.config
        batches = epoch_batches(
            data.captions,
            np.random.default_rng([config.seed, epoch, 0]),
            batch_size=config.batch_size or 1,
            epoch_steps=config.epoch_steps,
            phrase_chance=config.caption_phrases or 0.0,
        )
        shards = (self.processes.shard(batch, data.captions.n_tracks) for batch in batches)
        ready = ((batch, data.audio.take(batch.tracks)) for batch in shards)
        for batch, audio in ready if data.audio.in_memory else prefetch(ready):
            yield batch, audio, data.text.take(batch.captions)

    def _one(self, batch: Batch, audio: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        """Make one step; returns its loss and the norm of its gradient."""
        share = self._next_rate()
        loss = self._loss(batch, audio, text)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.learning_text is not None:
            self.learning_text.learn(share)
        self.processes.average(self.space.parameters())
        norm = nn.utils.clip_grad_norm_(self.space.parameters(), CLIP)
        self.optimizer.step()
        self.space.bound_temperature(TEMPERATURE_MIN, TEMPERATURE_MAX)
        self.step += 1
        return loss.detach(), norm

    def _next_rate(self) -> float:
        """Set the learning rates of the coming step; returns them as a share of the highest."""
        total = self.config.planned_epochs * self.steps_per_epoch
        rate = learning_rate(self.step, total, peak=self.config.lr, warmup=WARMUP, final=FINAL_LR)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        return rate / self.config.lr

    def _loss(self, batch: Batch, audio: Tensor, text: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            sound, words = self.space.audio.project(audio), self.space.text.project(text)
        return self.space.loss(
            words,
            sound,
            batch.positives.to(self.device),
            kind=self.config.loss,
            soft=self._soft(batch),
            exclude=None if batch.exclude is None else batch.exclude.to(self.device),
            group=self.processes.group,
        )

    def _soft(self, batch: Batch) -> SoftTargets | None:
        """What the loss makes of texts that say nearly the same."""
        if self.data.meaning is None:
            return None
        features = self.data.meaning.index_select(0, torch.from_numpy(batch.captions)).to(self.device, torch.float32)
        return SoftTargets(features, weight=self.config.soft_weight or 0.0)

    def state_dict(self) -> dict[str, Any]:
        """All that the next epoch depends on, beside the settings and the data."""
        return {
            "step": self.step,
            "space": self.space.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            **({} if self.learning_text is None else {"tuned": self.learning_text.state_dict()}),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Inverse of :meth:`state_dict`."""
        self.step = state["step"]
        self.space.load_state_dict(state["space"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.learning_text is not None:
            self.learning_text.load_state_dict(state["tuned"])


def _groups(space: SharedSpace, config: TrainConfig) -> list[dict[str, Any]]:
    """Matrices decay; biases, layer weights and the temperature do not, and layer weights have a rate of their own."""
    layers = [p for name, p in space.named_parameters() if "layer_logits" in name]
    own = {id(p) for p in layers}
    matrices = [p for p in space.parameters() if p.ndim > 1]
    others = [p for p in space.parameters() if p.ndim <= 1 and id(p) not in own]
    return [
        {"params": matrices, "weight_decay": config.weight_decay, "factor": 1.0},
        {"params": others, "weight_decay": 0.0, "factor": 1.0},
        {"params": layers, "weight_decay": 0.0, "factor": LAYER_LR},
    ]


def _devices(device: torch.device) -> list[int]:
    if device.type != "cuda":
        return []
    return [torch.cuda.current_device() if device.index is None else device.index]


def _first_broken(losses: Tensor, norms: Tensor) -> int:
    """The first step, from 1, whose loss or gradient norm is not finite; 0 where all are."""
    broken = ~(torch.isfinite(losses.float()) & torch.isfinite(norms.float()))
    return int(broken.int().argmax()) + 1 if bool(broken.any()) else 0
