"""CLAP: both sides against transformers' own pipeline on the same tiny weights, and what is refused."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import ClapFeatureExtractor, ClapModel, ClapProcessor

from antiphon.audio.pooling import pool
from antiphon.encoders import clap
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.clap import tiny_config, write_clap, write_full_size

AUDIO, TEXT = clap.CARDS
TEXTS = ["slow sad piano music", "rain", "a dog barks in the rain at night on a tin roof, loud electric guitar solo"]


def sound(windows: int = 2, seconds: float = 10.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((windows, int(seconds * 48_000))) * rng.uniform(0.001, 0.3, (windows, 1))
    noise[:, ::1000] += 0.5
    return noise.astype(np.float32)


def load(card: Any, folder: Path, **options: Any) -> Any:
    return clap.load(card, LoadOptions(weights=str(folder), device="cpu", **options))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clap(tmp_path_factory.mktemp("clap"))


@pytest.fixture(scope="module")
def fused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clap(tmp_path_factory.mktemp("fused"), enable_fusion=True, fusion_type="aff_2d")


def test_audio_equals_the_pipeline_of_transformers(folder: Path) -> None:
    windows = sound()

    frames = load(AUDIO, folder).frames(windows)

    features = ClapProcessor.from_pretrained(folder).feature_extractor(
        list(windows), sampling_rate=48_000, return_tensors="pt"
    )
    with torch.no_grad():
        expected = ClapModel.from_pretrained(folder).eval().get_audio_features(**features).pooler_output.numpy()
    assert frames.shape == (2, 1, 24)
    assert frames.dtype == np.float32
    np.testing.assert_allclose(frames[:, 0], expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(frames, axis=2), 1, atol=1e-5)


@pytest.mark.parametrize("padding", ["repeatpad", "repeat", "pad"])
@pytest.mark.parametrize("seconds", [0.01, 3.0, 4.999, 5.0, 10.0])
def test_spectrogram_equals_the_feature_extractor(padding: str, seconds: float) -> None:
    extractor = ClapFeatureExtractor(truncation="rand_trunc", padding=padding)
    windows = sound(2, seconds)
    expected = extractor(list(windows), sampling_rate=48_000, return_tensors="pt")["input_features"]
    actual = clap.Spectrogram(extractor, fused=False)(windows, torch.device("cpu"))
    np.testing.assert_allclose(actual.numpy(), expected.numpy(), atol=1e-3)


def test_silence_is_the_floor_of_the_spectrogram() -> None:
    extractor = ClapFeatureExtractor(truncation="rand_trunc")
    mel = clap.Spectrogram(extractor, fused=False)(np.zeros((1, 48_000), np.float32), torch.device("cpu"))
    assert mel.unique().tolist() == [-100.0]


def test_fused_spectrogram_equals_the_feature_extractor() -> None:
    extractor = ClapFeatureExtractor(truncation="fusion")
    windows = sound(2, 7.0)
    expected = extractor(list(windows), sampling_rate=48_000, return_tensors="pt")["input_features"]
    actual = clap.Spectrogram(extractor, fused=True)(windows, torch.device("cpu"))
    assert actual.shape[1] == 4
    np.testing.assert_allclose(actual.numpy(), expected.numpy(), atol=1e-3)


def test_a_fused_model_never_takes_its_random_path(fused: Path) -> None:
    windows = sound(2)

    frames = load(AUDIO, fused).frames(windows)

    features = ClapProcessor.from_pretrained(fused).feature_extractor(
        list(windows), sampling_rate=48_000, return_tensors="pt"
    )
    features["is_longer"] = torch.zeros(2, 1, dtype=torch.bool)  # transformers picks one of the two by chance
    with torch.no_grad():
        expected = ClapModel.from_pretrained(fused).eval().get_audio_features(**features).pooler_output.numpy()
    np.testing.assert_allclose(frames[:, 0], expected, atol=1e-5)
    np.testing.assert_array_equal(frames, load(AUDIO, fused).frames(windows))


def test_windows_do_not_see_each_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load(AUDIO, folder)
    windows = sound(3, 2.0)
    alone = np.concatenate([encoder.frames(windows[row : row + 1]) for row in range(3)])
    monkeypatch.setattr(type(encoder._place), "batches", lambda self, rows, _most: [slice(0, rows)])
    np.testing.assert_allclose(encoder.frames(windows), alone, atol=1e-5)
    np.testing.assert_allclose(encoder.frames(windows[::-1])[::-1], alone, atol=1e-5)


def test_text_equals_the_pipeline_of_transformers(folder: Path) -> None:
    vectors = load(TEXT, folder).encode(TEXTS)

    tokens = ClapProcessor.from_pretrained(folder).tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        reference = ClapModel.from_pretrained(folder).eval()
        expected = reference.get_text_features(tokens["input_ids"], tokens["attention_mask"]).pooler_output.numpy()
    assert vectors.shape == (3, 24)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_a_published_tokenizer_is_read_as_its_file_has_it(folder: Path, tmp_path: Path) -> None:
    """transformers rebuilds RoBERTa's tokenizer by rules of its own; its file says what the model was trained with."""
    from tokenizers import Tokenizer
    from tokenizers.processors import RobertaProcessing

    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "special_tokens_map.json").unlink(missing_ok=True)
    file = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    file.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    file.save(str(tmp_path / "tokenizer.json"))
    file.model.save(str(tmp_path))  # vocab.json and merges.txt, as the published folders have
    published = {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": False, "trim_offsets": True}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({**published, "model_max_length": 512}))

    read = load(TEXT, tmp_path)._tokenizer
    for text in [
        *TEXTS,
        "",
        "  Slow  sad\tpiano\n",
        "Größe – café 東京 🎹",
        "DJ's <mask> and </s>",
        "e\u0301",
        "a\u200bb",
    ]:
        assert read(text)["input_ids"] == file.encode(text).ids, text


def test_texts_do_not_see_each_other(folder: Path) -> None:
    encoder = load(TEXT, folder)
    many = [f"{text} {number}" for number in range(12) for text in TEXTS]
    few = [0, 1, 2, 17, 35]
    alone = np.concatenate([encoder.encode([many[row]]) for row in few])
    np.testing.assert_allclose(encoder.encode(many)[few], alone, atol=1e-5)


def test_no_texts_and_endless_texts_are_read(folder: Path) -> None:
    encoder = load(TEXT, folder)
    assert encoder.encode([]).shape == (0, 24)
    endless = encoder.encode(["rain and piano " * 1000, ""])
    assert np.isfinite(endless).all()


def test_the_first_statistic_is_the_mean_of_the_windows(folder: Path) -> None:
    encoder = load(AUDIO, folder)
    frames = encoder.frames(sound(3, 2.0))[:, 0]
    vector = pool(frames, encoder.card.layout, encoder.card.pooling)
    np.testing.assert_allclose(vector.reshape(1, 24, 3)[0, :, 0], frames.mean(axis=0), atol=1e-6)


def test_cards_describe_one_model_in_one_space() -> None:
    assert AUDIO.layout == Layout(1, 512, 3)
    assert TEXT.layout == Layout(1, 512, 1)
    assert AUDIO.hub_id == TEXT.hub_id
    assert (AUDIO.rate, AUDIO.window_s, AUDIO.non_commercial) == (48_000, 10.0, False)


def test_both_sides_share_the_weights_id_and_the_space(folder: Path) -> None:
    audio, text = load(AUDIO, folder), load(TEXT, folder)
    assert audio.weights_id == text.weights_id
    assert len(audio.weights_id) == 64
    assert audio.card.layout == Layout(1, 24, 3)
    assert text.card.layout == Layout(1, 24, 1)


def test_a_collapsed_text_side_is_refused(tmp_path: Path) -> None:
    folder = write_clap(tmp_path, noise=0.0)  # untrained towers answer every text alike
    with pytest.raises(EncoderError, match=r"unlike captions nearly the same vector.*\n.*larger_clap_general"):
        load(TEXT, folder)
    assert load(AUDIO, folder).frames(sound(1, 1.0)).shape == (1, 1, 24)


def test_windows_longer_than_the_model_hears_are_refused(folder: Path) -> None:
    with pytest.raises(EncoderError, match="at most 480000 samples"):
        load(AUDIO, folder).frames(np.zeros((1, 480_001), np.float32))


def test_another_rate_is_refused(tmp_path: Path) -> None:
    folder = write_clap(tmp_path)
    ClapFeatureExtractor(sampling_rate=32_000).save_pretrained(folder)
    with pytest.raises(EncoderError, match=r"32000 Hz.*48000 Hz"):
        load(AUDIO, folder)


def test_incomplete_weights_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = write_clap(tmp_path)
    state = load_file(folder / "model.safetensors")
    del state["audio_projection.linear1.weight"]
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(EncoderError, match=r"lack 1 parts.*audio_projection\.linear1\.weight"):
        load(AUDIO, folder)


def test_weights_of_other_sizes_are_refused(tmp_path: Path) -> None:
    folder = write_clap(tmp_path)
    tiny_config(patch_embeds_hidden_size=32, hidden_size=64).save_pretrained(folder)
    with pytest.raises(EncoderError, match="does not hold a CLAP model"):
        load(AUDIO, folder)


@pytest.mark.parametrize(
    ("missing", "card"),
    [
        ("preprocessor_config.json", AUDIO),
        ("config.json", AUDIO),
        ("model.safetensors", AUDIO),
        ("tokenizer.json", TEXT),
    ],
)
def test_an_incomplete_folder_says_so(tmp_path: Path, missing: str, card: Any) -> None:
    folder = write_clap(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(EncoderError, match=rf"{missing}|tokenizer|CLAP model"):
        load(card, folder)


def test_missing_weights_name_the_command_that_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def no_network(*_args: Any, **_kwargs: Any) -> str:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", no_network)
    with pytest.raises(EncoderError, match=r"hf download laion/larger_clap_general.*--weights"):
        clap.load(TEXT, LoadOptions(device="cpu"))


@pytest.mark.slow
def test_full_size_model_describes_ten_seconds(tmp_path: Path) -> None:
    """The size of laion/larger_clap_general with random weights; prints its time and the memory of the process."""
    import resource

    folder = write_full_size(tmp_path)
    encoder = load(AUDIO, folder)
    assert encoder.card.layout == AUDIO.layout

    started = time.process_time()
    frames = encoder.frames(sound(1))

    assert frames.shape == (1, 1, 512)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    parameters = json.loads((folder / "config.json").read_text())["audio_config"]["depths"]
    print(f"\nclap {parameters}: {time.process_time() - started:.1f} CPU s for 10 s of sound, peak {peak:.2f} GiB")
