"""A batch in chunks gives the gradient of the batch as a whole."""

import pytest
import torch
from torch import nn

from antiphon.align.finetune.grad_cache import CachedPass

CPU = torch.device("cpu")


def model(dropout: float = 0.0) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.GELU(), nn.Dropout(dropout), nn.Linear(8, 4)).double()


def contrastive(features: torch.Tensor) -> torch.Tensor:
    """Every row against every other: no chunk's loss can be had without the rest."""
    unit = nn.functional.normalize(features, dim=1)
    return nn.functional.cross_entropy(unit @ unit.roll(1, 0).T / 0.1, torch.arange(len(unit)))


def gradients(net: nn.Module) -> list[torch.Tensor]:
    found = [p.grad.clone() for p in net.parameters() if p.grad is not None]
    net.zero_grad(set_to_none=True)
    return found


def inputs() -> torch.Tensor:
    return torch.randn(11, 6, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


@pytest.mark.parametrize("sizes", [[11], [5, 6], [4, 4, 3], [1] * 11])
def test_gradients_equal_those_of_one_pass_over_the_whole_batch(sizes: list[int]) -> None:
    net, x = model(), inputs()
    contrastive(net(x)).backward()
    whole = gradients(net)
    cached = CachedPass(net, x.split(sizes), device=CPU)
    contrastive(cached.features).backward()
    cached.backward()
    for ours, expected in zip(gradients(net), whole, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-10, atol=1e-12)


def test_dropout_draws_the_same_masks_on_the_way_back() -> None:
    net, x = model(dropout=0.5), inputs()
    chunks = x.split([4, 4, 3])
    torch.manual_seed(7)
    contrastive(torch.cat([net(chunk) for chunk in chunks])).backward()  # one pass, everything kept
    whole = gradients(net)
    torch.manual_seed(7)
    cached = CachedPass(net, chunks, device=CPU)
    contrastive(cached.features).backward()
    cached.backward()
    for ours, expected in zip(gradients(net), whole, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-10, atol=1e-12)


def test_random_numbers_go_on_as_if_nothing_had_been_repeated() -> None:
    net, x = model(dropout=0.5), inputs()
    torch.manual_seed(7)
    for chunk in x.split(4):
        net(chunk)
    expected = torch.rand(3)
    torch.manual_seed(7)
    cached = CachedPass(net, x.split(4), device=CPU)
    contrastive(cached.features).backward()
    cached.backward()
    assert torch.equal(torch.rand(3), expected)


def test_only_one_part_has_a_graph_at_a_time() -> None:
    net, alive = model(), []

    def embed(chunk: torch.Tensor) -> torch.Tensor:
        features = net(chunk)
        alive.append(features.requires_grad)
        return features

    CachedPass(embed, inputs().split(4), device=CPU)
    assert alive == [False, False, True]
