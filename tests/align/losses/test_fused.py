"""The fused kernels of the loss, run by Triton's interpreter, against the blocks and the loop over single cells."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest
import torch

from antiphon.align import fused
from antiphon.align.config import TrainConfig, config_from_dict
from antiphon.align.data.material import settle
from antiphon.align.losses.infonce import Positives
from antiphon.errors import ConfigError

# Distance of loss, text, audio and scale gradients as a share of the right answer's length.
FLOAT32 = (1e-5, 1e-5, 1e-5, 1e-5)
# A gradient by the logits is rounded to bfloat16 (2⁻⁹), so are the gradients by bfloat16 vectors; the loss is not.
BFLOAT16 = (1e-5, 1e-2, 1e-2, 1e-2)


@pytest.fixture(scope="module")
def distances() -> dict[str, dict[str, list[float]]]:
    if importlib.util.find_spec("triton") is None:
        pytest.skip("Triton is not installed: the fused kernels of the loss are not checked")
    given = {**os.environ, "TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-m", "tests.helpers.losses.fused_cases"]
    done = subprocess.run(command, capture_output=True, text=True, env=given)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "case",
    [
        *("one pair", "less than a tile", "uneven", "wide", "cold"),
        *("apart", "soft", "soft and apart", "gathered", "model"),
        *("bfloat16", "bfloat16, soft and apart"),
    ],
)
def test_kernels_equal_blocks_and_the_loop_over_cells(distances: dict[str, dict[str, list[float]]], case: str) -> None:
    allowed = BFLOAT16 if case.startswith("bfloat16") else FLOAT32
    for found in distances[case].values():
        assert all(off <= most for off, most in zip(found, allowed, strict=True)), distances[case]


def test_all_cases_but_two_meet_the_loop_as_well(distances: dict[str, dict[str, list[float]]]) -> None:
    assert [name for name, found in distances.items() if "loop" not in found] == ["model", "gathered"]


# ---- how it is chosen ----


def test_without_a_gpu_the_error_names_the_setting_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    side = torch.eye(3)
    with pytest.raises(ConfigError, match=r'needs a CUDA GPU, and this run is on cpu(.|\n)*loss_kernel = "blocks"'):
        fused.info_nce(side, side, 1.0, Positives.diagonal(3))
    with pytest.raises(ConfigError, match="needs a CUDA GPU"):
        settle(TrainConfig(loss_kernel="triton", device="cpu"), 100)


def test_without_triton_the_error_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"is not installed(.|\n)*CUDA build of torch"):
        fused.require_triton(torch.device("cuda"))


def test_siglip_has_no_kernel() -> None:
    with pytest.raises(ConfigError, match=r"no kernel for loss = 'siglip'(.|\n)*blocks"):
        settle(TrainConfig(loss="siglip", loss_kernel="triton"), 100)


def test_settings_from_before_the_kernel_mean_the_blocks() -> None:
    values = TrainConfig().to_dict()
    del values["loss_kernel"]
    assert config_from_dict(values).loss_kernel == "blocks"
