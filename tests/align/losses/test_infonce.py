"""InfoNCE and SigLIP against loops over single cells: values, gradients and precision."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cross_entropy, logsigmoid, normalize

from antiphon.align.losses.infonce import info_nce
from antiphon.align.losses.matmul import Factors
from antiphon.align.losses.siglip import siglip
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets
from tests.helpers.losses.loss_cases import M, N, batch, several, unit


def naive(
    text: Tensor,
    audio: Tensor,
    scale: Tensor | float,
    correct: Tensor,
    *,
    soft: SoftTargets | None = None,
    excluded: Tensor | None = None,
    stands: Tensor | None = None,
) -> Tensor:
    """The definition, one text and one piece of audio at a time."""
    logits = scale * text @ audio.T
    candidate = torch.ones_like(correct) if excluded is None else ~excluded
    alike = None if soft is None else soft.features @ soft.features[stands].T / soft.temperature

    def one(scores: Tensor, right: Tensor, allowed: Tensor, near: Tensor | None) -> Tensor:
        target = right.to(scores.dtype) / right.sum()
        if near is not None and soft is not None:
            spread = near.masked_fill(~allowed, -math.inf).softmax(0)
            target = (1 - soft.weight) * target + soft.weight * spread
        return scores[allowed].logsumexp(0) - (target * scores).sum()

    rows = [one(logits[i], correct[i], candidate[i], None if alike is None else alike[i]) for i in range(len(text))]
    columns = [
        one(logits[:, j], correct[:, j], candidate[:, j], None if alike is None else alike[:, j])
        for j in range(len(audio))
        if correct[:, j].any()
    ]
    return (torch.stack(rows).mean() + torch.stack(columns).mean()) / 2


def left_out(correct: Tensor) -> Tensor:
    """Some cells that are not correct; of audio 3, which no text of :func:`several` describes, all."""
    mask = torch.rand(correct.shape, generator=torch.Generator().manual_seed(9)) < 0.3
    mask[:, 3] = True
    return mask & ~correct


def naive_siglip(
    text: Tensor, audio: Tensor, scale: Tensor, bias: Tensor, correct: Tensor, excluded: Tensor | None = None
) -> Tensor:
    total = text.new_zeros(())
    for i in range(len(text)):
        for j in range(len(audio)):
            if excluded is not None and excluded[i, j]:
                continue
            logit = scale * (text[i] @ audio[j]) + bias
            total = total - logsigmoid(logit if correct[i, j] else -logit)
    return total / len(text)


def assert_same(ours: Tensor, theirs: Tensor, inputs: tuple[Tensor, ...], tolerance: float = 1e-10) -> None:
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)
    for mine, other in zip(torch.autograd.grad(ours, inputs), torch.autograd.grad(theirs, inputs), strict=True):
        torch.testing.assert_close(mine, other, rtol=tolerance, atol=tolerance)


# ---- the loss is what its definition says ----


@pytest.mark.parametrize("block", [None, 1, 4, (3, 5), (20, 2)])
@pytest.mark.parametrize("scale", [1.0, 30.0, 200.0, 2000.0])
def test_value_and_gradients_equal_the_loop_over_cells(block: int | tuple[int, int] | None, scale: float) -> None:
    text, audio, _ = batch()
    factor = torch.tensor(scale, dtype=torch.float64, requires_grad=True)
    correct = several()
    ours = info_nce(text, audio, factor, Positives.from_mask(correct), block=block)
    assert_same(ours, naive(text, audio, factor, correct), (text, audio, factor))


@pytest.mark.parametrize("softened", [False, True])
@pytest.mark.parametrize("excluded", [False, True])
@pytest.mark.parametrize("scale", [9.0, 900.0])
@pytest.mark.parametrize("block", [None, (4, 3)])
def test_soft_targets_and_exclusion_equal_the_loop_over_cells(
    softened: bool, excluded: bool, scale: float, block: tuple[int, int] | None
) -> None:
    text, audio, _ = batch(2)
    factor = torch.tensor(scale, dtype=torch.float64, requires_grad=True)
    correct, features = several(2), unit(M, 3, 5)
    stands = torch.randint(M, (N,), generator=torch.Generator().manual_seed(6))
    soft = SoftTargets(features, weight=0.4, temperature=0.2, row_of_column=stands) if softened else None
    mask = left_out(correct) if excluded else None
    exclude = None if mask is None else Exclusion.from_mask(mask)
    ours = info_nce(text, audio, factor, Positives.from_mask(correct), soft=soft, exclude=exclude, block=block)
    theirs = naive(text, audio, factor, correct, soft=soft, excluded=mask, stands=stands)
    assert_same(ours, theirs, (text, audio, factor))


def test_sharp_soft_targets_do_not_overflow() -> None:
    text, audio, scale = batch(4, m=N)
    features, correct = unit(N, 3, 5), torch.eye(N, dtype=torch.bool)
    soft = SoftTargets(features, temperature=1e-4)
    ours = info_nce(text, audio, scale, Positives.diagonal(N), soft=soft, block=4)
    assert_same(ours, naive(text, audio, scale, correct, soft=soft, stands=torch.arange(N)), (text, audio, scale))


def test_autograd_agrees_with_finite_differences() -> None:
    text, audio, scale = batch(7)
    features, positives = unit(M, 3, 8), Positives.from_mask(several(7))
    stands = torch.arange(N)
    soft, exclude = SoftTargets(features, row_of_column=stands), Exclusion.from_mask(left_out(several(7)))
    assert torch.autograd.gradcheck(
        lambda t, a, s: info_nce(t, a, s, positives, soft=soft, exclude=exclude, block=5), (text, audio, scale)
    )


def test_one_to_one_pairs_give_the_loss_of_clip() -> None:
    text, audio, scale = batch(3, m=8, n=8)
    logits, target = scale * text @ audio.T, torch.arange(8)
    clip = (cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2
    assert_same(info_nce(text, audio, scale, Positives.diagonal(8)), clip, (text, audio, scale))


def test_a_batch_that_says_nothing_costs_the_logarithm_of_its_size() -> None:
    same = normalize(torch.ones(32, 4), dim=1)
    assert info_nce(same, same, 10.0, Positives.diagonal(32)).item() == pytest.approx(math.log(32), abs=1e-5)


def test_several_positives_cannot_cost_less_than_the_logarithm_of_their_number() -> None:
    same = normalize(torch.ones(6, 4), dim=1)
    everything = Positives.from_mask(torch.ones(6, 6, dtype=torch.bool))
    assert info_nce(same, same, 10.0, everything).item() == pytest.approx(math.log(6), abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(m=st.integers(1, 9), n=st.integers(1, 9), seed=st.integers(0, 1000), block=st.integers(1, 10))
def test_any_shape_and_block_equals_the_loop(m: int, n: int, seed: int, block: int) -> None:
    text, audio, scale = batch(seed, m, n, 3)
    correct = torch.rand(m, n, generator=torch.Generator().manual_seed(seed)) < 0.3
    correct[torch.arange(m), torch.randint(n, (m,), generator=torch.Generator().manual_seed(seed + 1))] = True
    ours = info_nce(text, audio, scale, Positives.from_mask(correct), block=block)
    assert_same(ours, naive(text, audio, scale, correct), (text, audio, scale))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_the_batch_does_not_matter(seed: int) -> None:
    text, audio, scale = batch(seed)
    correct = several(seed)
    rows = torch.randperm(M, generator=torch.Generator().manual_seed(seed))
    columns = torch.randperm(N, generator=torch.Generator().manual_seed(seed))
    before = info_nce(text, audio, scale, Positives.from_mask(correct))
    after = info_nce(text[rows], audio[columns], scale, Positives.from_mask(correct[rows][:, columns]))
    torch.testing.assert_close(before, after)


# ---- precision ----


def test_float32_with_bfloat16_products_stays_close_to_float64() -> None:
    n, k = 1536, 128
    exact_text = unit(n, k, 0)
    exact_audio = normalize(exact_text + 1.2 * unit(n, k, 1), dim=1)
    positives = Positives.diagonal(n)
    values, gradients = [], []
    for dtype in (torch.float64, torch.float32):
        text, audio = (x.to(dtype).requires_grad_() for x in (exact_text, exact_audio))
        loss = info_nce(text, audio, 20.0, positives)
        values.append(loss.item())
        gradients.append(torch.cat(torch.autograd.grad(loss, (text, audio))).double())
    assert values[1] == pytest.approx(values[0], abs=2e-3)
    assert float((gradients[1] - gradients[0]).norm() / gradients[0].norm()) < 1e-2


@pytest.mark.parametrize("scale", [20.0, 100.0, 1000.0])
def test_far_apart_logits_do_not_underflow_in_float32(scale: float) -> None:
    """Row 0 is far from everything, so that a shift by the block's largest logit would lose it."""
    text, audio = unit(9, 5, 0), unit(9, 5, 1)
    text[0] = -audio.mean(0) * 3
    audio[1] = -text.mean(0) * 3
    correct = torch.eye(9, dtype=torch.bool)
    ours = info_nce(text.float(), audio.float(), scale, Positives.diagonal(9), block=4)
    torch.testing.assert_close(ours.double(), naive(text, audio, scale, correct), rtol=1e-5, atol=1e-5)


