"""MuQ-MuLan: official files through the product's own path, against golden numbers of the package."""

from __future__ import annotations

import json
from pathlib import Path

import librosa
import numpy as np
import pytest
import torch

from antiphon.encoders import muq
from antiphon.encoders._muq.model import LogMel, Transformer, mel_filters
from antiphon.encoders._muq.settings import Joint
from antiphon.layout import Layout
from tests.helpers.checkpoints.muq import CORPUS, large, write_muq
from tests.helpers.checkpoints.muq_shapes import random_state
from tests.helpers.muq.sounds import GOLDEN, golden_tracks, load, means_over_windows, sound

AUDIO, TEXT, _LAYERS = muq.CARDS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_muq(tmp_path_factory.mktemp("muq"))


@pytest.fixture(scope="module")
def audio(folder: Path) -> muq.MuqAudio:
    return load(AUDIO, folder)


@pytest.fixture(scope="module")
def text(folder: Path) -> muq.MulanText:
    return load(TEXT, folder)


class TestNumbers:
    def test_a_track_gets_the_vector_that_the_reference_package_gives_it(self, audio: muq.MuqAudio) -> None:
        means = np.stack([means_over_windows(audio, track) for track in golden_tracks()])
        np.testing.assert_allclose(means, json.loads(GOLDEN.read_text())["audio"], atol=1e-5)

    def test_a_text_gets_the_vector_that_the_reference_package_gives_it(self, text: muq.MulanText) -> None:
        golden = json.loads(GOLDEN.read_text())
        vectors = np.concatenate([text._joint([tokens]) for tokens in golden["tokens"]])
        np.testing.assert_allclose(vectors, golden["text"], atol=1e-5)

    def test_spectrogram_equals_librosas(self) -> None:
        window = sound(2, 2.0)
        window[1, 12_000:30_000] = 0
        mel = LogMel(5.0, 20.0)(torch.from_numpy(window)).numpy()
        settings = {"sr": 24_000, "n_fft": 2048, "hop_length": 240, "n_mels": 128, "htk": True, "norm": None}
        power = librosa.feature.melspectrogram(y=window, center=True, pad_mode="reflect", power=2.0, **settings)
        expected = (librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None) - 5.0) / 20.0
        assert mel.shape == (2, 128, 200)
        np.testing.assert_allclose(mel, expected[..., :-1], atol=2e-4)

    def test_filters_equal_librosas(self) -> None:
        expected = librosa.filters.mel(sr=24_000, n_fft=2048, n_mels=128, htk=True, norm=None)
        np.testing.assert_allclose(mel_filters().numpy(), expected.T, atol=1e-5)

    def test_transformer_equals_its_formulas_written_out(self) -> None:
        sizes = Joint(model_dim=12, dim=12, depth=2, heads=3, dim_head=4, ff_mult=4, latent=5)
        transformer = Transformer(sizes)
        state = random_state({key: tuple(value.shape) for key, value in transformer.state_dict().items()})
        transformer.load_state_dict(state)
        states = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 7, 12)).astype(np.float32))
        with torch.no_grad():
            found = transformer(states)[0].numpy()
        expected = states[0].numpy().astype(float)
        weights = {key: value.numpy().astype(float) for key, value in state.items()}
        for layer in range(2):
            expected = expected + attention_by_hand(expected, weights, f"layers.{layer}.0", heads=3)
            expected = expected + feed_forward_by_hand(expected, weights, f"layers.{layer}.1")
        np.testing.assert_allclose(found, expected, atol=1e-5)

    @pytest.mark.parametrize(("index", "same_as"), [(3, -1), (-4, 0), (-2, 2)])
    def test_layers_count_from_either_end(self, tmp_path: Path, index: int, same_as: int) -> None:
        window = sound(1)
        one, other = (
            load(AUDIO, write_muq(tmp_path / str(layer), mulan={"audio_model": {"use_layer_idx": layer}}))
            for layer in (index, same_as)
        )
        np.testing.assert_array_equal(one.frames(window), other.frames(window))
        assert (np.abs(one.frames(window) - load(AUDIO, write_muq(tmp_path)).frames(window)).max() < 1e-6) == (
            index == 3
        )

    def test_published_cards(self) -> None:
        assert AUDIO.layout == Layout(1, 512, 3)
        assert TEXT.layout == Layout(1, 512, 1)
        assert AUDIO.non_commercial
        assert TEXT.non_commercial


def norm_by_hand(states: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    centred = states - states.mean(axis=1, keepdims=True)
    return gamma * centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)


def attention_by_hand(states: np.ndarray, weights: dict[str, np.ndarray], name: str, *, heads: int) -> np.ndarray:
    normed = norm_by_hand(states, weights[f"{name}.norm.learned_gamma"])
    queries = normed @ weights[f"{name}.to_q.weight"].T
    keys, values = np.split(normed @ weights[f"{name}.to_kv.weight"].T, 2, axis=1)
    mixed = []
    for query, key, value in zip(*(np.split(x, heads, axis=1) for x in (queries, keys, values)), strict=True):
        query = query / np.linalg.norm(query, axis=1, keepdims=True) * weights[f"{name}.q_scale"]
        key = key / np.linalg.norm(key, axis=1, keepdims=True) * weights[f"{name}.k_scale"]
        likeness = np.exp(8 * query @ key.T)
        mixed.append(likeness / likeness.sum(axis=1, keepdims=True) @ value)
    return np.concatenate(mixed, axis=1) @ weights[f"{name}.to_out.0.weight"].T


