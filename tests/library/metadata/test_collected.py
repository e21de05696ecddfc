"""Values from rows, tables and file tags, as one column a field."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import LibraryError
from antiphon.library.metadata import collected
from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.metadata.store import ROWS, Metadata, metadata_file

IDS = ["a", "b", "c"]
Cells = list[str | None] | list[list[str] | None]


def add(
    fields: MetadataCollector, name: str, owners: list[int], cells: Cells, *, table: str = "m.csv", source: int = 0
) -> None:
    lists = any(isinstance(cell, list) for cell in cells)
    values = pa.array(cells, pa.list_(pa.string()) if lists else pa.string())
    fields.add(name, np.array(owners, np.int64), values, table=table, source=source)


def columns(fields: MetadataCollector) -> dict[str, list[object]]:
    found: dict[str, list[object]] = fields.table(IDS)[0].to_pydict()
    assert found.pop("track_id") == IDS
    return found


def test_rows_of_one_track_that_agree_are_one_value_and_others_a_list() -> None:
    fields = MetadataCollector()
    add(fields, "same", [0, 0, 1], ["x", "x", "y"])
    add(fields, "differs", [2, 0, 0, 0], ["z", "x", "w", "x"])
    add(fields, "lists", [0, 0, 1, 1], [["x", "y"], ["x", "y"], ["p"], ["q", "p"]])
    add(fields, "kept", [0, 1], [["C", "G", "C"], None])
    assert columns(fields) == {
        "same": ["x", "y", None],
        "differs": [["x", "w"], None, ["z"]],
        "lists": [["x", "y"], ["p", "q"], None],
        "kept": [["C", "G", "C"], None, None],
    }


def test_rows_that_are_no_tracks_and_columns_of_nothing_are_left_out() -> None:
    fields = MetadataCollector()
    add(fields, "x", [-1, 1], ["lost", "kept"])
    add(fields, "empty", [0, 1], [None, None])
    assert columns(fields) == {"x": [None, "kept", None]}


def test_the_table_wins_and_tags_fill_under_the_name_that_the_table_writes() -> None:
    fields = MetadataCollector()
    add(fields, "Genre", [0, 1], ["rock", None])
    add(fields, "genre", [0, 1, 2], [["pop"], ["jazz", "bebop"], ["folk"]], table="tags", source=1)
    assert columns(fields) == {"Genre": [["rock"], ["jazz", "bebop"], ["folk"]]}


def test_two_tables_write_one_name_differently_and_one_table_two_columns() -> None:
    fields = MetadataCollector()
    add(fields, "Release Date", [0], ["1999"], table="a.csv")
    add(fields, "release_date", [1], ["2001-02"], table="b.csv")
    add(fields, "RELEASE-DATE", [1], ["2003"], table="b.csv")
    assert columns(fields) == {
        "Release Date": ["1999", "2001-02", None],
        "RELEASE-DATE": [None, 2003, None],
    }


def test_hostile_names_are_made_columns_and_told() -> None:
    fields = MetadataCollector()
    names = ["track_id", "", "a\nb\0", "a b", "half \ud800", "x" * 5000, "a.list.element", "a"]
    for name in names:
        add(fields, name, [0], [["v"]] if name == "a" else ["v"])
    table, notes = fields.table(IDS)
    assert table.column_names[:6] == ["track_id", "track_id_2", "column", "a b", "a b_2", "half ?"]
    assert len(table.column_names) == len(names) + 1
    assert "changed" in notes[0]
    assert "'track_id' is 'track_id_2'" in notes[0]


def test_a_column_of_numbers_with_an_odd_value_says_why_it_is_text() -> None:
    fields = MetadataCollector()
    fields.add("bpm", np.arange(20), pa.array(["120"] * 19 + ["fast"]))
    _, notes = fields.table([str(n) for n in range(20)])
    assert notes == ["Field 'bpm' is kept as text: 1 of its values are no numbers ('fast')."]


def test_more_fields_than_columns_are_kept_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collected, "MOST_FIELDS", 1)
    fields = MetadataCollector()
    add(fields, "mood", [0, 1], ["calm", "sad"])
    add(fields, "rare", [1], ["x"])
    add(fields, "rarer", [1], [["p", "q"]])
    table, notes = fields.table(IDS)
    assert table["other_fields"].to_pylist() == [None, ["rare: x", "rarer: p", "rarer: q"], None]
    assert notes == ["2 rare fields are kept together, as texts in the field 'other_fields'."]


def test_a_file_is_read_by_column_and_by_track(tmp_path: Path) -> None:
    n = ROWS + 2
    fields = MetadataCollector()
    fields.add("bpm", np.arange(n), pa.array([str(i) for i in range(n)]))
    fields.add("a.list.element", np.array([n - 1]), pa.array(["dots"]))
    fields.add("a", np.array([n - 1]), pa.array([["x", "y"]]))
    fields.add("date", np.array([0]), pa.array(["1999-05"]))
    with (tmp_path / "m.parquet").open("wb") as stream:
        metadata_file(fields.table([f"t{i}" for i in range(n)])[0])(stream)
    metadata = Metadata(tmp_path / "m.parquet")
    assert metadata.names == ("bpm", "a.list.element", "a", "date")
    assert [metadata.type_of(name) for name in metadata.names] == ["number", "text", "list", "date"]
    assert metadata.of(f"t{n - 1}") == {"bpm": n - 1, "a.list.element": "dots", "a": ["x", "y"]}
    assert metadata.of("t0") == {"bpm": 0, "date": "1999-05"}
    assert metadata.of("none") == {}
    several = [f"t{n - 1}", "t1", "none", f"t{n - 2}", "t1"]
    assert metadata.of_each(several) == [metadata.of(each) for each in several]
    assert metadata.column("a.list.element")[-1] == "dots"
    assert metadata.column("a")[-2:] == [None, ["x", "y"]]
    with pytest.raises(LibraryError, match="no metadata field 'genre'"):
        metadata.column("genre")


def test_no_file_is_no_metadata_and_damage_is_told(tmp_path: Path) -> None:
    none = Metadata(tmp_path / "none.parquet")
    assert (none.names, len(none), none.of("a")) == ((), 0, {})
    (tmp_path / "x.parquet").write_bytes(b"PAR1 broken PAR1")
    with pytest.raises(LibraryError, match="cannot be read"):
        Metadata(tmp_path / "x.parquet")
    pq.write_table(pa.table({"other": [1]}), tmp_path / "y.parquet")
    with pytest.raises(LibraryError, match="no column track_id"):
        Metadata(tmp_path / "y.parquet")
