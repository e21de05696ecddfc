"""What a training is set up with: settings in full, a device, fresh heads, and features ready for steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from antiphon.align.closed_form.relevance import TRACKS, relevance
from antiphon.align.config import TrainConfig
from antiphon.align.data.batches import Captions
from antiphon.align.data.features import Features, Rows, moments
from antiphon.align.data.material import Material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.inference import standardised
from antiphon.align.losses.matmul import bfloat16_is_faster
from antiphon.align.model import SharedSpace, build_space
from antiphon.align.training.defaults import resolve_from_data
from antiphon.align.training.distributed import ALONE, Processes, owned
from antiphon.align.training.loop import TrainingData


def resolve_settings(config: TrainConfig, n_tracks: int, *, phrases: bool = False, kinds: str = "human") -> TrainConfig:
    """Fill every setting that is left to the data (as :func:`resolve_from_data`) or to the machine."""
    chosen = resolve_from_data(config, n_tracks, phrases=phrases, kinds=kinds)
    device = choose_device(chosen.device)
    precision = chosen.precision
    if precision == "auto":
        precision = "bfloat16" if bfloat16_is_faster(device) else "float32"
    return replace(chosen, precision=precision)


def choose_device(name: str) -> torch.device:
    """A torch device by name; ``"auto"`` takes a GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def fresh_space(material: Material, config: TrainConfig, processes: Processes = ALONE) -> SharedSpace:
    """Heads with seeded initial weights, standardisation fitted on the training split."""
    with torch.random.fork_rng([]):
        torch.manual_seed(config.seed)
        space = build_space(material.audio_provenance.layout, material.text_provenance.layout, config)
    audio, text = _own_rows(material, processes)
    space.audio.standardise.fit(*moments(material.train.audio.subset(audio), group=processes.group))
    space.text.standardise.fit(*moments(material.train.text.subset(text), group=processes.group))
    if space.text.standardise.weighs:
        _weigh(space, material.train, config.seed)
    space.to(choose_device(config.device))
    processes.align(space)
    return space


def _weigh(space: SharedSpace, train: PairSet, seed: int) -> None:
    """Weigh each side's numbers by what the other side tells of them, on some of the training tracks."""
    some = train.sample(TRACKS, np.random.default_rng([seed, 0, 4]))
    sound, words = standardised(space.audio, some.audio), standardised(space.text, some.text)
    owner, counts = some.track_of_caption, np.bincount(some.track_of_caption, minlength=len(sound))
    shares = torch.from_numpy(1 / counts[owner] if some.shares is None else some.shares)[:, None].to(words.dtype)
    mean = torch.zeros(len(sound), words.shape[1]).index_add_(0, torch.from_numpy(owner), words * shares)
    for head, factors in zip((space.text, space.audio), relevance(mean.numpy(), sound.numpy()), strict=True):
        if head.standardise.weighs:
            head.standardise.weigh(factors)


def _own_rows(material: Material, processes: Processes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the training tracks and captions that this process reads."""
    n = len(material.train_ids)
    return np.arange(n)[processes.own(n)], owned(processes, material.train.track_of_caption, n)


def training_data(
    material: Material, space: SharedSpace, config: TrainConfig, processes: Processes = ALONE
) -> TrainingData:
    """Standardised features of the process's own shard of the training split, in memory where they fit."""
    dtype = compute_dtype(config)
    device = choose_device(config.device)
    train = material.train
    own_audio, own_text = _own_rows(material, processes)
    texts, text_id, phrases = train.text, train.text_id, material.phrases
    if phrases is not None:
        matrix = np.concatenate([texts.raw(slice(None)).numpy(), phrases.vectors])
        of_own = phrases.phrase[np.isin(phrases.caption, own_text)]
        own_text = np.concatenate([own_text, len(texts) + np.unique(of_own)])
        texts, text_id = Rows.all_of(matrix), phrases.text_id
    held: dict[str, Any] = {"dtype": dtype, "device": device, "memory_bytes": config.memory_gb * 1e9}
    return TrainingData(
        audio=Features(train.audio, space.audio.standardise, own=own_audio, **held),
        text=Features(texts, space.text.standardise, own=own_text, **held),
        meaning=_unit(texts, dtype) if config.soft_weight else None,
        captions=Captions(train.track_of_caption, text_id, phrases, train.shares, material.judged.unsure),
    )


def compute_dtype(config: TrainConfig) -> torch.dtype:
    """The type of the heads' matrix products."""
    return torch.bfloat16 if config.precision == "bfloat16" else torch.float32


def _unit(rows: Rows, dtype: torch.dtype) -> Tensor:
    chunks = [torch.nn.functional.normalize(rows.raw(chunk).float(), dim=1).to(dtype) for chunk in rows.chunks()]
    return torch.cat(chunks)
