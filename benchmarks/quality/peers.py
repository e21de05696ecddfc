"""The usual ways to train heads, for ``quality.py``: other projects' losses, or a loop as many write it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from antiphon.arrays import Embeddings, unit_length
from benchmarks.loss import peer_loss
from benchmarks.quality.captioned import Captioned, mean_mrr


def _mlp(size: int) -> nn.Module:
    return nn.Sequential(nn.Linear(size, 512), nn.GELU(), nn.Dropout(0.1), nn.Linear(512, 256))


def usual(loss: str, batch: int | None, *, epochs: int = 20, least_steps: int = 100) -> Callable[..., Embeddings]:
    """Two-layer heads with AdamW (1e-3, weight decay 0.01), one positive a caption: the loop most projects have.

    Parameters
    ----------
    loss : ``clip`` (open_clip's ClipLoss), ``mnrl`` (text to audio only, scale 20: what sentence-transformers'
        MultipleNegativesRankingLoss is defined to be) or ``nt-xent`` (pytorch-metric-learning's NTXentLoss, temperature
        0.07: texts are one another's negatives too).
    batch : pairs in a step; None for all of them. Epochs are added until there are ``least_steps``.
    """

    def make(train: Captioned, val: Captioned, test: Captioned, seed: int) -> Embeddings:
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        x, y = (torch.from_numpy(np.asarray(v, np.float32)) for v in (train.audio, train.text))
        scaled = [((v.mean(0)), (v.std(0) + 1e-5)) for v in (x, y)]
        x, y = ((v - mean) / std for v, (mean, std) in zip((x, y), scaled, strict=True))
        audio, text = _mlp(x.shape[1]), _mlp(y.shape[1])
        scale = nn.Parameter(torch.tensor(np.log(1 / 0.07), dtype=torch.float32))
        optimizer = torch.optim.AdamW([*audio.parameters(), *text.parameters(), scale], lr=1e-3, weight_decay=0.01)
        owner, label = torch.from_numpy(train.track_of_caption), torch.from_numpy(train.text_id)
        measure = _losses(loss)
        size = min(batch or len(y), len(y))
        steps = max(epochs * (len(y) // size), least_steps)
        best: tuple[float, Any] = (-1.0, None)

        def found(tracks: Captioned) -> Embeddings:
            sides = []
            for head, raw, (mean, std) in ((text, tracks.text, scaled[1]), (audio, tracks.audio, scaled[0])):
                head.eval()
                with torch.no_grad():
                    sides.append(
                        unit_length(head((torch.from_numpy(np.asarray(raw, np.float32)) - mean) / std).numpy())
                    )
                head.train()
            return Embeddings(*sides)

        order = torch.randperm(len(y))
        for step in range(steps):
            start = step * size % (len(y) - size + 1) if size < len(y) else 0
            if start < size:
                order = torch.randperm(len(y))
            rows = order[start : start + size]
            words = nn.functional.normalize(text(y[rows]), dim=1)
            sound = nn.functional.normalize(audio(x[owner[rows]]), dim=1)
            value = measure(words, sound, scale.exp(), label[rows])
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            if (step + 1) % max(1, steps // epochs) == 0:
                score = mean_mrr(*found(val), val)
                if score > best[0]:
                    best = (score, found(test))
        chosen: Embeddings = best[1]
        return chosen

    return make


def _losses(name: str) -> Callable[..., torch.Tensor]:
    return {"clip": _clip, "nt-xent": _nt_xent, "mnrl": lambda: _mnrl}[name]()


def _mnrl(words: torch.Tensor, sound: torch.Tensor, _: torch.Tensor, __: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(20 * words @ sound.T, torch.arange(len(words)))


def _clip() -> Callable[..., torch.Tensor]:
    loss = peer_loss(str(peer("open_clip").parent))

    def clip(words: torch.Tensor, sound: torch.Tensor, scale: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        value: torch.Tensor = loss(sound, words, scale)
        return value

    return clip


def _nt_xent() -> Callable[..., torch.Tensor]:
    sys.path.insert(0, str(peer("pytorch_metric_learning").parent))
    from pytorch_metric_learning.losses import NTXentLoss

    loss = NTXentLoss(temperature=0.07)

    def nt_xent(words: torch.Tensor, sound: torch.Tensor, _: torch.Tensor, __: torch.Tensor) -> torch.Tensor:
        labels = torch.arange(len(words))
        value: torch.Tensor = loss(torch.cat([words, sound]), torch.cat([labels, labels]))
        return value

    return nt_xent


def peer(package: str) -> Path:
    """Where a peer's package was put.

    Raises
    ------
    ModuleNotFoundError : it was not.
    """
    folder = Path(os.environ.get("ANTIPHON_PEERS", "")) / package
    if not folder.is_dir():
        raise ModuleNotFoundError(
            f"{package} is not in $ANTIPHON_PEERS: python -m benchmarks --install-peers --peers DIR"
        )
    return folder


def plain_loop(train: Captioned, val: Captioned, test: Captioned, seed: int) -> Embeddings:
    """A text MLP with BatchNorm into the raw audio space: batches of 32, 8 accumulated, 20 epochs, best on val."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    audio, text = (torch.from_numpy(np.asarray(v, np.float32)) for v in (train.audio, train.text))
    head = nn.Sequential(
        nn.Linear(text.shape[1], 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Dropout(0.1), nn.Linear(512, audio.shape[1])
    )
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-3)
    owner = torch.from_numpy(train.track_of_caption)
    size, each = min(32, len(text)), 8
    target = torch.arange(size)
    best: tuple[float, Embeddings] | None = None
    for _ in range(20):
        head.train()
        order = torch.randperm(len(text))
        for number, start in enumerate(range(0, len(text) - size + 1, size), 1):
            rows = order[start : start + size]
            words, sound = head(text[rows]), audio[owner[rows]]
            logits = nn.functional.normalize(words, dim=1) @ nn.functional.normalize(sound, dim=1).T / 0.07
            loss = nn.functional.cross_entropy(logits, target) + nn.functional.cross_entropy(logits.T, target)
            (loss / 2 / each).backward()
            if number % each == 0 or start + 2 * size > len(text):
                optimizer.step()
                optimizer.zero_grad()
        head.eval()
        with torch.no_grad():
            found = [
                Embeddings(
                    unit_length(head(torch.from_numpy(np.asarray(p.text, np.float32))).numpy()),
                    unit_length(np.asarray(p.audio)),
                )
                for p in (val, test)
            ]
        score = mean_mrr(*found[0], val)
        if best is None or score > best[0]:
            best = score, found[1]
    assert best is not None
    return best[1]
