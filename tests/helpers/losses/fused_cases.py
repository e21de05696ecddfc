# mypy: ignore-errors
"""Cases on which the fused kernels are compared; run as a program, because Triton's interpreter is chosen at import."""

import json
import os
import sys
from typing import Any

os.environ["TRITON_INTERPRET"] = "1"

import torch
from torch import Tensor

from antiphon.align import fused
from antiphon.align.heads.head import HeadSpec
from antiphon.align.losses.infonce import Exclusion, Positives, SoftTargets, info_nce
from antiphon.align.model import SharedSpace
from antiphon.layout import Layout
from tests.helpers.losses.loss_cases import several, unit


class Half:
    """As seen from the first of two processes: the other's columns and its share of their sums are known beforehand."""

    size = 2

    def __init__(self, m: int, others: Tensor, column: Tensor, counts: Tensor) -> None:
        self.m, self.others, self.column, self.counts = m, others, column, counts

    def gather(self, rows: Tensor) -> Tensor:
        if rows.dtype == torch.int64:
            return torch.cat([rows, torch.tensor([[self.m, len(self.others)]])])
        return torch.cat([rows, self.others.to(rows.dtype)])

    def total(self, values: Tensor) -> Tensor:
        return values + self.counts if values.dtype == torch.int64 else values

    def logsumexp(self, values: Tensor) -> Tensor:
        return torch.logaddexp(values, self.column.to(values.dtype))

    def scatter_total(self, rows: Tensor, n_local: int) -> Tensor:
        return rows[:n_local]


def answers(loss: Tensor, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    return [loss.detach().double(), *(g.double() for g in torch.autograd.grad(loss, inputs))]


def off(ours: list[Tensor], theirs: list[Tensor]) -> list[float]:
    """Distance of loss, text, audio and scale, as a share of the right answer's length."""
    return [float((a - b).norm() / b.norm().clamp(min=1e-12)) for a, b in zip(ours, theirs, strict=True)]


def case(
    m: int,
    n: int,
    k: int,
    *,
    scale: float = 20.0,
    dtype: torch.dtype = torch.float32,
    soft: bool = False,
    apart: bool = False,
    gathered: bool = False,
) -> dict[str, list[float]]:
    from test_losses import naive

    correct = several(3, m, n) if n > 4 else torch.ones(m, n, dtype=torch.bool)
    stands, features = torch.arange(n) % m, unit(m, 3, 5)
    exact = (unit(m, k, 0).to(dtype), unit(n, k, 1).to(dtype))
    n_own = n // 2 if gathered else n
    rest = {
        "soft": SoftTargets(features, weight=0.4, temperature=0.2, row_of_column=stands[:n_own]) if soft else None,
        "exclude": Exclusion(features, 0.5, row_of_column=stands[:n_own]) if apart else None,
    }
    if gathered:
        others = exact[1][n_own:].float()
        rest["ranks"] = Half(4, others, 0.1 * torch.randn(n, generator=torch.Generator().manual_seed(1)) + scale / 2,
                             torch.ones(n, dtype=torch.int64))  # fmt: skip

    def inputs(dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
        by_scale = torch.tensor(scale, dtype=torch.promote_types(dtype, torch.float32))
        text, audio = exact[0].to(dtype), exact[1][:n_own].to(dtype)
        return text.requires_grad_(), audio.requires_grad_(), by_scale.requires_grad_()

    kernels, blocks, loops = inputs(dtype), inputs(dtype), inputs(torch.float64)
    ours = answers(fused.info_nce(*kernels, Positives.from_mask(correct), **rest), kernels)
    found = {
        "blocks": off(ours, answers(info_nce(*blocks, Positives.from_mask(correct), block=10, **rest), blocks)),
        "double": off(ours, answers(info_nce(*loops, Positives.from_mask(correct), block=10, **rest), loops)),
    }
    if not gathered:
        loss = naive(*loops, correct, soft=rest["soft"], exclude=rest["exclude"], stands=stands)
        found["loop"] = off(ours, answers(loss, loops))
    return found


def model() -> dict[str, list[float]]:
    """What a training asks for: the setting goes through the model, which cuts the vectors into copies."""
    spec = HeadSpec(kind="linear", layout=Layout(1, 4, 1), dim=8)
    space = SharedSpace(spec, spec)
    texts, sounds = (unit(18, 8, seed, torch.float32).requires_grad_() for seed in (0, 1))
    inputs = texts, sounds, space.log_scale
    found = [
        answers(space.loss(texts, sounds, Positives.diagonal(18), kind="infonce", copies=2, kernel=kernel), inputs)
        for kernel in ("triton", "blocks")
    ]
    return {"blocks": off(*found)}


CASES: dict[str, dict[str, Any]] = {
    "one pair": {"m": 1, "n": 1, "k": 5},
    "less than a tile": {"m": 13, "n": 11, "k": 6},
    "uneven": {"m": 37, "n": 25, "k": 37},
    "wide": {"m": 9, "n": 17, "k": 150},
    "cold": {"m": 18, "n": 17, "k": 16, "scale": 200.0},
    "apart": {"m": 18, "n": 19, "k": 20, "apart": True},
    "soft": {"m": 18, "n": 19, "k": 20, "soft": True},
    "soft and apart": {"m": 19, "n": 18, "k": 20, "soft": True, "apart": True},
    "gathered": {"m": 20, "n": 35, "k": 20, "gathered": True},
    "bfloat16": {"m": 20, "n": 17, "k": 40, "dtype": torch.bfloat16},
    "bfloat16, soft and apart": {"m": 18, "n": 20, "k": 40, "dtype": torch.bfloat16, "soft": True, "apart": True},
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    fused.ROWS = fused.COLUMNS = fused.CHUNK = 16  # several tiles of a small batch: the interpreter is slow
    json.dump({"model": model(), **{name: case(**given) for name, given in CASES.items()}}, sys.stdout)
