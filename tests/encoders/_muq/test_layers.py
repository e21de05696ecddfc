"""MuQ's layers: each hidden state as its makers count them, from either file that holds the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from antiphon.encoders import muq
from antiphon.encoders._muq.layers import MuqLayers
from antiphon.encoders._muq.model import LogMel, MusicModel
from antiphon.encoders._muq.settings import read_muq
from antiphon.encoders._muq.tensors import ALONE, music_parts, select
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.muq import MULAN, write_muq, write_music_model

(CARD,) = (card for card in muq.CARDS if card.name == muq.LAYERS)
LAYERS, DIMS = 4, 32


def load(folder: Path, **options: Any) -> MuqLayers:
    return muq.load(CARD, LoadOptions(weights=str(folder), device="cpu", **options))


def sound(windows: int = 2, seconds: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (0.2 * rng.standard_normal((windows, int(seconds * 24_000)))).astype(np.float32)


@pytest.fixture(scope="module")
def mulan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_muq(tmp_path_factory.mktemp("mulan"))


@pytest.fixture(scope="module")
def alone(mulan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_music_model(tmp_path_factory.mktemp("muq"), mulan)


def states_by_hand(folder: Path, window: np.ndarray) -> np.ndarray:
    """(layers, dims) means over time, the conformer's layers called one after the other."""
    settings = read_muq(folder)
    model = MusicModel(settings)
    model.load_state_dict(select(folder / "model.safetensors", music_parts(ALONE), {}), strict=True)
    model.eval()
    with torch.no_grad():
        steps = model.stem(LogMel(settings.mean, settings.std)(torch.from_numpy(window)[None]))
        positions, states = model.conformer.embed_positions(steps), [steps]
        for layer in model.conformer.layers:
            states.append(layer(states[-1], relative_position_embeddings=positions))
        states[-1] = model.conformer.layer_norm(states[-1])
    return np.stack([state[0].mean(dim=0).numpy() for state in states])


def test_every_state_is_the_one_that_its_number_says(alone: Path) -> None:
    windows = sound()
    frames = load(alone).frames(windows)
    assert frames.shape == (2, 1, LAYERS * DIMS)
    expected = np.stack([states_by_hand(alone, window) for window in windows])
    np.testing.assert_allclose(frames.reshape(2, LAYERS, DIMS), expected, atol=1e-5)


def test_a_mulan_holds_the_same_model(mulan: Path, alone: Path) -> None:
    inside, by_itself = load(mulan), load(alone)
    assert inside.card.layout == by_itself.card.layout == Layout(LAYERS, DIMS, 3)
    np.testing.assert_allclose(inside.frames(sound()), by_itself.frames(sound()), atol=1e-6)
    assert inside.weights_id != by_itself.weights_id


def test_the_last_state_is_what_mulans_own_side_goes_on_from(mulan: Path) -> None:
    side = muq.load(muq.CARDS[0], LoadOptions(weights=str(mulan), device="cpu"))
    seen: list[torch.Tensor] = []
    side._side.tail.register_forward_pre_hook(lambda _tail, inputs: seen.append(inputs[0]))
    side.frames(sound(1))
    last = load(mulan).frames(sound(1)).reshape(LAYERS, DIMS)[-1]
    np.testing.assert_allclose(last, seen[0][0].mean(dim=0).numpy(), atol=1e-5)


def test_bfloat16_changes_little(alone: Path) -> None:
    exact, rounded = (load(alone, dtype=dtype).frames(sound()) for dtype in ("float32", "bfloat16"))
    assert rounded.dtype == np.float32
    assert 0 < np.linalg.norm(exact - rounded) / np.linalg.norm(exact) < 0.03


def test_the_published_card() -> None:
    assert CARD.layout == Layout(13, 1024, 3)
    assert CARD.non_commercial


def test_other_weights_are_refused(tmp_path: Path, alone: Path, mulan: Path) -> None:
    write_music_model(tmp_path / "other", mulan)
    (tmp_path / "other" / "model.safetensors").unlink()
    torch.save({"model.surprise": torch.zeros(1)}, tmp_path / "other" / "pytorch_model.bin")
    with pytest.raises(EncoderError, match=r"1 weights that are no part of a MuQ, such as model\.surprise"):
        load(tmp_path / "other")


def test_a_mulan_whose_config_names_a_model_elsewhere_makes_nobody_fetch_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    folder = write_muq(tmp_path / "mulan")
    (folder / "OpenMuQ").rename(tmp_path / "OpenMuQ")

    def empty(name: str, *, local_files_only: bool, **_: Any) -> str:
        assert local_files_only, f"the hub was asked for {name}"
        raise OSError("not here")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", empty)
    with pytest.raises(EncoderError, match=rf"names the model {MULAN['audio_model']['name']}"):
        load(folder, fetch=False)
