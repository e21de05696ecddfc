"""The contestants of this benchmark: each trains on the same files and tells when each epoch was done.

A contestant is a function (folder, epochs, seconds) → list of epochs; it stops early once it has used ``seconds`` of
processor time, in the middle of an epoch if need be. Only training is timed for the peers, their validation is not;
Antiphon's time has everything in it: reading, standardising, validation and three checkpoints an epoch.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from antiphon.metrics.retrieval import retrieval
from benchmarks.loss import peer_loss

Epoch = dict[str, float]
BATCH, SHARED, HIDDEN, LR = 256, 256, 512, 1e-3
PLAIN_BATCH, ACCUMULATE = 32, 8


class OutOfTimeError(Exception):
    pass


class Clock:
    """Processor and wall time, without what is paused."""

    def __init__(self, limit: float) -> None:
        self.limit, self.cpu, self.wall = limit, 0.0, 0.0
        self.resume()

    def resume(self) -> None:
        self._from = time.process_time(), time.perf_counter()

    def pause(self) -> None:
        self.cpu += time.process_time() - self._from[0]
        self.wall += time.perf_counter() - self._from[1]

    def check(self) -> None:
        if self.cpu + time.process_time() - self._from[0] > self.limit:
            raise OutOfTimeError


def judged(text: Tensor, audio: Tensor) -> float:
    """Mean of both directions' MRR on val pairs, by Antiphon's own exact ranks."""
    n = np.arange(len(text))
    found = retrieval(normalize(text, dim=1).numpy(), normalize(audio, dim=1).numpy(), n, n)
    return float(found["t2a"]["MRR"] + found["a2t"]["MRR"]) / 2


def antiphon(folder: Path, epochs: int, seconds: float, **settings: Any) -> list[Epoch]:
    """Antiphon's defaults, or with other settings."""
    from antiphon.align.config import TrainConfig
    from antiphon.align.train import train

    del seconds  # it is never the one that runs out
    wall, cpu, done = time.perf_counter(), time.process_time(), []

    def told(record: Any) -> None:
        took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        done.append({"epoch": record.epoch, "mrr": record.mean_mrr, **took})

    train(
        folder,
        "made",
        text="words",
        config=TrainConfig(epochs=epochs, patience=0, **settings),
        on_epoch=told,
        overwrite=True,
    )
    return done


def heads_alone(folder: Path, epochs: int, seconds: float) -> list[Epoch]:
    """Antiphon without closed forms beside what is trained, one copy of the heads: what the peers train, too."""
    return antiphon(folder, epochs, seconds, closed_form="none")


