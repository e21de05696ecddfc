"""HDF5 files that are cut or garbled anywhere: a message that names the file, never one of h5py's own errors."""

import random
from pathlib import Path

import h5py
import numpy as np
import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest import hdf5, hdf5_probe
from antiphon.library.manifest.hdf5 import named_damage, read_h5


def test_no_damage_ends_in_an_error_of_the_library_that_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "require_readable", lambda _path: None)  # a process for each of them would take long
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        for split in ("train", "val"):
            group = file.create_group(split)
            group["audio_ids"], group["captions"] = ["a", "b"], ["slow", "fast"]
            group["made_embeddings"] = np.ones((2, 3), np.float32)
    whole, rng, refused = path.read_bytes(), random.Random(0), 0
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(bytes(damaged[: rng.randrange(len(damaged))] if rng.random() < 0.2 else damaged))
        try:
            read_h5(path)
        except ManifestError as error:
            refused += "m.h5" in str(error)
    assert refused > 10


@pytest.mark.parametrize("error", [KeyError("bad object header"), RuntimeError("bad node"), OSError("ran off")])
def test_what_h5py_makes_of_damage_is_called_damage(error: Exception) -> None:
    with (
        pytest.raises(ManifestError, match=r"m\.h5 cannot be read as HDF5: it is cut off or damaged"),
        named_damage(Path("m.h5")),
    ):
        raise error


@pytest.mark.parametrize(
    ("does", "said"),
    [("while True: pass", "does not come to an end"), ("import os; os.kill(os.getpid(), 11)", "signal 11")],
)
def test_a_file_on_which_the_reading_library_loops_or_crashes_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, said: str
) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["ids"], file["vectors"] = ["a"], np.ones((1, 3), np.float32)
    hdf5_probe.require_readable(path)
    monkeypatch.setattr(hdf5_probe, "_LOOK", f"print('ready', flush=True)\n{does}")
    monkeypatch.setattr(hdf5_probe, "BASE_S", 0.2)
    with pytest.raises(ManifestError, match=rf"m\.h5 cannot be read as HDF5: it is damaged \(.*{said}"):
        read_h5(path)
