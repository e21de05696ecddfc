"""Files of vectors that are damaged, misnamed or hold something else: one sentence each, and never a traceback."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import AntiphonError, EmbeddingError
from antiphon.library.vectors.files.opening import open_vector_file
from antiphon.library.vectors.imports import import_embeddings
from tests.helpers.libraries.plain import plain_library

IDS = [f"t{i}" for i in range(6)]
VECTORS = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    plain_library(tmp_path / "lib", dict.fromkeys(IDS, "train"))
    (tmp_path / "ids.txt").write_text("\n".join(IDS))
    return tmp_path / "lib"


def npz(path: Path, **arrays: object) -> None:
    np.savez(path, **{"ids": np.array(IDS), "vectors": VECTORS, **arrays})


def npz_bytes(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **{"ids": np.array(IDS), "vectors": VECTORS, **arrays})
    return stream.getvalue()


def npy_bytes(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def flipped(data: bytes) -> bytes:
    """One bit of the numbers, in the middle, is another."""
    at = data.index(VECTORS.tobytes()) + 40
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def claims_too_much(path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (6, 500_000_000)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ids.npy", npy_bytes(np.array(IDS)))
        archive.writestr("vectors.npy", header.getvalue() + VECTORS.tobytes())


def parquet(path: Path, vectors: pa.Array) -> None:
    pq.write_table(pa.table({"id": IDS, "vector": vectors}), path)


def nested(path: Path) -> None:
    parquet(path, pa.array([[[1.0, 2.0], [3.0, 4.0]]] * 6))


def cut_parquet(path: Path) -> None:
    parquet(path, pa.array(VECTORS.tolist()))
    path.write_bytes(path.read_bytes()[:200])


def spoilt_parquet(path: Path) -> None:
    parquet(path, pa.array(np.random.default_rng(0).standard_normal((6, 400)).tolist()))
    data = bytearray(path.read_bytes())
    data[600:900] = b"\xff" * 300
    path.write_bytes(data)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut.npz": (lambda p: p.write_bytes(npz_bytes()[:400]), "cut off or damaged"),
    "bit.npz": (lambda p: p.write_bytes(flipped(npz_bytes())), "cut off or damaged .*CRC"),
    "empty.npz": (Path.touch, "is empty"),
    "claims.npz": (claims_too_much, r"says 12,000,000,000 bytes for 'vectors', there are 96"),
    "objects.npz": (lambda p: npz(p, vectors=np.array([None] * 6)), r"'vectors' holds Python objects(.|\n)*stack"),
    "object_ids.npz": (lambda p: npz(p, ids=np.array(IDS, object)), r"'ids' holds Python objects(.|\n)*dtype=str"),
    "really_npy.npz": (lambda p: p.write_bytes(npy_bytes(VECTORS)), r"is an \.npy file(.|\n)*really_npy\.npy"),
    "really_parquet.npz": (lambda p: parquet(p, pa.array(VECTORS.tolist())), r"is an \.parquet file"),
    "shared.npz": (lambda p: p.write_bytes(npz_bytes()[:40] + b"\0" * 900), "cut off or damaged"),
    "empty.npy": (Path.touch, "is empty"),
    "cut.npy": (lambda p: p.write_bytes(npy_bytes(VECTORS)[:170]), r"says 96 bytes, there are 42"),
    "header.npy": (lambda p: p.write_bytes(npy_bytes(VECTORS)[:60]), "cut off or damaged"),
    "words.npy": (lambda p: p.write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': (((" + b" " * 200), "cut off or damaged"),
    "really_npz.npy": (lambda p: p.write_bytes(npz_bytes()), r"is an \.npz file(.|\n)*Rename it: really_npz\.npz"),
    "page.npy": (lambda p: p.write_text("<!doctype html><html>404</html>"), "is a web page"),
    "lfs.npy": (lambda p: p.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0"), "Git LFS pointer"),
    "pickled.npy": (lambda p: p.write_bytes(pickle.dumps(VECTORS)), "Python pickle"),
    "noise.npy": (lambda p: p.write_bytes(np.random.default_rng(1).bytes(999)), "cut off or damaged"),
    "objects.npy": (lambda p: p.write_bytes(npy_bytes(np.array([[1], None], object))), "holds Python objects"),
    "nested.parquet": (nested, r"lists of lists \(2 × 2\)"),
    "words.parquet": (lambda p: parquet(p, pa.array([["a", "b"]] * 6)), "lists of string, not of numbers"),
    "cut.parquet": (cut_parquet, "cut off or damaged"),
    "spoilt.parquet": (spoilt_parquet, "cut off or damaged|not finite"),
    "gaps.parquet": (lambda p: parquet(p, pa.array([[1.0, None]] * 6)), "not finite"),
    "text.parquet": (lambda p: p.write_text("id,vector\n"), "cut off or damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_damaged_file_is_told_in_a_sentence_and_nothing_is_written(root: Path, tmp_path: Path, name: str) -> None:
    make, message = BAD[name]
    make(tmp_path / name)
    ids = tmp_path / "ids.txt" if name.endswith(".npy") else None
    with pytest.raises(EmbeddingError, match=message) as caught:
        import_embeddings(root, "mine", tmp_path / name, ids=ids)
    assert caught.value.fix
    assert name in caught.value.problem
    assert not (root / "embeddings").exists()


def test_damaged_hdf5(root: Path, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")

    def store(name: str, ids: object, vectors: object) -> None:
        with h5py.File(tmp_path / name, "w") as file:
            file["ids"], file["embeddings"] = ids, vectors

    names = np.array(IDS, dtype="S")
    store("null.h5", names, h5py.Empty("f4"))
    store("scalar.h5", np.bytes_("t0"), VECTORS)
    store("number.h5", names, np.float32(1))
    store("flat.h5", names, VECTORS[:, 0])
    store("words.h5", names, np.array([b"x"] * 6))
    store("ok.h5", names, VECTORS)
    whole = (tmp_path / "ok.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "head.h5").write_bytes(whole[:20])
    for name, message in {
        "null.h5": "'embeddings' holds nothing",
        "scalar.h5": "'ids' holds a single value",
        "number.h5": "'embeddings' holds a single value",
        "flat.h5": "two dimensions",
        "words.h5": "two dimensions|not numbers",
        "cut.h5": "HDF5|cut off or damaged",
        "head.h5": "HDF5|cut off or damaged",
    }.items():
        with pytest.raises(AntiphonError, match=message):
            import_embeddings(root, "mine", tmp_path / name)


@pytest.mark.parametrize("form", ["npz", "npy", "parquet", "h5"])
def test_mutants_of_a_file_are_read_or_refused_but_never_raise_anything_else(
    root: Path, tmp_path: Path, form: str
) -> None:
    (tmp_path / "ids.txt").write_text("\n".join(IDS))
    path, random = tmp_path / f"v.{form}", np.random.default_rng(0)
    if form == "npz":
        np.savez_compressed(path, ids=np.array(IDS), vectors=VECTORS)
    elif form == "npy":
        np.save(path, VECTORS)
    elif form == "parquet":
        parquet(path, pa.array(VECTORS.tolist()))
    else:
        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w") as file:
            file["ids"], file["vectors"] = np.array(IDS, dtype="S"), VECTORS
    whole = path.read_bytes()
    for _ in range(60):
        data = bytearray(whole)
        for at in random.integers(0, len(data), random.integers(1, 6)):
            data[at] = random.integers(0, 256)
        path.write_bytes(data[: random.integers(1, len(data) + 1)] if random.random() < 0.3 else data)
        with (
            suppress(AntiphonError),
            open_vector_file(path, "mine", tmp_path / "ids.txt" if form == "npy" else None) as source,
        ):
            assert sum(len(block) for block in source.blocks()) == len(source.ids)


def test_a_compressed_archive_in_fortran_order_is_read(root: Path, tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "v.npz", ids=np.array(IDS), vectors=np.asfortranarray(VECTORS))
    assert import_embeddings(root, "mine", tmp_path / "v.npz").imported == 6


def test_vectors_of_an_archive_are_never_held_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from antiphon.library.vectors.files import vector_file

    monkeypatch.setattr(vector_file, "BLOCK_BYTES", 4 * 4 * 2)
    npz(tmp_path / "v.npz")
    with open_vector_file(tmp_path / "v.npz", "mine", None) as source:
        blocks = list(source.blocks())
    assert [len(block) for block in blocks] == [2, 2, 2]
    np.testing.assert_array_equal(np.concatenate(blocks), VECTORS)