def test_low_precision_embeddings_are_computed_in_float32_and_get_gradients_of_their_own_type() -> None:
    text, audio = (unit(8, 4, s, torch.float32).bfloat16().requires_grad_() for s in (0, 1))
    loss = info_nce(text, audio, 10.0, Positives.diagonal(8))
    loss.backward()
    assert loss.dtype == torch.float32
    assert text.grad is not None
    assert text.grad.dtype == torch.bfloat16
    torch.testing.assert_close(loss, info_nce(text.float(), audio.float(), 10.0, Positives.diagonal(8)))


def test_autocast_around_the_loss_changes_nothing() -> None:
    text, audio = unit(8, 4, 0, torch.float32), unit(8, 4, 1, torch.float32)
    plain = info_nce(text, audio, 10.0, Positives.diagonal(8))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(info_nce(text, audio, 10.0, Positives.diagonal(8)), plain)


def test_a_loss_that_nobody_differentiates_is_float32_throughout() -> None:
    text, audio = unit(600, 64, 0), unit(600, 64, 1)
    positives = Positives.diagonal(600)
    for loss in (
        lambda t, a: info_nce(t, a, 50.0, positives),
        lambda t, a: siglip(t, a, 50.0, -10.0, positives),
    ):
        assert float(loss(text.float(), audio.float())) == pytest.approx(float(loss(text, audio)), rel=2e-6)


