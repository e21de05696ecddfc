"""Trained heads weigh each side's numbers by what the other side tells of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.closed_form.relevance import relevance
from antiphon.align.config import TrainConfig
from antiphon.align.data.material import read_material
from antiphon.align.heads.standardise import Standardise
from antiphon.align.model import SharedSpace
from antiphon.align.train import train
from antiphon.align.training.setup import fresh_space, resolve_settings
from antiphon.layout import Layout
from tests.helpers.libraries.made_vectors import make_library

CONFIG = TrainConfig(epochs=1, epoch_steps=1, dim=8, hidden=8, closed_form="none")


def space_of(root: Path, **more: object) -> SharedSpace:
    material = read_material(root, "made", "words")
    return fresh_space(material, resolve_settings(TrainConfig(**{**CONFIG.to_dict(), **more}), len(material.train_ids)))


def test_weights_are_those_of_the_tracks_and_the_means_of_their_captions(tmp_path: Path) -> None:
    make_library(tmp_path, train=20)
    material, space = read_material(tmp_path, "made", "words"), space_of(tmp_path)

    def bent(vectors: np.ndarray) -> np.ndarray:
        values = vectors.astype(np.float64)
        return 2 * np.tanh((values - values.mean(0)) / values.std(0) / 2)

    text, audio = (bent(rows.raw(slice(None)).numpy()) for rows in (material.train.text, material.train.audio))
    mean = np.stack([text[material.train.track_of_caption == track].mean(0) for track in range(20)])
    for head, expected in zip((space.text, space.audio), relevance(mean, audio), strict=True):
        found = head.standardise.relevance.numpy()
        np.testing.assert_allclose(found, expected / np.sqrt(np.mean(expected**2)), rtol=1e-3)
        assert found.max() > 1.05 * found.min()


def test_weights_come_after_bending_and_after_holding() -> None:
    raw = torch.tensor([[1.0, -30.0, 0.5]])
    for squash, expected in ((2.0, 2 * torch.tanh(raw / 2)), (0.0, raw.clamp(-10, 10))):
        weighs = Standardise(3, squash, relevance=True)
        weighs.weigh(np.array([3.0, 4.0, 0.0], np.float32))
        factors = torch.tensor([3.0, 4.0, 0.0]) / np.sqrt(25 / 3)
        torch.testing.assert_close(weighs(raw.clone()), expected * factors)
        assert "relevance" not in dict(Standardise(3, squash).named_buffers())


@pytest.mark.parametrize(
    ("more", "weighed"),
    [
        ({}, (True, True)),
        ({"audio_head": "identity"}, (False, True)),  # an index that exists holds the encoder's numbers
    ],
)
def test_settings_say_which_side_is_weighed(
    tmp_path: Path, more: dict[str, object], weighed: tuple[bool, bool]
) -> None:
    make_library(tmp_path)
    space = space_of(tmp_path, **more)
    assert (space.audio.standardise.weighs, space.text.standardise.weighs) == weighed


def test_wide_vectors_are_left_alone(tmp_path: Path) -> None:
    make_library(tmp_path, train=6, val=0, layout=Layout(2, 4097, 2))
    assert not space_of(tmp_path).text.standardise.weighs


def test_a_checkpoint_keeps_them_and_one_from_before_has_none(tmp_path: Path) -> None:
    make_library(tmp_path)
    last = train(tmp_path, "made", text="words", config=CONFIG).checkpoints["last"]
    bundle = Bundle.load(last)
    weights = bundle.space.audio.standardise.relevance
    assert weights.std() > 0.01
    state = torch.load(last, weights_only=True)
    for side in ("audio", "text"):
        del state[f"{side}_head"]["relevance"], state["weights"][f"{side}.standardise.relevance"]
    del state["checksum"]  # nor was there one
    torch.save(state, tmp_path / "earlier.pt")
    earlier = Bundle.load(tmp_path / "earlier.pt")
    raw = np.random.default_rng(0).normal(size=(3, 24)).astype(np.float32)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(earlier.embed_audio(raw), bundle.embed_audio(raw), atol=1e-3)