def bare_products(folder: Path, epochs: int, seconds: float) -> list[Epoch]:
    """Nothing but the matrix products of Antiphon's steps, in bfloat16: what no training of these heads can undercut.

    Two MLP heads and the loss, forward and backward, soft targets included; layers are mixed and the mixture's
    gradient taken. Inputs are made beforehand and used again and again.
    """
    from antiphon.align.config import TrainConfig
    from antiphon.align.training.defaults import resolve_from_data
    from antiphon.library.vectors.provenance import read_provenance

    audio, text, n = _halves(folder)
    config = resolve_from_data(TrainConfig(), n)
    layout = read_provenance(folder / "embeddings" / "audio" / "made" / "provenance.json").layout
    steps = -(-n // (config.batch_size or n))
    batch = n // steps

    def made(*shape: int) -> Tensor:
        return torch.randn(*shape).bfloat16()

    mixed = audio.shape[1] // layout.layers
    sides = [(made(batch, size), made(size, config.hidden + config.dim)) for size in (mixed, text.shape[1])]
    outer, hidden, shared, square = (
        made(config.hidden, config.dim),
        made(batch, config.hidden),
        made(batch, config.dim),
        made(batch, batch),
    )
    both = made(batch, config.hidden + config.dim)
    layers, weights = made(batch, layout.layers, mixed) if layout.layers > 1 else None, made(layout.layers)

    def step() -> None:
        for x, inner in sides:
            _ = x @ inner, hidden @ outer, shared @ outer.T, hidden.T @ shared, both.T @ x
        _ = shared @ shared.T, square @ shared, square.T @ shared, sides[1][0] @ sides[1][0].T
        if layers is not None:
            mixture_gradient = both @ sides[0][1].T
            _ = torch.matmul(weights, layers), torch.bmm(layers, mixture_gradient.unsqueeze(2))

    step()
    clock, done = Clock(seconds), []
    for epoch in range(1, epochs + 1):
        for _ in range(steps):
            step()
        clock.pause()
        done.append({"epoch": epoch, "mrr": -1.0, "cpu": clock.cpu, "wall": clock.wall})
        clock.resume()
    return done


def _halves(folder: Path) -> tuple[np.ndarray, np.ndarray, int]:
    audio, text = np.load(folder / "audio.npy", mmap_mode="r"), np.load(folder / "text.npy", mmap_mode="r")
    return audio, text, int((folder / "n_train").read_text())


class _PairsOnDisk(torch.utils.data.Dataset):  # type: ignore[type-arg]
    def __init__(self, folder: Path) -> None:
        self.audio, self.text, self.n = _halves(folder)

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(self.text[i].astype(np.float32)), torch.from_numpy(self.audio[i].astype(np.float32))


def _mlp(size: int) -> nn.Module:
    return nn.Sequential(nn.Linear(size, HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(HIDDEN, SHARED))


def _with_loader(
    folder: Path, epochs: int, seconds: float, loss: Callable[[nn.Module, Tensor, Tensor], Tensor]
) -> list:
    """Two MLP heads, AdamW, a DataLoader over float16 files, float32 products: the usual way."""
    torch.manual_seed(0)
    data = _PairsOnDisk(folder)
    heads = nn.ModuleDict({"text": _mlp(data.text.shape[1]), "audio": _mlp(data.audio.shape[1])})
    heads.register_parameter("log_scale", nn.Parameter(torch.tensor(np.log(1 / 0.07), dtype=torch.float32)))
    loader = torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=True, drop_last=True)
    optimizer = torch.optim.AdamW(heads.parameters(), lr=LR)

    def step(text: Tensor, audio: Tensor) -> None:
        optimizer.zero_grad()
        loss(heads, text, audio).backward()
        optimizer.step()

    def embed(text: Tensor, audio: Tensor) -> float:
        return judged(heads["text"](text), heads["audio"](audio))

    return _epochs(folder, heads, loader, step, embed, epochs, Clock(seconds))


def _epochs(
    folder: Path, model: nn.Module, loader: Any, step: Any, embed: Any, epochs: int, clock: Clock
) -> list[Epoch]:
    audio, text, n = _halves(folder)
    done: list[Epoch] = []
    for epoch in range(1, epochs + 1):
        model.train()
        seen = 0
        try:
            for batch in loader:
                step(*batch)
                seen += 1
                clock.check()
        except OutOfTimeError:
            clock.pause()
            done.append({"epoch": epoch - 1 + seen / len(loader), "mrr": -1.0, "cpu": clock.cpu, "wall": clock.wall})
            return done
        clock.pause()
        model.eval()
        with torch.no_grad():
            mrr = embed(*(torch.from_numpy(x[n:].astype(np.float32)) for x in (text, audio)))
        done.append({"epoch": epoch, "mrr": mrr, "cpu": clock.cpu, "wall": clock.wall})
        clock.resume()
    return done


def open_clip(folder: Path, epochs: int, seconds: float) -> list[Epoch]:
    clip = peer_loss(os.environ["ANTIPHON_PEERS"])

    def loss(heads: Any, text: Tensor, audio: Tensor) -> Tensor:
        sides = normalize(heads["audio"](audio), dim=1), normalize(heads["text"](text), dim=1)
        return clip(*sides, heads.log_scale.exp())

    return _with_loader(folder, epochs, seconds, loss)


def metric_learning(folder: Path, epochs: int, seconds: float) -> list[Epoch]:
    sys.path.insert(0, os.environ["ANTIPHON_PEERS"])
    from pytorch_metric_learning.losses import NTXentLoss

    nt_xent = NTXentLoss(temperature=0.07)

    def loss(heads: Any, text: Tensor, audio: Tensor) -> Tensor:
        n = torch.arange(len(text))
        return nt_xent(torch.cat([heads["text"](text), heads["audio"](audio)]), torch.cat([n, n]))

    return _with_loader(folder, epochs, seconds, loss)


def sentence_transformers(folder: Path, epochs: int, seconds: float) -> list[Epoch]:
    from sentence_transformers.losses import MultipleNegativesRankingLoss

    class Sides(nn.Module):
        """What the loss takes for a sentence-transformers model: features of either side in, embeddings out."""

        def __init__(self, heads: Any) -> None:
            super().__init__()
            self.heads = heads

        def forward(self, features: dict[str, Any]) -> dict[str, Tensor]:
            return {"sentence_embedding": self.heads[features["side"]](features["vector"])}

    made: dict[str, Any] = {}

    def loss(heads: Any, text: Tensor, audio: Tensor) -> Tensor:
        ranking = made.setdefault("loss", MultipleNegativesRankingLoss(Sides(heads)))
        answer: Tensor = ranking([{"side": "text", "vector": text}, {"side": "audio", "vector": audio}], None)
        return answer

    return _with_loader(folder, epochs, seconds, loss)


def plain(folder: Path, epochs: int, seconds: float) -> list[Epoch]:
    """Batches of 32, 8 accumulated, HDF5 opened for every row, a text MLP with BatchNorm into the raw audio space."""
    import h5py

    torch.manual_seed(0)
    _, text, n = _halves(folder)
    with h5py.File(folder / "pairs.h5") as file:
        size = file["audio"].shape[1]
    width = text.shape[1]
    head = nn.Sequential(
        nn.Linear(width, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(), nn.Dropout(0.1), nn.Linear(HIDDEN, size)
    )
    optimizer = torch.optim.AdamW(head.parameters(), lr=LR)
    target, made = torch.arange(PLAIN_BATCH), [0]

    class Rows(torch.utils.data.Dataset):  # type: ignore[type-arg]
        def __len__(self) -> int:
            return n

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            with h5py.File(folder / "pairs.h5") as file:
                return tuple(torch.from_numpy(file[x][i].astype(np.float32)) for x in ("text", "audio"))  # type: ignore

    def step(words: Tensor, sound: Tensor) -> None:
        logits = normalize(head(words), dim=1) @ normalize(sound, dim=1).T / 0.07
        ((cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2 / ACCUMULATE).backward()
        made[0] += 1
        if made[0] % ACCUMULATE == 0:
            optimizer.step()
            optimizer.zero_grad()

    loader = torch.utils.data.DataLoader(Rows(), batch_size=PLAIN_BATCH, shuffle=True, drop_last=True)
    return _epochs(folder, head, loader, step, lambda t, a: judged(head(t), a), epochs, Clock(seconds))


CONTESTANTS: dict[str, Callable[[Path, int, float], list[Epoch]]] = {
    "bare products": bare_products,
    "antiphon": antiphon,
    "antiphon, heads alone": heads_alone,
    "plain loop": plain,
    "open_clip": open_clip,
    "sentence-transformers": sentence_transformers,
    "pytorch-metric-learning": metric_learning,
}
NEEDS = {"open_clip": "open_clip", "pytorch-metric-learning": "pytorch_metric_learning"}
