"""The benchmarks run, on as little as they take: a script that nobody runs breaks unseen."""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch

from antiphon.library.ingest import IngestOptions, ingest

THREADS = "--threads", "1"
START = subprocess.run


def run(script: str, *options: str) -> str:
    """What ``python -m benchmarks.SCRIPT`` shows; in this process, and so is what it starts: torch is loaded here."""
    shown, threads = io.StringIO(), torch.get_num_threads()
    with (
        patch.object(sys, "argv", [script, *options]),
        patch.dict(os.environ),
        patch.object(subprocess, "run", _here),
        torch.random.fork_rng([]),
        contextlib.redirect_stdout(shown),
    ):
        runpy.run_module(f"benchmarks.{script}", run_name="__main__", alter_sys=True)
    torch.set_num_threads(threads)
    return shown.getvalue()


def _here(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    if command[:2] == [sys.executable, "-m"] and command[2].startswith("benchmarks."):
        return subprocess.CompletedProcess(command, 0, run(command[2].removeprefix("benchmarks."), *command[3:]), "")
    return START(command, **options)


def test_training_is_timed_beside_those_peers_that_are_there(tmp_path: Path) -> None:
    sizes = "--dims", "576", "--tracks", "64", "--epochs", "1", "--seconds", "1", "--repeats", "1", *THREADS
    shown = run("training", *sizes, "--peers", str(tmp_path), "--out", str(tmp_path))
    rows = json.loads((tmp_path / "training.json").read_text())["sizes"]["576"]["rows"]
    assert rows["open_clip"]["skipped"] == "not in --peers"
    for name in ("bare products", "antiphon", "plain loop", "sentence-transformers"):
        assert rows[name]["skipped"] == "", name
        assert rows[name]["cpu"] > 0
        assert f"| {name} |" in shown


def test_a_step_of_the_loss_is_timed(tmp_path: Path) -> None:
    run("loss", "--sizes", "64", "--repeats", "1", *THREADS, "--out", str(tmp_path))
    rows = {row["contestant"]: row for row in json.loads((tmp_path / "loss.json").read_text())["rows"]}
    assert rows["antiphon"]["loss"] == pytest.approx(rows["naive"]["loss"], abs=1e-5)


def test_decoding_is_timed_beside_librosa(tmp_path: Path) -> None:
    run("decode", "--seconds", "0.5", "--rounds", "1", "--out", str(tmp_path))
    speeds = json.loads((tmp_path / "decode.json").read_text())["times_real_time"]
    assert speeds["flac"]["antiphon"] > 1
    assert "| flac |" in (tmp_path / "decode.md").read_text()


def test_quality_is_compared_on_folds_of_a_library(tmp_path: Path) -> None:
    from tests.helpers.libraries.made_vectors import make_library

    make_library(tmp_path / "made", train=60, val=0, text="minilm")
    methods = "random", "cca", "antiphon", "antiphon, last epoch closed_form=none epochs=2", "plain loop"
    out = tmp_path / "quality"
    run("quality", str(tmp_path), "--sets", "made:made", "--seeds", "1", "--out", str(out), "--methods", *methods)
    found = json.loads(out.with_suffix(".json").read_text())["sets"]["made:made"]
    assert set(found) == set(methods)
    assert found["antiphon"]["MRR"] > 2 * found["random"]["MRR"]


@pytest.mark.slow
def test_the_owners_way_is_timed_from_the_folder_to_the_trained_search(tmp_path: Path) -> None:
    shown = run("first_answer", "--files", "6", "--out", str(tmp_path))
    assert (tmp_path / "first_answer.md").read_text() in shown
    for step in ("`ingest`", "`search`, by names and tags", "`embed`, all of it", "`train`", "`search` after training"):
        assert f"| {step} |" in shown


@pytest.mark.slow
def test_moments_are_planted_in_a_librarys_own_sound(tmp_path: Path) -> None:
    from antiphon.embed import embed_audio, embed_text
    from tests.helpers.libraries.sounds import sweep, write

    rows = ["id,audio,caption"]
    for number in range(30):
        write(tmp_path / f"{number}.wav", sweep(2.0, 8_000 + 400 * number, channels=1, level=0.1 + number / 60), 16_000)
        rows.append(f"t{number},{number}.wav,tone {number} that rises")
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    ingest(tmp_path / "manifest.csv", tmp_path / "lib", options=IngestOptions(paraphrase_joins=False))
    embed_audio(tmp_path / "lib", ["timbre"], jobs=1)
    embed_text(tmp_path / "lib", "minilm")
    run("moments", str(tmp_path / "lib"), "--pairs", "3", "--encoders", "timbre", "--out", str(tmp_path / "out.json"))
    found = json.loads((tmp_path / "out.json").read_text())["lib"]
    assert set(found) == {"chance", "all"}
    assert 0 <= found["all"][1] <= found["all"][0] <= found["all"][2] <= 100


@pytest.mark.slow
def test_a_cold_search_is_timed_both_ways(tmp_path: Path) -> None:
    run("cold_search", "--sizes", "200", "--runs", "1", "--keep", str(tmp_path), "--out", str(tmp_path / "cold.md"))
    assert "| 200 | minilm |" in (tmp_path / "cold.md").read_text()
