"""MERT: the hub's files through the product's own path, against transformers' HubertModel called by hand."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Wav2Vec2FeatureExtractor

from antiphon.encoders import mert
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.mert import HUB_CONFIG, PREPROCESSOR, V1_330M, hub_names, reference_model, write_mert

CARD = mert.CARDS[0]
RATE = 24_000
POST_NORM = {"do_stable_layer_norm": False, "feat_extract_norm": "group"}


def sound(windows: int = 3, seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time_axis = np.arange(int(seconds * RATE)) / RATE
    pitches = rng.uniform(100, 2000, (windows, 1))
    waves = 0.3 * np.sin(2 * np.pi * pitches * time_axis) + 0.02 * rng.standard_normal((windows, len(time_axis)))
    return waves.astype(np.float32)


def load(folder: Path, **options: Any) -> mert.Mert:
    return mert.load(CARD, LoadOptions(weights=str(folder), device="cpu", **options))


def states_by_hand(model: Any, window: np.ndarray, *, normalise: bool = True) -> np.ndarray:
    """(layers, dims): every hidden state of one window, averaged; the slow and obvious way."""
    extractor = Wav2Vec2FeatureExtractor(sampling_rate=RATE, do_normalize=normalise)
    inputs = extractor(window, sampling_rate=RATE, return_tensors="pt")["input_values"]
    with torch.no_grad():
        outputs = model(inputs, output_hidden_states=True)
    states = [*outputs.hidden_states[:-1], outputs.last_hidden_state]
    return np.stack([state[0].mean(dim=0).numpy() for state in states])


@pytest.mark.parametrize("changes", [{}, POST_NORM], ids=["pre-norm like 330M", "post-norm like 95M"])
def test_frames_are_the_hidden_states_of_hubert_averaged_over_time(tmp_path: Path, changes: dict[str, Any]) -> None:
    encoder = load(write_mert(tmp_path, **changes))
    windows = sound()

    frames = encoder.frames(windows)

    reference = reference_model({**HUB_CONFIG, **changes})
    expected = np.stack([states_by_hand(reference, window) for window in windows])
    assert frames.shape == (3, 1, 4 * 32)
    assert frames.dtype == np.float32
    np.testing.assert_allclose(frames.reshape(3, 4, 32), expected, atol=1e-5)


def test_last_state_is_taken_after_the_final_layer_norm(tmp_path: Path) -> None:
    reference = reference_model(HUB_CONFIG)
    window = sound(1)

    last = load(write_mert(tmp_path)).frames(window).reshape(4, 32)[3]

    with torch.no_grad():
        inputs = torch.from_numpy((window - window.mean()) / window.std())
        before_norm = reference(inputs, output_hidden_states=True).hidden_states[-1].mean(1)[0].numpy()
        after_norm = reference(inputs).last_hidden_state.mean(1)[0].numpy()
    np.testing.assert_allclose(last, after_norm, atol=1e-4)
    assert np.abs(last - before_norm).max() > 0.1


def test_layout_is_that_of_the_weights(tmp_path: Path) -> None:
    encoder = load(write_mert(tmp_path, num_hidden_layers=2))
    assert encoder.card.layout == Layout(3, 32, 3)
    assert encoder.card.name == "mert"


def test_published_layouts() -> None:
    assert {card.name: card.layout.size for card in mert.CARDS} == {"mert": 76_800, "mert-95m": 13 * 768 * 3}
    assert all(card.non_commercial for card in mert.CARDS)


def test_windows_do_not_see_each_other(tmp_path: Path) -> None:
    encoder = load(write_mert(tmp_path))
    windows = sound(4)
    alone = np.concatenate([encoder.frames(windows[i : i + 1]) for i in range(4)])
    np.testing.assert_allclose(encoder.frames(windows), alone, atol=1e-5)
    np.testing.assert_allclose(encoder.frames(windows[::-1])[::-1], alone, atol=1e-5)


def test_windows_do_not_see_each_other_inside_one_forward_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(write_mert(tmp_path))
    windows = sound(4)
    one_by_one = encoder.frames(windows)
    monkeypatch.setattr(type(encoder._place), "batches", lambda self, rows, _most: [slice(0, rows)])
    np.testing.assert_allclose(encoder.frames(windows), one_by_one, atol=1e-5)


@pytest.mark.parametrize("normalise", [True, False])
def test_normalisation_follows_the_preprocessor_file(tmp_path: Path, normalise: bool) -> None:
    folder = write_mert(tmp_path)
    (folder / "preprocessor_config.json").write_text(json.dumps({**PREPROCESSOR, "do_normalize": normalise}))
    window = 0.2 * sound(1) + 0.1

    frames = load(folder).frames(window)

    expected = states_by_hand(reference_model(HUB_CONFIG), window[0], normalise=normalise)
    np.testing.assert_allclose(frames.reshape(4, 32), expected, atol=1e-5)


def test_loudness_and_offset_do_not_matter_when_windows_are_normalised(tmp_path: Path) -> None:
    encoder = load(write_mert(tmp_path))
    window = sound(1)
    np.testing.assert_allclose(encoder.frames(window), encoder.frames(0.1 * window + 0.2), atol=1e-3)


@pytest.mark.parametrize("samples", [1, 399, 400, 24_000])
def test_silence_and_very_short_windows_give_one_finite_frame(tmp_path: Path, samples: int) -> None:
    frames = load(write_mert(tmp_path)).frames(np.zeros((2, samples), np.float32))
    assert frames.shape == (2, 1, 128)
    assert np.isfinite(frames).all()


def test_safetensors_and_torch_files_hold_the_same_model(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    old, new = write_mert(tmp_path / "bin"), write_mert(tmp_path / "safe")
    save_file(torch.load(new / "pytorch_model.bin", weights_only=True), new / "model.safetensors")
    (new / "pytorch_model.bin").unlink()
    windows = sound(1)
    np.testing.assert_array_equal(load(old).frames(windows), load(new).frames(windows))


def test_a_checkpoint_without_the_mask_vector_loads(tmp_path: Path) -> None:
    folder = write_mert(tmp_path)
    state = torch.load(folder / "pytorch_model.bin", weights_only=True)
    assert state.pop("masked_spec_embed") is not None
    torch.save(state, folder / "pytorch_model.bin")
    assert load(folder).frames(sound(1)).shape == (1, 1, 128)


def test_weights_id_is_the_hash_of_the_file(tmp_path: Path) -> None:
    import hashlib

    folder = write_mert(tmp_path / "a")
    expected = hashlib.sha256((folder / "pytorch_model.bin").read_bytes()).hexdigest()
    assert load(folder).weights_id == expected
    assert load(write_mert(tmp_path / "b", seed=1)).weights_id != expected


@pytest.mark.parametrize(
    "changes",
    [{"feature_extractor_cqt": True}, {"deepnorm": True}, {"attention_relax": 32.0}],
    ids=lambda c: next(iter(c)),
)
def test_a_mert_that_is_no_plain_hubert_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    folder = write_mert(tmp_path)
    (folder / "config.json").write_text(json.dumps({**HUB_CONFIG, **changes}))
    with pytest.raises(EncoderError, match=f"{next(iter(changes))} = .*plain HuBERT"):
        load(folder)


def test_weights_that_do_not_fit_the_config_are_refused(tmp_path: Path) -> None:
    folder = write_mert(tmp_path)
    (folder / "config.json").write_text(json.dumps({**HUB_CONFIG, "num_hidden_layers": 4}))
    with pytest.raises(EncoderError, match=r"(?s)do not fit config.json.*encoder\.layers\.3"):
        load(folder)


def test_surplus_weights_are_refused(tmp_path: Path) -> None:
    folder = write_mert(tmp_path)
    state = hub_names(reference_model(HUB_CONFIG).state_dict()) | {"surprise": torch.zeros(1)}
    torch.save(state, folder / "pytorch_model.bin")
    with pytest.raises(EncoderError, match=r"(?s)do not fit config.json.*surprise"):
        load(folder)


class Trap:
    """Something whose unpickling would run code."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("this must never run",))


