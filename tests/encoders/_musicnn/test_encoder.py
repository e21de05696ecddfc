"""MusiCNN: its checkpoint's form, its spectrogram against librosa's, its network against a plain one, its tags."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from antiphon import registry
from antiphon.encoders import musicnn
from antiphon.encoders._musicnn.mel import BANDS, HOP, RATE, SIZE, log_mel
from antiphon.encoders._musicnn.network import EPSILON, HIGH, LONG, Musicnn, tensor_shapes
from antiphon.encoders._musicnn.tensor_bundle import masked_crc32c, read_tensors
from antiphon.errors import EncoderError
from antiphon.registry import LoadOptions
from tests.conftest import OWN_CACHE
from tests.helpers.checkpoints.musicnn import WHEEL, bundle, random_tensors, write_package

CPU = LoadOptions(device="cpu", dtype="float32")


def sound(seconds: float = 3.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.4 * np.sin(2 * np.pi * 220 * t) + 0.1 * rng.normal(size=len(t)), np.float32)


class PlainMusicnn(nn.Module):
    """The same network layer by layer, as its authors wrote it down."""

    def __init__(self, tensors: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.t = {name: torch.from_numpy(values) for name, values in tensors.items()}

    def norm(self, number: int, x: Tensor) -> Tensor:
        name = f"batch_normalization{f'_{number}' if number else ''}"
        gamma, beta, mean, variance = (
            self.t[f"{name}/{each}"].view(1, -1, *[1] * (x.ndim - 2))
            for each in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return (x - mean) / (variance + EPSILON).sqrt() * gamma + beta

    def conv(self, number: int, x: Tensor) -> Tensor:
        name = f"conv2d{f'_{number}' if number else ''}"
        kernel = self.t[f"{name}/kernel"].permute(3, 2, 0, 1)
        return self.norm(number + 1, nn.functional.conv2d(x, kernel, self.t[f"{name}/bias"]).relu())

    def forward(self, mel: Tensor) -> Tensor:
        x = self.norm(0, mel[:, None])
        found = [self.conv(i, nn.functional.pad(x, (0, 0, 3, 3))).amax(3) for i in range(len(HIGH))]
        for i, length in enumerate(LONG, start=2):
            padded = nn.functional.pad(x, (0, 0, (length - 1) // 2, length // 2))
            found.append(self.conv(i, padded).amax(3))
        front = torch.cat(found, 1)
        layers = [front]
        for i in (5, 6, 7):
            wide = layers[-1].transpose(1, 2)[:, None]  # (b, 1, time, channels)
            kernel = self.t[f"conv2d_{i}/kernel"].permute(3, 2, 0, 1)
            made = nn.functional.conv2d(nn.functional.pad(wide, (0, 0, 3, 3)), kernel, self.t[f"conv2d_{i}/bias"])
            made = self.norm(i + 1, made.relu())[..., 0]
            layers.append(made if i == 5 else made + layers[-1])
        whole = torch.cat(layers, 1)
        pooled = torch.stack([whole.max(2).values, whole.mean(2)], 2).reshape(len(mel), -1)
        hidden = self.norm(9, pooled) @ self.t["dense/kernel"] + self.t["dense/bias"]
        return self.norm(10, hidden.relu())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("musicnn") / WHEEL)


@pytest.fixture(scope="module")
def encoder(package: Path) -> musicnn.MusicnnEncoder:
    found = registry.load("musicnn", LoadOptions(weights=str(package), device="cpu", dtype="float32"))
    assert isinstance(found, musicnn.MusicnnEncoder)
    return found


# ---- the checkpoint's form ----


def test_the_checksum_is_the_one_that_leveldb_publishes() -> None:
    assert masked_crc32c(b"\x00" * 32) == ((0x8A9136AA >> 15 | 0x8A9136AA << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_what_was_written_is_read_and_an_optimizers_tensors_are_not() -> None:
    wanted = {"a/kernel": np.arange(6.0).reshape(2, 3), "a/kernel/Adam": np.ones(2), "ab": np.array([7.0])}
    found = read_tensors(*bundle(wanted), ["a/kernel", "ab"])
    assert set(found) == {"a/kernel", "ab"}
    for name, values in found.items():
        np.testing.assert_array_equal(values, wanted[name])


@pytest.mark.parametrize("at", [3, 40, -1])
def test_a_damaged_index_is_never_believed(at: int) -> None:
    index, data = bundle({"a": np.ones(3), "b": np.ones(2)})
    broken = bytearray(index)
    broken[at] ^= 0x55
    with pytest.raises(EncoderError):
        read_tensors(bytes(broken), data, ["a", "b"])


def test_a_tensor_that_is_lacking_or_cut_off_is_named() -> None:
    index, data = bundle({"a": np.ones(3), "b": np.ones(2)})
    with pytest.raises(EncoderError, match="no tensor 'c'"):
        read_tensors(index, data, ["c"])
    with pytest.raises(EncoderError, match="before the tensor 'b'"):
        read_tensors(index, data[:-1], ["a", "b"])


# ---- spectrogram and network ----


def test_the_spectrogram_is_librosas() -> None:
    heard = sound(1.7)
    mel = librosa.feature.melspectrogram(
        y=heard, sr=RATE, n_fft=SIZE, hop_length=HOP, n_mels=BANDS, pad_mode="reflect"
    ).T.astype(np.float16)
    wanted = np.log10(1 + 10_000 * mel.astype(np.float32))
    found = log_mel(heard)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, atol=2e-3)  # a float16 may round the other way
    assert np.abs(found - wanted).mean() < 1e-5


def test_loud_sound_stays_finite() -> None:
    assert np.isfinite(log_mel(1e4 * sound())).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_network_is_the_plain_one(seed: int) -> None:
    tensors = random_tensors(seed)
    mel = torch.from_numpy(np.stack([log_mel(sound(seed=k))[:187] for k in (1, 2)]))
    wanted = PlainMusicnn(tensors)(mel)
    torch.testing.assert_close(Musicnn(tensors)(mel), wanted, atol=2e-5, rtol=2e-5)
    near = Musicnn(tensors, torch.bfloat16)(mel)
    assert (near - wanted).abs().max() < 0.05 * wanted.std()


def test_a_tensor_of_another_shape_is_named() -> None:
    with pytest.raises(ValueError, match="'dense/kernel' has the shape"):
        Musicnn({**random_tensors(0), "dense/kernel": np.zeros((3, 3), np.float32)})


# ---- the encoder ----


def test_a_short_clip_is_repeated(encoder: musicnn.MusicnnEncoder) -> None:
    short = sound(1.0)
    np.testing.assert_array_equal(encoder.frames(short[None]), encoder.frames(np.tile(short, 3)[None]))


def test_tags_are_linear_in_the_tracks_vector(encoder: musicnn.MusicnnEncoder, package: Path) -> None:
    mapped = musicnn.tag_map(encoder.card, LoadOptions(weights=str(package)))
    assert (len(mapped.names), len(set(mapped.names))) == (100, 100)
    assert mapped.names[9] == "msd:jazz"
    assert mapped.names[59] == "mtt:piano"
    frames = encoder.frames(np.stack([sound(seed=k) for k in (1, 2, 3)]))[:, 0]
    each = [
        np.concatenate(
            [
                model.tags(torch.from_numpy(half)[None])[0].numpy()
                for model, half in zip(encoder._models, np.split(frame, 2), strict=True)
            ]
        )
        for frame in frames
    ]
    np.testing.assert_allclose(mapped.logits(frames.mean(0)[None])[0], np.mean(each, axis=0), atol=1e-4)


def test_weights_that_are_not_here_name_the_command() -> None:
    assert not musicnn.weights_here(musicnn.CARDS[0])
    with pytest.raises(EncoderError, match=r"not on this machine(.|\n)*antiphon encoders --get musicnn"):
        registry.load("musicnn")


def test_another_file_in_the_cache_is_refused(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    monkeypatch.setenv("ANTIPHON_CACHE", str(package.parent))
    assert musicnn.weights_here(musicnn.CARDS[0])
    with pytest.raises(EncoderError, match=r"not the package that was published(.|\n)*--get musicnn"):
        registry.load("musicnn")


def test_a_package_without_the_weights_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(b"PK no zip")
    with pytest.raises(EncoderError, match=r"x\.whl holds no musicnn/MSD_musicnn"):
        registry.load("musicnn", LoadOptions(weights=str(tmp_path / "x.whl"), device="cpu"))
    with pytest.raises(EncoderError, match=r"--weights takes the file musicnn-0\.1\.0"):
        registry.load("musicnn", LoadOptions(weights=str(tmp_path / "none"), device="cpu"))


def test_the_shapes_are_those_of_the_published_network() -> None:
    trained = sum(int(np.prod(shape)) for name, shape in tensor_shapes().items() if "moving" not in name)
    assert 2 * trained == musicnn.CARDS[0].parameters


@pytest.mark.slow
def test_the_published_weights_hear_what_is_played() -> None:
    """Needs a network or a cache; equality with the makers' own code is shown in test_reference.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ANTIPHON_CACHE") if OWN_CACHE is None else patch.setenv("ANTIPHON_CACHE", OWN_CACHE)
        musicnn.get(musicnn.CARDS[0])
        loaded = musicnn.load(musicnn.CARDS[0], CPU)
        mapped = musicnn.tag_map(musicnn.CARDS[0], CPU)
    t = np.arange(3 * RATE) / RATE
    scale = 0.3 * np.sin(2 * np.pi * np.cumsum(220 * 2 ** (np.floor(4 * t) / 12)) / RATE)
    beats = 0.4 * np.random.default_rng(7).normal(size=len(t)) * np.exp(-20 * (t % 0.5))
    logits = mapped.logits(loaded.frames(np.asarray([scale, beats], np.float32))[:, 0])
    assert [mapped.names[i] for i in logits.argmax(axis=1)] == ["mtt:flute", "mtt:drums"]
