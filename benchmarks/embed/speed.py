"""The part of this benchmark about speed: every neural encoder against the script on its model's card."""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.helpers.checkpoints.clap import write_full_size
from tests.helpers.checkpoints.mert import V1_95M, V1_330M, write_mert
from tests.helpers.checkpoints.muq import large, write_muq
from tests.helpers.muq.package import install

Case = Callable[..., dict[str, Any]]
SONG_S = 28.3
"""With what is added to tell the songs apart: one window of MERT, three of the others."""


def write_latent(folder: Path) -> Path:
    """Only here does the package have to be there."""
    from tests.helpers.checkpoints.latent import write_latent as write

    return write(folder)


FULL_SIZE: dict[str, Callable[[Path], Path]] = {
    "mert-95m": lambda folder: write_mert(folder, noise=0.02, **V1_95M),
    "mert": lambda folder: write_mert(folder, noise=0.02, **V1_330M),
    "muq": lambda folder: write_muq(folder, safetensors=True, configs=large()),
    "clap": lambda folder: write_full_size(folder, noise=0.01),
    "latent": write_latent,
}
"""Encoder → writes random weights of full size in the hub's own format."""
SCRIPTS = {
    "mert-95m": "librosa, Wav2Vec2FeatureExtractor, HubertModel",
    "mert": "librosa, Wav2Vec2FeatureExtractor, HubertModel",
    "muq": "librosa, `mulan(wavs=…)` of the package `muq` 0.1.0",
    "clap": "librosa, ClapProcessor, ClapModel.get_audio_features",
    "latent": "librosa, `EncoderDecoder.encode` of the package `music2latent`, window by window",
}


def absent(name: str, work: Path) -> str:
    """Why an encoder cannot be measured here, or ""; brings the package ``muq`` where that can be done."""
    if name == "latent" and importlib.util.find_spec("music2latent") is None:
        return "the package music2latent is not installed: pip install --no-deps music2latent"
    if name == "muq" and "ANTIPHON_MUQ_REFERENCE" not in os.environ:
        if problem := install(work / "muq-package"):
            return f"the package muq cannot be installed: {problem}"
        os.environ["ANTIPHON_MUQ_REFERENCE"] = str(work / "muq-package")
    return ""


def compare(
    name: str, folder: Path, work: Path, case: Case, *, rounds: int, device: str, ours: list[str]
) -> dict[str, Any]:
    """Antiphon and the card's script in turns on the same files, each in a process of its own."""
    if problem := absent(name, work):
        return {"left out": problem}
    weights = FULL_SIZE[name](work / name)
    path = [os.environ.get("ANTIPHON_MUQ_REFERENCE", ""), os.environ.get("PYTHONPATH", "")]
    where = {"PYTHONPATH": os.pathsep.join(filter(None, path)), "HF_HUB_OFFLINE": "1"} if name == "muq" else {}
    scripts = [name, "latent-whole"] if name == "latent" else [name]
    runs: dict[str, list[dict[str, Any]]] = {"antiphon": [], **{script: [] for script in scripts}}
    for _ in range(rounds):
        shutil.rmtree(folder / "antiphon", ignore_errors=True)
        runs["antiphon"].append(case("embed.cases", "antiphon", folder, name, weights, device, *ours))
        for script in scripts:
            runs[script].append(case("embed.peers", script, folder, weights, device, environment=where))
    shutil.rmtree(folder / "antiphon")
    shutil.rmtree(weights)
    pace = {who: statistics.median(60 * r["tracks"] / r["seconds"] for r in found) for who, found in runs.items()}
    cost = {who: statistics.median(r["processor seconds"] / r["tracks"] for r in found) for who, found in runs.items()}
    return {
        "tracks a minute": {"antiphon": round(pace["antiphon"], 2), "script": round(pace[name], 2)},
        "antiphon / script": round(pace["antiphon"] / pace[name], 2),
        "processor seconds a track": {"antiphon": round(cost["antiphon"], 2), "script": round(cost[name], 2)},
        "busy": round(statistics.median(r["busy"] for r in runs["antiphon"]), 3),
        "busy after the first window": round(
            statistics.median(r["busy after the first window"] for r in runs["antiphon"]), 3
        ),
        "lowest cosine": round(min(r["lowest cosine"] for r in runs[name]), 5),
        **({"antiphon / whole files": round(pace["antiphon"] / pace[scripts[-1]], 2)} if len(scripts) > 1 else {}),
    }


def table(found: dict[str, Any]) -> list[str]:
    """For the page."""
    lines = [
        "| encoder | the card's script | Antiphon, tracks a minute | script | ratio | processor seconds a track, "
        "Antiphon / script | model busy | … from the first window | lowest cosine |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in found.items():
        if "left out" in row:
            lines.append(f"| `{name}` | {SCRIPTS[name]} | not measured: {row['left out']} | | | | | | |")
            continue
        pace, cost = row["tracks a minute"], row["processor seconds a track"]
        lines.append(
            f"| `{name}` | {SCRIPTS[name]} | {pace['antiphon']} | {pace['script']} | {row['antiphon / script']} "
            f"| {cost['antiphon']} / {cost['script']} "
            f"| {row['busy']:.1%} | {row['busy after the first window']:.1%} | {row['lowest cosine']} |"
        )
    if "antiphon / whole files" in (row := found.get("latent", {})):
        lines += [
            "",
            "Music2Latent's package is meant for whole files, without windows that overlap by 8 %: against that "
            f"`latent` goes at {row['antiphon / whole files']} × the speed, for vectors that differ (see the guide).",
        ]
    return lines
