"""Cells of columns that have no role: each is kept, in one form whatever the table's."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.library.ingest import ingest
from antiphon.library.manifest.cells.bulk import bulk_of
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.entries import read_manifest
from antiphon.library.manifest.rows.values import values_of
from antiphon.library.tracks import Library


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ([" slow ", "NaN", "n/a", None, ""], ["slow", None, None, None, None]),
        ([1, 2.0, 2.5, float("nan"), True], ["1", "2", "2.5", None, "True"]),
        ([1e22, 2**60], ["1e+22", str(2**60)]),
        (["['rock', 'pop']", '["a"]', ""], [["rock", "pop"], ["a"], None]),
        (["(live)", "[Intro] slow", "b'caf\\xc3\\xa9'"], ["(live)", "[Intro] slow", "café"]),
        (["rock", "['a', 'b']", "pop"], ["rock", "['a', 'b']", "pop"]),
        ([["a", None, ""], "b", []], [["a"], ["b"], None]),
        ([[1, 2.5], np.array(["x", "y"])], [["1", "2.5"], ["x", "y"]]),
        ([{"a": [1, {"b": None}]}, {"a": None}], ['{"a": [1, {"b": null}]}', None]),
        ([[["C", 1], ["G", 2]]], ['[["C", 1], ["G", 2]]']),
        ([b"caf\xc3\xa9", b"\xff\x00"], ["café", "\\xff\x00"]),
        ([datetime.date(1999, 5, 6), datetime.datetime(1999, 5, 6, 10)], ["1999-05-06", "1999-05-06T10:00:00"]),
        (["half \ud800"], ["half ?"]),
    ],
)
def test_cells_become_texts_or_lists_of_texts(cells: list[Any], values: list[Any]) -> None:
    found, lost = values_of(cells)
    assert (found.to_pylist(), lost) == (values, 0)


def test_vectors_and_pictures_are_no_metadata() -> None:
    assert bulk_of([None, [0.5] * 128]) == "vectors"
    assert bulk_of([np.zeros((3, 64))]) == "vectors"
    assert bulk_of([{"bytes": b"\x89PNG" * 500, "path": None}]) == "bytes"
    assert bulk_of([[0.5] * 12, ["a"] * 500, b"word" * 500, {"a": 1}]) == ""
    assert values_of([b"\xff" * 2000, "x"])[1] == 1


def test_every_form_of_a_table_keeps_the_same_metadata(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "1", "caption": "a", "bpm": 120, "Mood": "calm", "released": "1999-05", "tags": ["x", "y"]},
        {"id": "2", "caption": "b", "bpm": 98.5, "Mood": None, "released": "2001", "tags": []},
    ]
    (tmp_path / "m.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "m.json").write_text(json.dumps(rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "m.parquet")
    lines = ["id,caption,bpm,Mood,released,tags", "1,a,120,calm,1999-05,\"['x', 'y']\"", "2,b,98.5,,2001,[]"]
    (tmp_path / "m.csv").write_text("\n".join(lines))
    for name in ("m.jsonl", "m.json", "m.parquet", "m.csv"):
        ingest(tmp_path / name, tmp_path / f"lib-{name}")
        metadata = Library(tmp_path / f"lib-{name}").metadata
        assert metadata.of("1") == {"bpm": 120, "Mood": "calm", "released": "1999-05", "tags": ["x", "y"]}, name
        assert metadata.of("2") == {"bpm": 98.5, "released": "2001"}, name
        kinds = {field: metadata.type_of(field) for field in metadata.names}
        assert kinds == {"bpm": "number", "Mood": "text", "released": "date", "tags": "list"}


def test_what_a_choice_leaves_out_is_metadata(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("id,path,caption,notes,start,end\n1,a.wav,b,a note,0,10\n")
    options = ManifestOptions(no_audio=True)
    table, _ = read_manifest(tmp_path / "m.csv", tmp_path / "lib" / "audio", options).fields.table(["1"])
    assert table.to_pylist() == [{"track_id": "1", "notes": "a note", "path": "a.wav", "start": 0, "end": 10}]


def test_bulky_columns_of_a_table_are_named_and_not_kept(tmp_path: Path) -> None:
    rows = {"id": ["1", "2"], "caption": ["a", "b"], "vector": [[0.5] * 200] * 2, "cover": [b"\xff" * 5000] * 2}
    pq.write_table(pa.table(rows), tmp_path / "m.parquet")
    audit = ingest(tmp_path / "m.parquet", tmp_path / "lib")
    assert Library(tmp_path / "lib").metadata.names == ()
    assert any("'vector' holds vectors, not kept. To search by them" in note for note in audit.notes)
    assert any("'cover' holds bytes, not kept." in note for note in audit.notes)
    assert not any("kept as metadata" in note for note in audit.notes)