def feed_forward_by_hand(states: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    normed = norm_by_hand(states, weights[f"{name}.0.learned_gamma"])
    value, gate = np.split(normed @ weights[f"{name}.1.weight"].T, 2, axis=1)
    gelu = gate * 0.5 * (1 + torch.erf(torch.from_numpy(gate) / 2**0.5).numpy())
    return (gelu * value) @ weights[f"{name}.4.weight"].T


class TestAudio:
    def test_one_frame_of_unit_length_for_each_window(self, audio: muq.MuqAudio) -> None:
        frames = audio.frames(sound(3))
        assert frames.shape == (3, 1, 20)
        assert frames.dtype == np.float32
        assert audio.card.layout == Layout(1, 20, 3)
        np.testing.assert_allclose(np.linalg.norm(frames, axis=2), 1, atol=1e-6)

    def test_windows_do_not_see_each_other_inside_one_forward_pass(
        self, audio: muq.MuqAudio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        windows = sound(4)
        one_by_one = audio.frames(windows)
        monkeypatch.setattr(type(audio._place), "batches", lambda self, rows, _most: [slice(0, rows)])
        np.testing.assert_allclose(audio.frames(windows), one_by_one, atol=1e-5)
        np.testing.assert_allclose(audio.frames(windows[::-1])[::-1], one_by_one, atol=1e-5)

    @pytest.mark.parametrize("samples", [1, 240, 1024, 1025, 24_000])
    def test_silence_and_very_short_windows_give_one_finite_frame(self, audio: muq.MuqAudio, samples: int) -> None:
        frames = audio.frames(np.zeros((2, samples), np.float32))
        assert frames.shape == (2, 1, 20)
        assert np.isfinite(frames).all()

    def test_bfloat16_changes_little_and_the_result_is_float32(self, folder: Path) -> None:
        exact, rounded = (load(AUDIO, folder, dtype=dtype).frames(sound()) for dtype in ("float32", "bfloat16"))
        assert rounded.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rounded, axis=2), 1, atol=1e-6)
        assert 0 < np.linalg.norm(exact - rounded) / np.linalg.norm(exact) < 0.03


class TestText:
    def test_company_does_not_matter(self, text: muq.MulanText) -> None:
        texts = [*CORPUS, "", "slow", "sad", *CORPUS[::-1]]
        together = text.encode(texts)
        assert together.shape == (11, 20)
        assert together.dtype == np.float32
        np.testing.assert_allclose(together, np.concatenate([text.encode([one]) for one in texts]), atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)

    def test_many_texts_of_one_length_keep_their_order(self, text: muq.MulanText) -> None:
        texts = ["slow", "fast"] * 50
        np.testing.assert_allclose(text.encode(texts), np.tile(text.encode(texts[:2]), (50, 1)), atol=1e-6)

    def test_long_texts_are_cut_off_at_what_the_model_can_read(self, text: muq.MulanText) -> None:
        tokens = text.tokens(["slow sad piano " * 100, "slow sad piano " * 200])
        assert [len(ids) for ids in tokens] == [64, 64]
        assert {ids[0] for ids in tokens} == {0}
        assert {ids[-1] for ids in tokens} == {2}

    def test_texts_are_split_as_the_tokenizer_file_says(self, text: muq.MulanText) -> None:
        (plain,), (wide,) = text.tokens(["fi 1"]), text.tokens(["ﬁ  ① "])  # its normaliser is NFKC
        assert plain == wide

    def test_no_texts_give_no_vectors(self, text: muq.MulanText) -> None:
        assert text.encode([]).shape == (0, 20)

    def test_a_projection_is_used_where_the_widths_differ(self, tmp_path: Path) -> None:
        encoder = load(TEXT, write_muq(tmp_path, mulan={"text_model": {"model_dim": 40}}, roberta={"hidden_size": 40}))
        assert encoder.encode(["slow"]).shape == (1, 20)


@pytest.mark.slow
def test_full_size_model_describes_a_window_and_a_caption(tmp_path: Path) -> None:
    """The published architecture with random weights, on its own; against the package in test_muq_reference."""
    folder = write_muq(tmp_path, configs=large())
    frames = load(AUDIO, folder).frames(sound(1, seconds=10.0))
    assert frames.shape == (1, 1, 512)
    np.testing.assert_allclose(np.linalg.norm(frames, axis=2), 1.0, rtol=1e-4)
    vectors = load(TEXT, folder).encode(["slow sad piano"])
    assert vectors.shape == (1, 512)
    assert np.isfinite(vectors).all()
