import numpy as np
import pytest
import torch

from antiphon.align.data.features import Features, Rows, moments
from antiphon.align.heads.fast_ops import Dropout, mix_layers, unit_length
from antiphon.align.heads.head import native_dim
from antiphon.align.heads.kinds import make_head, spec_from_dict
from antiphon.align.heads.projection_head import ProjectionSpec
from antiphon.align.heads.standardise import Standardise
from antiphon.errors import ConfigError
from antiphon.layout import Layout

KINDS = ["linear", "mlp"]


def spec(kind: str = "mlp", layout: Layout | None = None, **more: object) -> ProjectionSpec:
    return ProjectionSpec(**{"kind": kind, "layout": layout or Layout.flat(10), "dim": 7, "hidden": 5, **more})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", [Layout.flat(10), Layout(3, 4, 2), Layout(1, 1, 1)])
def test_outputs_have_unit_length(kind: str, layout: Layout) -> None:
    head = make_head(spec(kind, layout)).eval()
    y = head(torch.randn(6, layout.size))
    assert y.shape == (6, 7)
    assert y.dtype == torch.float32
    torch.testing.assert_close(y.norm(dim=1), torch.ones(6))


@pytest.mark.parametrize("kind", [*KINDS, "identity"])
def test_zero_vectors_give_no_nan_in_values_or_gradients(kind: str) -> None:
    head = make_head(spec(kind, dim=10))
    for parameter in head.parameters():
        torch.nn.init.zeros_(parameter)
    raw = torch.zeros(3, 10, requires_grad=True)
    y = head(raw)
    y.sum().backward()
    assert torch.isfinite(y).all()
    assert raw.grad is not None
    assert torch.isfinite(raw.grad).all()


def test_an_identity_head_is_the_standardised_vector_itself() -> None:
    layout = Layout(2, 3, 1)
    head = make_head(spec("identity", layout, dim=6, layers="all"))
    raw = torch.randn(4, 6)
    torch.testing.assert_close(head(raw), torch.nn.functional.normalize(raw, dim=1))
    with pytest.raises(ConfigError, match="has size 6, not 7"):
        make_head(spec("identity", layout, layers="all"))


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="Unknown head 'transformer'"):
        make_head(spec("transformer"))


