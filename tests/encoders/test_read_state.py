"""Reading checkpoint files: every format gives the same tensors, large ones only as they are used, and no code runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from antiphon.encoders._shared.torch_model import find_state_file, read_state
from antiphon.errors import EncoderError

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([7], dtype=torch.int64)}


def written(folder: Path, how: str) -> Path:
    if how == "safetensors":
        save_file(STATE, folder / "model.safetensors")
        return folder / "model.safetensors"
    torch.save(STATE, folder / "pytorch_model.bin", _use_new_zipfile_serialization=how == "zip")
    return folder / "pytorch_model.bin"


@pytest.mark.parametrize("how", ["safetensors", "zip", "before torch 1.6"])
def test_every_format_gives_the_same_tensors(tmp_path, how):
    state = read_state(written(tmp_path, how))
    assert set(state) == set(STATE)
    for name, tensor in STATE.items():
        assert state[name].dtype == tensor.dtype
        np.testing.assert_array_equal(state[name].numpy(), tensor.numpy())


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_a_torch_file_is_mapped_not_read(tmp_path):
    path = written(tmp_path, "zip")
    state = read_state(path)
    assert str(path) in Path("/proc/self/maps").read_text()
    state["a.weight"].zero_()  # what is done to the tensors stays with them
    np.testing.assert_array_equal(read_state(path)["a.weight"].numpy(), STATE["a.weight"].numpy())


def test_a_file_that_would_run_code_is_refused(tmp_path):
    class Runs:
        def __reduce__(self):
            return (print, ("run",))

    torch.save({"a": Runs()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(EncoderError, match="cannot be read as weights"):
        read_state(tmp_path / "pytorch_model.bin")


@pytest.mark.parametrize("how", ["safetensors", "zip", "before torch 1.6"])
def test_a_file_that_was_cut_off_is_refused(tmp_path, how):
    path = written(tmp_path, how)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(EncoderError, match="cannot be read as weights"):
        read_state(path)


def test_the_safe_format_comes_first_and_none_is_an_error(tmp_path):
    with pytest.raises(EncoderError, match=r"holds no weights: neither model\.safetensors nor pytorch_model\.bin"):
        find_state_file(tmp_path)
    written(tmp_path, "zip")
    assert find_state_file(tmp_path).name == "pytorch_model.bin"
    written(tmp_path, "safetensors")
    assert find_state_file(tmp_path).name == "model.safetensors"
