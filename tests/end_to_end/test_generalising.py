"""What is learned must hold on tracks never seen: five kinds of sound that nobody can confuse.

A chain that lost the pairing of files, vectors and captions anywhere could still learn its train split by heart; it
could not pass this.
"""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from antiphon.cli import app

RATE = 22_050
TAKES = 40
KINDS = {
    "low": ["a deep humming tone", "a low drone"],
    "high": ["a high whistling tone", "a shrill whistle"],
    "noise": ["hissing noise", "a steady hiss"],
    "slow": ["slow clicks", "a click now and then"],
    "fast": ["rapid clicks", "a quick clicking pulse"],
}


def sound(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Two seconds of one kind; pitch, colour, swell and noise floor vary so that no two takes are copies."""
    time = np.arange(2 * RATE) / RATE
    if kind in ("low", "high"):
        pitch = np.exp(rng.uniform(*np.log([60, 200] if kind == "low" else [1800, 4500])))
        partials = rng.uniform(0, 0.6, 3)
        wave = np.sin(2 * np.pi * pitch * time) + sum(
            level * np.sin(2 * np.pi * pitch * (number + 2) * time) for number, level in enumerate(partials)
        )
    elif kind == "noise":
        wave = np.convolve(rng.standard_normal(len(time)), rng.standard_normal(6), mode="same")
    else:
        rate = rng.uniform(1.5, 3) if kind == "slow" else rng.uniform(8, 16)
        phase = (time * rate + rng.uniform()) % 1.0 / rate
        wave = np.exp(-phase * rng.uniform(80, 400)) * np.sin(2 * np.pi * rng.uniform(300, 2500) * time)
    wave = wave / np.abs(wave).max() * (1 + rng.uniform(0, 0.8) * np.sin(np.pi * rng.uniform(0.3, 3) * time))
    wave += 10 ** rng.uniform(-3, -1.7) * rng.standard_normal(len(time))
    return (0.4 * wave / np.abs(wave).max()).astype(np.float32)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kinds")
    rng = np.random.default_rng(0)
    with (root / "table.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["id", "audio", "caption", "alt_caption"])
        for kind, captions in KINDS.items():
            for take in range(TAKES):
                soundfile.write(root / f"{kind}{take}.wav", sound(kind, rng), RATE)
                table.writerow([f"{kind}-{take}", f"{kind}{take}.wav", *captions])
    for step in (
        ["ingest", str(root / "table.csv")],
        ["embed", "--encoder", "timbre", "rhythm", "--jobs", "2"],
        ["train", "--encoder", "all", "--quiet"],
    ):
        app([*step, "--library", str(root / "lib")], result_action="return_value")
    return root / "lib"


def test_the_test_split_is_answered_far_above_chance(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    app(["evaluate", "timbre", "--json", "--library", str(library)], result_action="return_value")
    figures = json.loads(capsys.readouterr().out)["t2a"]
    assert figures["chance"]["R@1"] < 35
    assert figures["R@1"] > 60
    assert figures["MRR"] > 0.75


def test_search_finds_the_kind_that_the_words_name(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for query, kind in (("hissing noise", "noise"), ("a low drone", "low"), ("a shrill whistle", "high")):
        capsys.readouterr()
        app(["search", query, "-k", "5", "--json", "--library", str(library)], result_action="return_value")
        found = [hit["track_id"].split("-")[0] for hit in json.loads(capsys.readouterr().out)]
        assert found.count(kind) >= 4, (query, found)
