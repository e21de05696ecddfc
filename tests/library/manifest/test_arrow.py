"""Parquet and saved data sets: text as bytes, damaged files, listings of other shapes."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.options import Choice, ManifestOptions
from antiphon.library.manifest.entries import Manifest, read_manifest


def read(path: Path, **options: object) -> Manifest:
    return read_manifest(path, path.parent / "lib" / "audio", ManifestOptions(**options))  # type: ignore[arg-type]


def sounds(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(name.encode())


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.binary())])
def test_text_columns_as_bytes_are_text(tmp_path: Path, kind: pa.DataType) -> None:
    sounds(tmp_path, "a.flac", "b")
    texts = {"id": [b"1", b"2"], "audio": [b"a.flac", b"b"], "caption": ["café".encode(), b"calm"]}
    columns = {name: pa.array(cells, pa.binary()) for name, cells in texts.items()}
    encoded = pa.types.is_dictionary(kind)
    table = pa.table({n: cells.dictionary_encode() if encoded else cells.cast(kind) for n, cells in columns.items()})
    pq.write_table(table, tmp_path / "m.parquet")
    found = read(tmp_path / "m.parquet")
    assert [(e.track_id, e.path) for e in found.entries] == [("1", "a.flac"), ("2", "b")]
    assert [e.captions for e in found.entries] == [["café"], ["calm"]]
    assert found.problems == []
    assert not (tmp_path / "lib").exists()


def test_lists_of_bytes_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    captions = pa.array([[b"one", b"two"], [b"caf\xe9"], None], pa.list_(pa.binary()))
    pq.write_table(pa.table({"id": ["1", "2", "3"], "captions": captions}), tmp_path / "m.parquet")
    found = read(tmp_path / "m.parquet")
    assert [entry.captions for entry in found.entries] == [["one", "two"], [], []]
    assert [(p.where, p.kind) for p in found.problems] == [
        ("m.parquet row 2", "bytes in a cell"),
        ("m.parquet row 3", "empty caption"),
    ]


def test_a_text_column_with_one_wrong_byte_costs_its_row_alone(tmp_path: Path) -> None:
    wrong = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(b"\0\0\0\0\3\0\0\0\7\0\0\0\12\0\0\0"), pa.py_buffer(b"onecaf\xe9sad")]
    )
    pq.write_table(pa.table({"id": ["1", "2", "3"], "caption": wrong}), tmp_path / "m.parquet")
    found = read(tmp_path / "m.parquet")
    assert [entry.captions for entry in found.entries] == [["one"], [], ["sad"]]
    assert [p.where for p in found.problems] == ["m.parquet row 2"]


def test_only_sound_becomes_a_file_and_none_without_audio(tmp_path: Path) -> None:
    table = pa.table({"id": [b"1"], "audio": pa.array([b"RIFF\0\0\0\0WAVE"], pa.binary()), "caption": [b"calm"]})
    pq.write_table(table, tmp_path / "m.parquet")
    assert Path(read(tmp_path / "m.parquet").entries[0].path).read_bytes().startswith(b"RIFF")
    assert read(tmp_path / "m.parquet", no_audio=True).entries[0].path == ""


def test_a_column_that_looks_like_text_is_named_with_the_command(tmp_path: Path) -> None:
    rows = {"id": ["1", "2"], "caption": ["a", "b"], "remarks": ["a long remark on this", "and on that one too"]}
    pq.write_table(pa.table({**rows, "tempo": [1, 2]}), tmp_path / "m.parquet")
    notes = read(tmp_path / "m.parquet").notes
    assert any(
        "'remarks' looks like text, kept as metadata; as captions: --caption caption --caption remarks" in note
        for note in notes
    )
    chosen = read(tmp_path / "m.parquet", choice=Choice(captions=("remarks",)))
    assert chosen.entries[1].captions == ["and on that one too"]


def saved(folder: Path) -> Path:
    """A data set as ``datasets`` saves it, without that package."""
    folder.mkdir(parents=True)
    table = pa.table({"id": [str(i) for i in range(50)], "caption": [f"text {i}" for i in range(50)]})
    with pa.OSFile(str(folder / "data.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data.arrow"}]}))
    return folder


def test_damaged_arrow_files_are_refused_in_words_and_never_crash(tmp_path: Path) -> None:
    folder = saved(tmp_path / "d")
    assert len(read(folder).entries) == 50
    whole = (folder / "data.arrow").read_bytes()
    rng = random.Random(0)
    for _ in range(300):
        data = bytearray(whole[: rng.randrange(len(whole))] if rng.random() < 0.3 else whole)
        for _ in range(rng.randrange(1, 4)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        (folder / "data.arrow").write_bytes(data)
        with suppress(ManifestError):
            read(folder)


SHAPES = ["[]", "3", "null", '{"_data_files": 3}', '{"splits": [1]}', '{"features": []}', "[" * 9999]


@pytest.mark.parametrize("name", ["state.json", "dataset_info.json", "dataset_dict.json"])
@pytest.mark.parametrize("text", SHAPES)
def test_listings_of_other_shapes_are_refused_in_words_or_do_no_harm(tmp_path: Path, name: str, text: str) -> None:
    folder = saved(tmp_path / "d")
    (folder / name).write_text(text)
    with suppress(ManifestError):
        assert len(read(folder).entries) == 50
