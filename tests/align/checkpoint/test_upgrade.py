"""Checkpoints of earlier formats answer as they did.

``golden/checkpoints/format1_*.pt`` were written by the last version of format 1 (commit b884012) on a made-up library
of 20 training tracks, with ``dim=128, hidden=8, epochs=2, epoch_steps=2``: a default training (closed forms beside four
parallel heads, hubness correction), a fusion of two such, and heads alone on two encoders side by side, one of them
with layers. ``format1.npz`` holds raw vectors and what that version made of them.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.upgrade import FORMAT
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import CheckpointError
from tests.helpers.libraries.made_vectors import make_library

GOLDEN = Path(__file__).parents[2] / "golden" / "checkpoints"
KINDS = ("training", "fusion", "heads")


@pytest.fixture(scope="module")
def then() -> dict[str, Any]:
    with np.load(GOLDEN / "format1.npz") as stored:
        return dict(stored)


@pytest.mark.parametrize("kind", KINDS)
def test_format_1_scores_as_it_did(kind: str, then: dict[str, Any]) -> None:
    bundle = Bundle.load(GOLDEN / f"format1_{kind}.pt")
    audio, text = then[f"{kind}_audio"], then[f"{kind}_text"]
    scores = bundle.score_text(text) @ bundle.score_audio(audio).T
    cosines = bundle.embed_text(text) @ bundle.embed_audio(audio).T
    np.testing.assert_allclose(scores, then[f"{kind}_scores"], atol=1e-5)
    np.testing.assert_allclose(cosines, then[f"{kind}_cosines"], atol=1e-5)
    assert bundle.temperature == pytest.approx(float(then[f"{kind}_temperature"]))
    assert (bundle.hubness is not None) == (kind != "heads")
    assert bundle.config.hubness == ("none" if kind == "heads" else "always")


@pytest.mark.parametrize("kind", KINDS)
def test_saved_again_it_is_of_the_present_format_and_the_same(kind: str, tmp_path: Path) -> None:
    old = Bundle.load(GOLDEN / f"format1_{kind}.pt")
    old.save(tmp_path / "again.pt")
    assert torch.load(tmp_path / "again.pt", weights_only=True)["format"] == FORMAT
    again = Bundle.load(tmp_path / "again.pt")
    assert again.space.audio.spec == old.space.audio.spec
    weights = again.space.state_dict()
    assert all(torch.equal(value, weights[key]) for key, value in old.space.state_dict().items())


def test_settings_and_ids_are_read_as_format_1_wrote_them(tmp_path: Path) -> None:
    """The ids as a list, the setting of phrases by its old name or, before there was one, not at all."""
    state = torch.load(GOLDEN / "format1_heads.pt", weights_only=True)
    ids = json.loads(state["train_ids"])
    for share, known in ((0.5, {"caption_parts": 0.5}), (0.0, {})):
        config = {key: value for key, value in state["config"].items() if key != "caption_parts"}
        torch.save({**state, "train_ids": ids, "config": {**config, **known}}, tmp_path / "earlier.pt")
        bundle = Bundle.load(tmp_path / "earlier.pt")
        assert (bundle.train_ids, bundle.config.caption_phrases) == (ids, share)


def test_layers_are_still_told() -> None:
    weights = Bundle.load(GOLDEN / "format1_heads.pt").layer_weights()
    assert list(weights) == ["deep"]
    assert sum(weights["deep"]) == pytest.approx(1)


def test_no_training_goes_on_from_format_1(tmp_path: Path) -> None:
    make_library(tmp_path)
    state = torch.load(GOLDEN / "format1_training.pt", weights_only=True)
    (tmp_path / "checkpoints").mkdir()
    torch.save({**state, "training": {"progress": {}}}, tmp_path / "checkpoints" / "made_last.pt")
    with pytest.raises(CheckpointError, match="earlier version of Antiphon wrote it"):
        train(tmp_path, "made", text="words", resume=True)


def test_a_training_goes_on_from_format_2(tmp_path: Path) -> None:
    found = []
    for name, number in (("then", 2), ("now", FORMAT)):
        make_library(tmp_path / name)
        short = TrainConfig(epochs=1, dim=8, hidden=8, epoch_steps=2)
        train(tmp_path / name, "made", text="words", config=short)
        last = tmp_path / name / "checkpoints" / "made_last.pt"
        torch.save({**torch.load(last, weights_only=True), "format": number}, last)
        train(tmp_path / name, "made", text="words", config=replace(short, epochs=2), resume=True)
        found.append(Bundle.load(last))
    then, now = found
    assert then.epoch == 2
    assert then.space.audio.spec == now.space.audio.spec
    weights = now.space.state_dict()
    assert all(torch.equal(value, weights[key]) for key, value in then.space.state_dict().items())
