"""Every loss, by the interface that training uses."""

import pytest
import torch

from antiphon.align.losses.find import LOSSES, find_loss
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets
from tests.helpers.losses.loss_cases import M, N, batch, several, unit


@pytest.fixture(params=LOSSES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_loss_is_a_finite_number_that_falls_along_its_gradient(name: str) -> None:
    text, audio, scale = batch()
    bias, positives = torch.tensor(-2.0, dtype=torch.float64), Positives.from_mask(several())
    loss = find_loss(name)(text, audio, scale, bias, positives)
    by_text, by_audio = torch.autograd.grad(loss, (text, audio))
    after = find_loss(name)(text - 1e-3 * by_text, audio - 1e-3 * by_audio, scale, bias, positives)
    assert 0 < after.item() < loss.item() < 100


def test_cells_that_are_left_out_are_less_to_be_wrong_about(name: str) -> None:
    text, audio, scale = batch()
    correct, bias = several(), torch.tensor(0.0)
    wrong = Exclusion.from_mask(~correct)
    few = Exclusion(wrong.rows[:5], wrong.columns[:5])
    with torch.no_grad():
        every, some, none = (
            float(find_loss(name)(text, audio, scale, bias, Positives.from_mask(correct), exclude=exclude))
            for exclude in (wrong, few, None)
        )
    assert every < some < none


def test_chance_is_the_loss_of_vectors_that_say_nothing(name: str) -> None:
    loss, positives = find_loss(name), Positives.from_mask(several())
    for bias in (torch.tensor(0.0), torch.tensor(-3.0)):
        slow = loss(torch.zeros(M, 3), torch.zeros(N, 3), torch.tensor(9.0), bias, positives)
        assert loss.chance(M, N, bias, positives) == pytest.approx(float(slow), rel=1e-6)


@pytest.mark.parametrize("block", [3, 5, 1024])
@pytest.mark.parametrize("scale", [5.0, 300.0])
def test_the_loss_of_tiles_that_others_multiply_is_the_loss(name: str, block: int, scale: float) -> None:
    text, audio = unit(M, 6, 1, torch.float32), unit(N, 6, 2, torch.float32)
    positives, bias = Positives.from_mask(several()), torch.tensor(-2.0)
    loss, factor = find_loss(name), torch.tensor(scale)
    tiles = loss.of_tiles(M, N, factor, bias, positives, block=block, longest=1.0)
    cosines = text @ audio.T
    before = cosines.clone()
    for top in reversed(range(0, M, block)):  # any order
        for left in range(0, N, block):
            rows, columns = slice(top, min(M, top + block)), slice(left, min(N, left + block))
            tiles.add(rows, columns, cosines[rows, columns])
    assert torch.equal(cosines, before)
    assert tiles.finish() == pytest.approx(float(loss(text, audio, factor, bias, positives)), rel=1e-5)


def test_what_a_loss_says_of_soft_targets_holds(name: str) -> None:
    loss, positives = find_loss(name), Positives.diagonal(N)
    nothing = torch.zeros(N, 3)
    soft = SoftTargets(unit(N, 3, 5, torch.float32))
    if loss.takes_soft_targets:
        assert loss(nothing, nothing, torch.tensor(1.0), torch.tensor(0.0), positives, soft=soft) > 0
    else:
        with pytest.raises(ValueError, match="no soft targets"):
            loss(nothing, nothing, torch.tensor(1.0), torch.tensor(0.0), positives, soft=soft)
