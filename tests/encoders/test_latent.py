"""Music2Latent: the package's own ``encode`` as reference, windows against whole tracks, and safe reading."""

from __future__ import annotations

import hashlib
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("music2latent", reason="the extra 'latent' is not installed: pip install 'antiphon[latent]'")
import music2latent

from antiphon.audio.windows import cut
from antiphon.encoders import latent
from antiphon.encoders.latent import EXTRA_SAMPLES, LATENTS_PER_WINDOW, MARGIN, SAMPLES_PER_LATENT
from antiphon.errors import EncoderError
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.latent import write_latent

CARD = latent.CARDS[0]


def samples_of(latents: int) -> int:
    return latents * SAMPLES_PER_LATENT + EXTRA_SAMPLES


def music(samples: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    seconds = np.arange(samples) / 44_100
    pitch = 220 * 2 ** (np.floor(seconds * 2 + seed) % 12 / 12)
    tone = 0.3 * np.sin(2 * np.pi * np.cumsum(pitch) / 44_100)
    return (tone + 0.05 * rng.standard_normal(samples) * (seconds % 0.5 < 0.05)).astype(np.float32)


def load(weights: Path, **options: Any) -> latent.Latent:
    return latent.load(CARD, LoadOptions(weights=str(weights), device="cpu", **options))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_latent(tmp_path_factory.mktemp("latent"))


@pytest.fixture(scope="module")
def encoder(folder: Path) -> latent.Latent:
    return load(folder)


def encode_by_the_package(folder: Path, sound: np.ndarray) -> np.ndarray:
    """(n, 64): ``EncoderDecoder.encode``, built without its constructor, which downloads."""
    reference = music2latent.EncoderDecoder.__new__(music2latent.EncoderDecoder)
    reference.device = torch.device("cpu")
    reference.gen = torch.nn.Module()
    reference.gen.encoder = music2latent.models.Encoder()
    state = torch.load(folder / "music2latent.pt", weights_only=False)["gen_state_dict"]
    reference.gen.load_state_dict(state, strict=True)
    return np.asarray(reference.encode(sound)[0].T)


@pytest.mark.filterwarnings("ignore::UserWarning")  # the package asks for CUDA's autocast on a CPU
@pytest.mark.parametrize("samples", [samples_of(1), samples_of(6), samples_of(7) - 1, 44_100])
def test_latents_equal_those_of_the_package(folder: Path, encoder: latent.Latent, samples: int) -> None:
    sound = music(samples)
    expected = encode_by_the_package(folder, sound)
    actual = encoder.latents(sound[None])
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual[0], expected, atol=1e-4)


def test_frames_are_the_three_views_of_the_inner_latents(encoder: latent.Latent) -> None:
    sound = music(samples_of(20))[None]
    latents = encoder.latents(sound)[0]

    frames = encoder.frames(sound)[0].reshape(-1, 3, 64)

    assert len(frames) == 20 - 2 * MARGIN
    for row, frame in enumerate(frames):
        here = row + MARGIN
        np.testing.assert_array_equal(frame[0], latents[here])
        np.testing.assert_array_equal(frame[1], np.abs(latents[here]))
        np.testing.assert_array_equal(frame[2], latents[here] - latents[here - 1])


@pytest.mark.parametrize(("latents", "frames"), [(1, 1), (2, 1), (15, 14), (16, 8), (17, 9)])
def test_short_tracks_keep_every_latent_that_has_one_before_it(
    encoder: latent.Latent, monkeypatch: pytest.MonkeyPatch, latents: int, frames: int
) -> None:
    counting = np.arange(latents, dtype=np.float32)[None, :, None].repeat(64, axis=2)
    monkeypatch.setattr(encoder, "latents", lambda _windows: counting)

    views = encoder.frames(np.zeros((1, 1), np.float32))[0].reshape(-1, 3, 64)

    assert len(views) == frames
    np.testing.assert_array_equal(views[:, 2], 0 if latents == 1 else 1)
    expected = 0 if latents == 1 else (MARGIN if latents >= 16 else 1)
    assert views[0, 0, 0] == expected


def test_windows_tile_a_track_so_that_every_frame_comes_once() -> None:
    """Frame k of the track is at latent k + MARGIN, whichever window gives it."""
    track = samples_of(LATENTS_PER_WINDOW + 2 * 100)
    positions = np.arange(track, dtype=np.float64)  # the sound is its own clock
    windows = list(cut([positions], rate=CARD.rate, window_s=CARD.window_s, hop_s=CARD.hop_s, tail=CARD.tail))
    starts = [window[0] / SAMPLES_PER_LATENT for window in windows]
    inner = [start + k for start in starts for k in range(MARGIN, LATENTS_PER_WINDOW - MARGIN)]
    assert {len(window) for window in windows} == {samples_of(LATENTS_PER_WINDOW)}
    assert inner == list(range(MARGIN, LATENTS_PER_WINDOW + 200 - MARGIN))


def without_normalisation(module: torch.nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, torch.nn.GroupNorm):
            setattr(module, name, torch.nn.Identity())
        else:
            without_normalisation(child)


