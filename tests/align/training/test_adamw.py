"""AdamW without torch's optimizer classes: the same numbers, and the same state."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from antiphon.align.training.adamw import FusedAdamW, Optimizer, adamw

SHAPES = ((7, 5), (5, 3), (5,), ())


def parameters() -> list[nn.Parameter]:
    draws = torch.Generator().manual_seed(1)
    return [nn.Parameter(torch.randn(shape, generator=draws)) for shape in SHAPES]


def groups(values: list[nn.Parameter]) -> list[dict[str, Any]]:
    return [
        {"params": values[:2], "weight_decay": 0.1, "factor": 1.0},
        {"params": values[2:], "weight_decay": 0.0, "factor": 0.3},
    ]


def steps(optimizer: Optimizer, values: list[nn.Parameter], numbers: range, *, idle: int | None = None) -> None:
    """Steps with seeded gradients; parameter ``idle`` never has one."""
    for number in numbers:
        draws = torch.Generator().manual_seed(number)
        optimizer.zero_grad()
        for place, value in enumerate(values):
            gradient = torch.randn(value.shape, generator=draws)
            value.grad = None if place == idle else gradient
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * group["factor"] / number
        optimizer.step()


def same(first: list[nn.Parameter], second: list[nn.Parameter]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.fixture
def theirs() -> tuple[list[nn.Parameter], torch.optim.Optimizer]:
    values = parameters()
    return values, torch.optim.AdamW(groups(values), lr=0.01, fused=True)


@pytest.mark.parametrize("idle", [None, 1])
def test_every_step_is_that_of_torchs_own_to_the_bit(
    theirs: tuple[list[nn.Parameter], torch.optim.Optimizer], idle: int | None
) -> None:
    mine = parameters()
    steps(adamw(groups(mine), lr=0.01, device=torch.device("cpu")), mine, range(1, 9), idle=idle)
    steps(theirs[1], theirs[0], range(1, 9), idle=idle)
    assert same(mine, theirs[0])
    assert not same(mine, parameters())


def test_it_goes_on_from_a_state_of_torchs_own(theirs: tuple[list[nn.Parameter], torch.optim.Optimizer]) -> None:
    steps(theirs[1], theirs[0], range(1, 5))
    mine = [nn.Parameter(value.detach().clone()) for value in theirs[0]]
    going_on = FusedAdamW(groups(mine), lr=0.01)
    going_on.load_state_dict(theirs[1].state_dict())
    steps(going_on, mine, range(5, 9))
    steps(theirs[1], theirs[0], range(5, 9))
    assert same(mine, theirs[0])


def test_torchs_own_goes_on_from_its_state(theirs: tuple[list[nn.Parameter], torch.optim.Optimizer]) -> None:
    mine = parameters()
    optimizer = FusedAdamW(groups(mine), lr=0.01)
    steps(optimizer, mine, range(1, 5), idle=3)
    with torch.no_grad():
        for value, other in zip(theirs[0], mine, strict=True):
            value.copy_(other)
    theirs[1].load_state_dict({**theirs[1].state_dict(), "state": deepcopy(optimizer.state_dict()["state"])})
    steps(theirs[1], theirs[0], range(5, 9), idle=3)
    steps(optimizer, mine, range(5, 9), idle=3)
    assert same(mine, theirs[0])


def test_a_loaded_state_is_a_copy() -> None:
    mine, other = parameters(), parameters()
    first, second = FusedAdamW(groups(mine), lr=0.01), FusedAdamW(groups(other), lr=0.01)
    steps(first, mine, range(1, 3))
    second.load_state_dict(first.state_dict())
    before: Tensor = first.state_dict()["state"][0]["exp_avg"].clone()
    steps(second, other, range(3, 5))
    assert torch.equal(first.state_dict()["state"][0]["exp_avg"], before)


def test_groups_that_do_not_fit_are_refused() -> None:
    mine = parameters()
    state = FusedAdamW(groups(mine), lr=0.01).state_dict()
    with pytest.raises(ValueError, match="zip"):
        FusedAdamW(groups(mine)[:1], lr=0.01).load_state_dict(state)


def test_gradients_may_be_zeroed_in_place() -> None:
    mine = parameters()
    optimizer = FusedAdamW(groups(mine), lr=0.01)
    mine[0].grad = torch.ones(SHAPES[0])
    optimizer.zero_grad(set_to_none=False)
    assert mine[0].grad is not None
    assert not mine[0].grad.any()
    assert mine[1].grad is None


def test_torchs_compiler_is_not_loaded() -> None:
    code = (
        "import sys, torch\n"
        "from antiphon.align.training.adamw import adamw\n"
        "value = torch.nn.Parameter(torch.ones(3)); value.grad = torch.ones(3)\n"
        "made = adamw([{'params': [value], 'weight_decay': 0.1}], lr=0.1, device=value.device)\n"
        "made.step(); made.zero_grad(); made.load_state_dict(made.state_dict())\n"
        "raise SystemExit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