def test_a_residual_mlp_is_linear_plus_a_branch() -> None:
    head = make_head(spec("mlp", dropout=0.0))
    body = head.body
    x = torch.randn(5, 10)
    branch = torch.nn.functional.gelu(x @ body.inner.weight.T + body.inner.bias) @ body.outer.weight.T
    expected = x @ body.linear.weight.T + body.linear.bias + branch + body.outer.bias
    torch.testing.assert_close(head(x), torch.nn.functional.normalize(expected, dim=1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_layer_mixture_equals_the_plain_sum(dtype: torch.dtype) -> None:
    x, w = torch.randn(6, 4, 5).to(dtype), torch.softmax(torch.randn(4), 0)
    tolerance = {"rtol": 1e-5, "atol": 1e-5} if dtype == torch.float32 else {"rtol": 2e-2, "atol": 2e-2}
    torch.testing.assert_close(mix_layers(x, w).float(), (x.float() * w.view(1, 4, 1)).sum(1), **tolerance)


def test_layer_mixture_has_the_right_gradients() -> None:
    x, w = torch.randn(3, 4, 5).double().requires_grad_(), torch.rand(4).double().requires_grad_()
    plain = torch.autograd.grad(((x * w.view(1, 4, 1)).sum(1) ** 2).sum(), [x, w])
    fast = torch.autograd.grad((mix_layers(x, w) ** 2).sum(), [x, w])
    for a, b in zip(plain, fast, strict=True):
        torch.testing.assert_close(a.float(), b.float(), rtol=1e-5, atol=1e-5)


def test_layer_weights_are_learned_and_reported() -> None:
    layout = Layout(3, 4, 2)
    head = make_head(spec("linear", layout))
    assert head.layer_weights() == [pytest.approx([1 / 3] * 3)]
    y = head(torch.randn(8, layout.size))
    (y * torch.randn(8, 7)).sum().backward()
    assert head.layer_logits is not None
    assert head.layer_logits.grad is not None
    assert head.layer_logits.grad.abs().sum() > 0
    assert make_head(spec("linear", layout, layers="all")).layer_weights() == [None]
    assert native_dim(layout, "mixture") == 8
    assert native_dim(layout, "all") == 24


def test_a_spec_survives_the_checkpoint() -> None:
    original = spec("mlp", Layout(2, 5, 3), dropout=0.25)
    assert spec_from_dict(original.to_dict()) == original


def test_moments_equal_numpys_in_float64_over_many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antiphon.align.data.features.MOMENT_ROWS", 7)
    x = (np.random.default_rng(0).normal(size=(50, 4)) * [1, 1e-3, 5, 0] + [1e3, 0, -2, 3]).astype(np.float32)
    mean, std = moments(Rows.all_of(x))
    np.testing.assert_allclose(mean, x.astype(np.float64).mean(0), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(std, x.astype(np.float64).std(0), rtol=1e-3, atol=1e-9)


def test_channels_that_never_moved_are_switched_off() -> None:
    standardise = Standardise(3)
    standardise.fit(np.array([5.0, 0.0, 1.0]), np.array([0.0, 0.0, 2.0]))
    out = standardise(torch.tensor([[7.0, 1e6, 5.0]]))
    assert out.tolist() == [[0.0, 0.0, 2.0]]


def test_far_outliers_are_held() -> None:
    standardise = Standardise(1)
    standardise.fit(np.array([0.0]), np.array([0.001]))
    assert standardise(torch.tensor([[50.0]])).item() == 10.0


def test_standardising_does_not_touch_the_callers_vectors() -> None:
    standardise = Standardise(2)
    raw = torch.tensor([[100.0, -100.0]])
    standardise(raw)
    assert raw.tolist() == [[100.0, -100.0]]


@pytest.mark.parametrize("held", [True, False])
def test_features_are_the_same_from_memory_and_from_disk(held: bool) -> None:
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float16)
    standardise = Standardise(3)
    standardise.fit(*moments(Rows.all_of(x)))
    features = Features(
        Rows(x, np.arange(20)[::-1]),
        standardise,
        dtype=torch.float32,
        device=torch.device("cpu"),
        memory_bytes=1e6 if held else 0,
    )
    assert features.in_memory is held
    index = np.array([1, 4, 19])
    torch.testing.assert_close(features.take(index), standardise(torch.from_numpy(x[::-1][index].copy())))
    assert len(features.take(np.arange(20))) == len(features) == 20


def test_dropout_keeps_the_mean_and_drops_the_share() -> None:
    torch.manual_seed(0)
    dropout = Dropout(0.3)
    y = dropout(torch.ones(1000, 101))
    assert (y == 0).float().mean().item() == pytest.approx(77 / 256, abs=0.01)
    assert y.mean().item() == pytest.approx(1.0, abs=0.02)
    x = torch.randn(3, 5)
    assert Dropout(0.3).eval()(x) is x
    assert Dropout(0.0)(x) is x


def test_unit_length_is_what_autograd_makes_of_normalize() -> None:
    x = torch.randn(7, 5, dtype=torch.float64)
    x[2], x[4] = 0.0, 1e-9
    x.requires_grad_()
    towards = torch.randn(7, 5, dtype=torch.float64)
    slow = torch.nn.functional.normalize(x, dim=1, eps=1e-6)
    fast = unit_length(x)
    torch.testing.assert_close(fast, slow, rtol=1e-12, atol=0)
    wanted, found = (torch.autograd.grad((y * towards).sum(), x)[0] for y in (slow, fast))
    kept = torch.arange(7) != 2  # at exactly zero autograd takes another subgradient
    torch.testing.assert_close(found[kept], wanted[kept], rtol=1e-10, atol=1e-10)
    assert torch.isfinite(found).all()
    assert unit_length(x.detach().bfloat16()).dtype == torch.float32


def test_standardising_leaves_its_input_as_it_was() -> None:
    raw = torch.randn(4, 3)
    before, module = raw.clone(), Standardise(3)
    module.fit(np.ones(3), np.full(3, 2.0))
    torch.testing.assert_close(module(raw), (before - 1) / 2)
    assert torch.equal(raw, before)
    torch.testing.assert_close(module(raw.half()), (before - 1) / 2, rtol=1e-2, atol=1e-2)