def test_windows_equal_the_whole_track_but_for_normalisation_over_time(folder: Path) -> None:
    encoder = load(folder)
    without_normalisation(encoder._encoder)
    sound = music(samples_of(30))[None]
    whole = encoder.frames(sound)[0]  # latents 4 to 25
    first, second = sound[:, : samples_of(18)], sound[:, 10 * SAMPLES_PER_LATENT : samples_of(30)]

    pieces = np.concatenate([encoder.frames(first)[0], encoder.frames(second)[0]])

    assert pieces.shape[0] == 10 + 12
    error = np.linalg.norm(pieces - whole, axis=1) / np.linalg.norm(whole, axis=1)
    assert error.max() < 0.01


def test_windows_do_not_see_each_other(encoder: latent.Latent, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = np.stack([music(samples_of(4), seed) for seed in range(3)])
    alone = np.concatenate([encoder.frames(windows[row : row + 1]) for row in range(3)])
    monkeypatch.setattr(type(encoder._place), "batches", lambda self, rows, _most: [slice(0, rows)])
    np.testing.assert_allclose(encoder.frames(windows), alone, atol=2e-4)
    np.testing.assert_allclose(encoder.frames(windows[::-1])[::-1], alone, atol=2e-4)


@pytest.mark.parametrize("samples", [1, 1536, 5631])
def test_silence_and_very_short_windows_give_one_finite_frame(encoder: latent.Latent, samples: int) -> None:
    frames = encoder.frames(np.zeros((2, samples), np.float32))
    assert frames.shape == (2, 1, CARD.layout.dims)
    assert np.isfinite(frames).all()


def test_card_is_the_576_numbers_of_music2latent() -> None:
    assert CARD.layout.size == 576
    assert CARD.non_commercial
    assert CARD.extra == "latent"
    assert round(CARD.window_s * 44_100) == samples_of(108)


def test_weights_id_is_the_hash_of_the_file_and_a_file_may_be_named(folder: Path, encoder: latent.Latent) -> None:
    expected = hashlib.sha256((folder / "music2latent.pt").read_bytes()).hexdigest()
    assert encoder.weights_id == expected
    assert load(folder / "music2latent.pt").weights_id == expected


def test_nothing_is_downloaded_and_the_package_reads_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("the package's own loading must not run")

    monkeypatch.setattr(music2latent.utils, "download_model", refuse)
    monkeypatch.setattr(music2latent.inference, "download_model", refuse)
    monkeypatch.setattr(music2latent.inference.EncoderDecoder, "__init__", refuse)
    assert load(folder).frames(music(samples_of(1))[None]).shape == (1, 1, 192)


def test_weights_that_the_package_downloaded_are_found(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "music2latent.pt").symlink_to(folder / "music2latent.pt")

    class Found:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr("importlib.util.find_spec", lambda _name: Found)
    assert len(latent.load(CARD, LoadOptions(device="cpu")).weights_id) == 64


def test_numbers_pickled_by_numpy_1_are_read(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "music2latent.pt"
    with zipfile.ZipFile(folder / "music2latent.pt") as source, zipfile.ZipFile(old, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename.endswith("data.pkl"):
                assert b"numpy._core.multiarray" in content
                content = content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
            target.writestr(item, content)
    sound = music(samples_of(1))[None]
    np.testing.assert_allclose(load(old).frames(sound), load(folder).frames(sound), rtol=1e-3, atol=1e-4)


class Trap:
    """Something whose unpickling would run code."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("this must never run",))


def test_a_file_that_would_run_code_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"gen_state_dict": {}, "trap": Trap()}, tmp_path / "music2latent.pt")
    with pytest.raises(EncoderError, match="cannot be read as weights"):
        load(tmp_path)
    assert "never run" not in capsys.readouterr().out


def test_numpy_numbers_are_allowed_only_while_this_file_is_read(folder: Path) -> None:
    load(folder)
    with pytest.raises(Exception, match=r"multiarray\.scalar"):
        torch.load(folder / "music2latent.pt", weights_only=True)


def test_another_network_is_refused(tmp_path: Path) -> None:
    torch.save({"gen_state_dict": {"encoder.gain.scale": torch.ones(1)}}, tmp_path / "music2latent.pt")
    with pytest.raises(EncoderError, match="does not hold the network of music2latent"):
        load(tmp_path)


def test_missing_weights_name_the_command_that_brings_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub

    def no_network(*_args: Any, **_kwargs: Any) -> str:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", no_network)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EncoderError, match=r"hf download SonyCSLParis/music2latent.*--weights"):
        latent.load(CARD, LoadOptions(device="cpu"))
    with pytest.raises(EncoderError, match=r"holds no weights: neither music2latent\.pt"):
        load(tmp_path)


@pytest.mark.slow
def test_full_window_in_both_arithmetics(folder: Path) -> None:
    """Ten seconds through the published network; prints times and the memory of the process."""
    import resource

    window = music(samples_of(LATENTS_PER_WINDOW))[None]
    results = []
    for dtype in ("float32", "bfloat16"):
        model = load(folder, dtype=dtype)
        started = time.process_time()
        results.append(model.frames(window))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"\nlatent {dtype}: {time.process_time() - started:.1f} CPU s for a window, peak so far {peak:.2f} GiB")

    exact, rounded = results
    assert exact.shape == (1, 100, 192)
    assert np.linalg.norm(exact - rounded) / np.linalg.norm(exact) < 0.1
