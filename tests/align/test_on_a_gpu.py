"""What must not change on a GPU: the loss and its gradients, what a training reaches, a model's vectors.

Without a GPU every test here is skipped; with one, ``make test`` runs them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from antiphon.align.checkpoint.model import Model
from antiphon.align.config import TrainConfig
from antiphon.align.losses.infonce import info_nce
from antiphon.align.losses.targets import Positives
from antiphon.align.train import train
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.losses.loss_cases import unit

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU on this machine")

SCALE = 20.0


def loss_and_gradients(text: Tensor, audio: Tensor, positives: Positives, device: str) -> tuple[float, Tensor, Tensor]:
    texts, sounds = (each.detach().to(device).requires_grad_() for each in (text, audio))
    loss = info_nce(texts, sounds, torch.tensor(SCALE, device=device), positives)
    by_text, by_audio = torch.autograd.grad(loss, (texts, sounds))
    return float(loss.detach()), by_text.cpu(), by_audio.cpu()


class TestTheLoss:
    @pytest.mark.parametrize("precise", [True, False], ids=["float64", "float32"])
    @pytest.mark.parametrize("pairs", [7, 600, 3_000])
    def test_and_its_gradients_are_those_of_the_processor(self, pairs, precise):
        text, audio = unit(pairs, 32, seed=1), unit(pairs, 32, seed=2)
        positives = Positives.diagonal(pairs)
        exact = loss_and_gradients(text, audio, positives, "cpu")
        kind = torch.float64 if precise else torch.float32
        found = loss_and_gradients(text.to(kind), audio.to(kind), positives, "cuda")
        assert found[0] == pytest.approx(exact[0], rel=1e-9 if precise else 1e-4)
        for ours, twin in zip(found[1:], exact[1:], strict=True):
            allowed = (1e-9 if precise else 1e-2) * float(twin.abs().max())
            assert torch.allclose(ours.double(), twin, rtol=0, atol=allowed)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> dict[str, tuple[Path, list[float]]]:
    """By device the library, and the val MRR of each epoch."""

    def on(device: str) -> tuple[Path, list[float]]:
        root, curve = tmp_path_factory.mktemp(device), list[float]()
        make_library(root, train=400, val=120)
        settings = TrainConfig(device=device, closed_form="none", epochs=8, patience=0)
        train(root, "made", text="words", config=settings, on_epoch=lambda record: curve.append(record.mean_mrr))
        return root, curve

    return {device: on(device) for device in ("cpu", "cuda")}


class TestATraining:
    def test_reaches_what_one_on_the_processor_reaches(self, trained):
        assert max(trained["cuda"][1]) == pytest.approx(max(trained["cpu"][1]), abs=0.05)

    def test_leaves_a_checkpoint_that_opens_without_a_gpu(self, trained):
        model = Model.load(trained["cuda"][0] / "checkpoints" / "made_best_r1.pt")
        vectors = model.embed_audio(np.random.default_rng(0).normal(size=(3, 24)).astype(np.float32))
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    @pytest.mark.parametrize("form", ["auto", "cca"])
    def test_with_closed_forms_beside_the_heads_is_as_good(self, form, tmp_path):
        best = {}
        for device in ("cpu", "cuda"):
            make_library(tmp_path / device, train=200, val=80)
            curve = list[float]()
            settings = TrainConfig(device=device, closed_form=form, epochs=4)
            train(
                tmp_path / device,
                "made",
                text="words",
                config=settings,
                on_epoch=lambda record, curve=curve: curve.append(record.mean_mrr),
            )
            best[device] = max(curve)
        assert best["cuda"] == pytest.approx(best["cpu"], abs=0.03)