def test_correct_cells_are_multiplied_in_full_whatever_the_type() -> None:
    text, audio = 50 * unit(30, 16, 0, torch.float32), unit(40, 16, 1, torch.float32)
    factors = Factors(text, audio, text.bfloat16(), audio.bfloat16())
    rows, columns, position = slice(10, 20), slice(8, 40), torch.tensor([0, 33, 319])
    exact = (text[rows] @ audio[columns].T).view(-1)
    found = factors.logits(rows, columns, position).view(-1)
    torch.testing.assert_close(found[position], exact[position], rtol=1e-5, atol=1e-5)
    assert 1e-3 < float((found - exact).abs().max()) < 0.5


# ---- SigLIP ----


@pytest.mark.parametrize("block", [None, 4, (3, 5)])
@pytest.mark.parametrize("excluded", [False, True])
def test_siglip_equals_the_loop_over_cells(block: int | tuple[int, int] | None, excluded: bool) -> None:
    text, audio, scale = batch(5)
    bias = torch.tensor(-2.0, dtype=torch.float64, requires_grad=True)
    correct = several(5)
    mask = left_out(correct) if excluded else None
    exclude = None if mask is None else Exclusion.from_mask(mask)
    ours = siglip(text, audio, scale, bias, Positives.from_mask(correct), block=block, exclude=exclude)
    assert_same(ours, naive_siglip(text, audio, scale, bias, correct, mask), (text, audio, scale, bias))


# ---- one block and many, memory ----


@pytest.mark.parametrize("softened", [False, True])
def test_one_block_gives_what_many_blocks_give(softened: bool) -> None:
    text, audio, scale = batch(11)
    soft = SoftTargets(unit(M, 3, 5), row_of_column=torch.arange(N)) if softened else None
    positives = Positives.from_mask(several(11))
    whole = info_nce(text, audio, scale, positives, soft=soft)
    assert_same(whole, info_nce(text, audio, scale, positives, soft=soft, block=4), (text, audio, scale))
    with torch.no_grad():
        torch.testing.assert_close(info_nce(text, audio, scale, positives, soft=soft), whole.detach())


def test_one_block_with_soft_targets_equals_the_loop_over_cells() -> None:
    text, audio, scale = batch(12)
    stands = torch.randint(M, (N,), generator=torch.Generator().manual_seed(6))
    soft = SoftTargets(unit(M, 3, 5), weight=0.4, temperature=0.2, row_of_column=stands)
    correct = several(12)
    ours = info_nce(text, audio, scale, Positives.from_mask(correct), soft=soft)
    assert_same(ours, naive(text, audio, scale, correct, soft=soft, stands=stands), (text, audio, scale))


LARGE = """
import torch
from torch.nn.functional import normalize
from antiphon.align.losses.infonce import info_nce
from antiphon.align.losses.targets import Positives
def peak(field):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 2**20
text, audio = (normalize(torch.randn(32768, 512), dim=1).requires_grad_() for _ in range(2))
before = peak("VmRSS")
info_nce(text, audio, 20.0, Positives.diagonal(32768)).backward()
print(peak("VmHWM") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the account of memory is Linux's")
def test_a_step_of_32768_pairs_stays_under_two_gibibytes() -> None:
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 2.0
