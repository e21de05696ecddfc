"""MuQ-MuLan against the reference package, on the same random weights, tiny and at full size.

The package is installed into a folder of its own: it breaks on transformers 5, and its requirements would replace
torch. ``ANTIPHON_MUQ_REFERENCE`` may name a folder where that has been done before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from antiphon.encoders import muq
from antiphon.layout import Layout
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.muq import CORPUS, large, write_muq
from tests.helpers.muq.package import install
from tests.helpers.muq.sounds import GOLDEN, golden_tracks, means_over_windows, tracks_of

pytestmark = pytest.mark.slow
AUDIO, TEXT, _LAYERS = muq.CARDS
SCRIPT = Path(__file__).parents[1] / "helpers" / "muq" / "reference.py"
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if "ANTIPHON_MUQ_REFERENCE" in os.environ:
        return Path(os.environ["ANTIPHON_MUQ_REFERENCE"])
    folder = tmp_path_factory.mktemp("muq-package")
    if problem := install(folder):
        pytest.skip(f"the reference package cannot be installed here: {problem}")
    return folder


def reference(packages: Path, checkpoint: Path, job: Path, tracks: list[np.ndarray], texts: list[str]) -> Any:
    """What the package makes of tracks and texts."""
    np.savez(job, texts=np.array(texts), **{f"track{number}": track for number, track in enumerate(tracks)})
    result = job.with_name("result.npz")
    environment = {**os.environ, "PYTHONPATH": str(packages), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(SCRIPT), str(checkpoint), str(job), str(result), str(job.with_name("saved"))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr[-3000:]
    return np.load(result)


def compare(packages: Path, checkpoint: Path, tmp_path: Path, tracks: list[np.ndarray], texts: list[str]) -> Any:
    expected = reference(packages, checkpoint, tmp_path / "job.npz", tracks, texts)
    options = LoadOptions(weights=str(checkpoint), device="cpu")

    started = time.process_time()
    audio_side = muq.load(AUDIO, options)
    loaded = time.process_time()
    audio = np.stack([means_over_windows(audio_side, track) for track in tracks])
    heard = time.process_time()
    text_side = muq.load(TEXT, options)
    text = text_side.encode(texts)

    assert str(expected["versions"]).startswith("4.")
    for number, ids in enumerate(text_side.tokens(texts)):
        assert ids == expected[f"tokens{number}"].tolist()
    differences = np.abs(audio - expected["audio"]).max(), np.abs(text - expected["text"]).max()
    spread = (float(expected[side].std(axis=0).mean()) for side in ("audio", "text"))
    print(
        f"\nmuq: audio differs by {differences[0]:.1e}, text by {differences[1]:.1e} (spread over items: "
        f"{next(spread):.3f}, {next(spread):.3f}); loading {loaded - started:.1f} CPU s, tracks {heard - loaded:.1f}"
    )
    assert max(differences) <= TOLERANCE
    return audio_side, text_side, expected


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mulan": {"audio_model": {"use_layer_idx": 1}}},
        {
            "mulan": {"audio_model": {"use_layer_idx": -2}, "text_model": {"model_dim": 40}},
            "roberta": {"hidden_size": 40},
        },
        {"muq": {"label_rate": 50, "w2v2_config": {"position_embeddings_type": "relative"}}},
    ],
    ids=["as published", "an inner layer", "text projection", "50 steps a second, relative positions"],
)
def test_tiny_models_equal_the_package(packages: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    checkpoint = write_muq(tmp_path / "checkpoint", **changes)
    tracks = tracks_of(0.5, 3.0, 7.0, 10.0, 13.0, 25.0)
    compare(packages, checkpoint, tmp_path, tracks, [*CORPUS, "", "slow  \t" * 8, "ﬁ½ <mask> x", "naïve café 🎹 Größe"])


def test_the_golden_numbers_are_those_of_the_package(packages: Path, tmp_path: Path) -> None:
    """With ``ANTIPHON_WRITE_GOLDEN=1`` it writes them instead of comparing."""
    checkpoint = write_muq(tmp_path / "checkpoint")
    found = reference(packages, checkpoint, tmp_path / "job.npz", golden_tracks(), CORPUS)
    tokens = [found[f"tokens{number}"].tolist() for number in range(len(CORPUS))]
    if os.environ.get("ANTIPHON_WRITE_GOLDEN"):
        rounded = {side: found[side].astype(float).round(6).tolist() for side in ("audio", "text")}
        made = {"tokens": tokens, **rounded}
        GOLDEN.write_text(json.dumps(made) + "\n", encoding="utf-8")
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert golden["tokens"] == tokens
    for side in ("audio", "text"):
        np.testing.assert_allclose(golden[side], found[side], atol=2e-6)


def test_a_folder_written_by_the_package_is_read(packages: Path, tmp_path: Path) -> None:
    checkpoint = write_muq(tmp_path / "checkpoint")
    _, _, expected = compare(packages, checkpoint, tmp_path, tracks_of(2.0), CORPUS)
    saved = tmp_path / "saved"
    assert (saved / "model.safetensors").is_file()
    for name in ("OpenMuQ", "xlm-roberta-base"):
        (saved / name).symlink_to(checkpoint / name)
    text = muq.load(TEXT, LoadOptions(weights=str(saved), device="cpu")).encode(CORPUS)
    np.testing.assert_allclose(text, expected["text"], atol=TOLERANCE)


def test_full_size_model_equals_the_package(packages: Path, tmp_path: Path) -> None:
    checkpoint = write_muq(tmp_path / "checkpoint", configs=large(), safetensors=True)
    audio, text, expected = compare(packages, checkpoint, tmp_path, tracks_of(4.0, 13.0), CORPUS)
    assert audio.card.layout == Layout(1, 512, 3)
    assert text.card.layout == Layout(1, 512, 1)
    for side in (audio, text):
        parameters = sum(weight.numel() for weight in side._side.parameters())
        print(f"{side.card.name}: {parameters:,} parameters")
        assert abs(parameters / side.card.parameters - 1) < 0.01
    print(f"all parameters of the package: {int(expected['parameters'][0]):,}")
    rounded = muq.load(AUDIO, LoadOptions(weights=str(checkpoint), device="cpu", dtype="bfloat16"))
    window = tracks_of(10.0)[0][None]
    started = time.process_time()
    exact = audio.frames(window)
    middle = time.process_time()
    difference = np.linalg.norm(rounded.frames(window) - exact)
    print(
        f"10 s: float32 {middle - started:.1f}, bfloat16 {time.process_time() - middle:.1f} CPU s on "
        f"{torch.get_num_threads()} threads, difference {difference:.3f} of 1"
    )
    assert difference < 0.05
