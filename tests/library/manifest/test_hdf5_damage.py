"""HDF5 files that are cut or garbled anywhere: a message that names the file, never one of h5py's own errors."""

import random
from pathlib import Path

import h5py
import numpy as np
import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.hdf5 import named_damage, read_h5


def test_no_damage_ends_in_an_error_of_the_library_that_reads(tmp_path: Path) -> None:
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
