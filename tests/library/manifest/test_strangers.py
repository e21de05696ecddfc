"""Files of other programs: each is called what it is, whatever its name says, with the way to a table."""

from __future__ import annotations

import pickle
import re
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import EmbeddingError, ManifestError
from antiphon.library.manifest.columns.options import DEFAULTS
from antiphon.library.manifest.folders import read_file
from antiphon.library.manifest.strangers import stranger
from antiphon.library.vectors.files.opening import open_vector_file

XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def archive(path: Path, *names: str) -> bytes:
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x1f\x8b\x08\x00\x00", "gzip.*gunzip t.csv"),
        (b"\x28\xb5\x2f\xfd\x00", "zstd"),
        (b"BZh91AY&SY\x00", "bzip2"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "a workbook.*CSV UTF-8"),
        (pickle.dumps({"a": 1}), "pickle, which may run code"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"ARROW1\x00\x00", "an Arrow file"),
        (XML + b'<!DOCTYPE plist PUBLIC "-//Apple">\n<plist version="1.0">', "iTunes or Music.*M3U8"),
        (XML + b'<DJ_PLAYLISTS Version="1.0.0">', "rekordbox"),
        (XML + b"<playlist>", "a playlist"),
        (b"[playlist]\nFile1=a.mp3\n", "a playlist"),
        (b"\n<!doctype html><html>", "a web page"),
        (b'[{"id": "a"}]', r"JSON.*Rename it: t\.json$"),
        (b'{"id": "a"}\n{"id": "b"}', r"JSON lines.*Rename it: t\.jsonl$"),
        ("\ufeff[playlist]".encode("utf-16-le"), "a playlist"),
    ],
)
def test_a_file_that_is_called_a_table_is_named_by_what_it_is(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        read_file(tmp_path / "t.csv", tmp_path / "audio", DEFAULTS)
    assert re.search(what, str(caught.value).replace("\n", " "))


def test_archives_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    for names, what in (
        (["xl/workbook.xml"], "workbook"),
        (["mimetype", "content.xml"], "workbook"),
        (["m/data.pkl", "m/data/0"], "PyTorch"),
        (["tracks.csv"], "zip archive (it holds tracks.csv)"),
    ):
        archive(tmp_path / "a.bin", *names)
        found = stranger(tmp_path / "a.bin")
        assert found is not None
        assert what in found.what


def test_tables_and_vectors_that_are_read_are_no_strangers(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", ids=np.array(["a"]), vectors=np.ones((1, 2)))
    np.save(tmp_path / "v.npy", np.ones((1, 2)))
    (tmp_path / "t.csv").write_text("<b>,caption\na,b\n")
    (tmp_path / "t.json").write_text('[{"id": "a"}]')
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "t.parquet")
    assert [stranger(path) for path in sorted(tmp_path.iterdir())] == [None] * 5


def test_a_parquet_file_of_another_name_is_to_be_renamed(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "t.csv")
    with pytest.raises(ManifestError, match=r"a Parquet file(.|\n)*t\.parquet"):
        read_file(tmp_path / "t.csv", tmp_path / "audio", DEFAULTS)


def test_vectors_of_torch_under_a_name_of_numpys(tmp_path: Path) -> None:
    archive(tmp_path / "v.npz", "v/data.pkl", "v/data/0")
    with pytest.raises(EmbeddingError, match="a PyTorch file"), open_vector_file(tmp_path / "v.npz", "mine", None):
        pass


@pytest.mark.parametrize(("name", "what"), [("v.pt", "PyTorch"), ("v.safetensors", "safetensors"), ("v.pkl", "pickle")])
def test_what_says_nothing_by_its_start_goes_by_its_ending(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / name).write_bytes(b"\x10\x00\x00\x00")
    with pytest.raises(EmbeddingError, match=what), open_vector_file(tmp_path / name, "mine", None):
        pass