def test_a_file_that_would_run_code_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_mert(tmp_path)
    torch.save({"weights": Trap()}, folder / "pytorch_model.bin")
    with pytest.raises(EncoderError, match="cannot be read as weights"):
        load(folder)
    assert "never run" not in capsys.readouterr().out


def test_a_model_of_another_rate_is_refused(tmp_path: Path) -> None:
    folder = write_mert(tmp_path)
    (folder / "preprocessor_config.json").write_text(json.dumps({**PREPROCESSOR, "sampling_rate": 16_000}))
    with pytest.raises(EncoderError, match=r"16000 Hz.*24000 Hz"):
        load(folder)


@pytest.mark.parametrize("missing", ["config.json", "preprocessor_config.json", "pytorch_model.bin"])
def test_an_incomplete_folder_says_what_is_missing(tmp_path: Path, missing: str) -> None:
    folder = write_mert(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(EncoderError, match=missing):
        load(folder)


def test_missing_weights_name_the_command_that_brings_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def no_network(*_args: Any, **_kwargs: Any) -> str:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", no_network)
    with pytest.raises(EncoderError, match=r"hf download m-a-p/MERT-v1-330M.*--weights"):
        mert.load(CARD, LoadOptions(device="cpu"))


def test_bfloat16_changes_little_and_the_result_is_float32(tmp_path: Path) -> None:
    folder = write_mert(tmp_path, noise=0.0, conv_dim=[64] * 7, hidden_size=256, intermediate_size=512)
    exact, rounded = (load(folder, dtype=dtype).frames(sound()) for dtype in ("float32", "bfloat16"))
    assert rounded.dtype == np.float32
    assert 0 < np.linalg.norm(exact - rounded) / np.linalg.norm(exact) < 0.03


@pytest.mark.slow
def test_full_size_model_describes_ten_seconds(tmp_path: Path) -> None:
    """The published architecture with random weights; prints its times and the memory of the process."""
    import resource

    folder = write_mert(tmp_path, noise=0.0, **V1_330M)
    results = []
    for dtype in ("float32", "bfloat16"):
        encoder = load(folder, dtype=dtype)
        assert encoder.card.layout == CARD.layout
        started = time.process_time()
        results.append(encoder.frames(sound(1, seconds=10.0)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"\nmert {dtype}: {time.process_time() - started:.1f} CPU s for 10 s of sound, peak so far {peak:.2f} GiB"
        )

    exact, rounded = results
    assert exact.shape == (1, 1, 25 * 1024)
    assert np.isfinite(exact).all()
    assert np.linalg.norm(exact - rounded) / np.linalg.norm(exact) < 0.02
