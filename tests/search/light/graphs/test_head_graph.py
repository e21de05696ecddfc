"""Heads as graphs: every kind that a checkpoint may have, against the head itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.heads.ensemble_head import ensemble_spec
from antiphon.align.heads.head import Head, HeadSpec
from antiphon.align.heads.kernel_head import KernelSpec
from antiphon.align.heads.kinds import KINDS, make_head
from antiphon.align.heads.linear_cca_head import LinearCCASpec
from antiphon.align.heads.projection_head import ProjectionSpec
from antiphon.align.hubness.correction import Hubness
from antiphon.layout import Layout
from antiphon.search.light.graphs.head_graph import WRITERS, head_graph
from antiphon.search.light.graphs.unexportable import Unexportable
from antiphon.search.light.sentence import open_session
from tests.helpers.measured.spaces import unit

FLAT, LAYERS = Layout.flat(12), Layout(layers=3, dims=4, statistics=1)
JOINED = Layout.joined([FLAT, LAYERS])
KERNEL = KernelSpec(kind="kernel_cca", layout=FLAT, dim=8, squash=2.0, landmarks=5, kernels=2, forms=4)


def projection(kind: str, layout: Layout = FLAT, dim: int = 8, **more: object) -> ProjectionSpec:
    return ProjectionSpec(kind=kind, layout=layout, dim=dim, **more)  # type: ignore[arg-type]


SPECS: dict[str, HeadSpec] = {
    "linear": projection("linear"),
    "linear, bent and weighted": projection("linear", squash=3.0, relevance=True),
    "linear, weighted and held": projection("linear", relevance=True),
    "mlp with dropout": projection("mlp", hidden=6, dropout=0.5),
    "identity": projection("identity", dim=12),
    "layers mixed": projection("mlp", LAYERS),
    "layers kept": projection("linear", LAYERS, layers="all"),
    "several encoders": projection("mlp", JOINED),
    "kernel": KERNEL,
    "kernel of wide vectors": KernelSpec(
        kind="kernel_cca",
        layout=FLAT,
        dim=8,
        squash=2.0,
        landmarks=5,
        kernels=2,
        forms=2,
        blocks=((1, 5, 2), (7, 12, 3)),
    ),
    "linear CCAs": LinearCCASpec(kind="linear_cca", layout=FLAT, dim=8, dims=(5, 3)),
    "linear CCAs of wide vectors": LinearCCASpec(kind="linear_cca", layout=FLAT, dim=8, dims=(2, 4, 2), axes=4),
    "ensemble": ensemble_spec([KERNEL, projection("mlp")], own_columns=False),
    "ensemble of encoders": ensemble_spec([projection("mlp"), projection("linear", LAYERS)], own_columns=True),
}


def filled(spec: HeadSpec) -> Head:
    """A head whose every number is its own, none of them as it starts."""
    with torch.random.fork_rng([]):
        torch.manual_seed(3)
        head = make_head(spec).eval().requires_grad_(False)
        for name, value in head.state_dict().items():
            positive = name.endswith(("scale", "rates", "weights", "relevance", "balance"))
            value.copy_(0.2 + torch.rand(value.shape) if positive else torch.randn(value.shape))
    return head


def run(content: bytes, folder: Path, raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    (folder / "head.onnx").write_bytes(content)
    embedded, scores = open_session(folder / "head.onnx").run(["embedded", "scores"], {"raw": raw})
    return embedded, scores


@pytest.mark.parametrize("name", SPECS)
def test_a_graph_gives_what_its_head_gives(name: str, tmp_path: Path) -> None:
    head = filled(SPECS[name])
    raw = 3 * np.random.default_rng(0).standard_normal((7, head.spec.layout.size)).astype(np.float32)
    raw[0] = 0
    expected = head(torch.from_numpy(raw)).numpy()
    for rows in (raw, raw[:1]):
        embedded, scores = run(head_graph(head, None), tmp_path, rows)
        np.testing.assert_allclose(embedded, expected[: len(rows)], atol=2e-6)
        np.testing.assert_array_equal(scores, embedded)
    assert np.abs(expected).max() > 0.1


@pytest.mark.parametrize("neighbours", [1, 3, 50])
def test_scores_take_in_the_hubness_correction(neighbours: int, tmp_path: Path) -> None:
    head, rng = filled(SPECS["linear"]), np.random.default_rng(1)
    hubness = Hubness.from_reference(unit(rng, 9, 8), unit(rng, 11, 8), weight=0.6, neighbours=neighbours)
    raw = rng.standard_normal((4, 12)).astype(np.float32)
    embedded, scores = run(head_graph(head, hubness), tmp_path, raw)
    np.testing.assert_allclose(scores, hubness.score_texts(embedded), atol=2e-6)


def test_every_kind_of_head_has_a_graph() -> None:
    assert set(WRITERS) == set(KINDS.values())


def test_a_head_of_another_kind_is_refused_by_name() -> None:
    class Other(type(filled(SPECS["linear"]))):  # type: ignore[misc]
        pass

    with pytest.raises(Unexportable, match="a head of kind 'linear'"):
        head_graph(Other(SPECS["linear"]), None)
