"""A quote that swallows rows is seen; a cell of several lines stays one cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.library.manifest.delimited import read_csv
from antiphon.library.manifest.delimited.records import split_line
from antiphon.library.manifest.table import Table


def read(folder: Path, text: str, name: str = "m.csv") -> Table:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_csv(path)


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_a_quote_that_opens_one_cell_and_closes_another_swallows_no_row(tmp_path: Path, mark: str) -> None:
    lines = [
        "id,file,caption",
        "1,1.wav,calm",
        '2,2.wav,"slow and wide',
        "3,3.wav,deep",
        '4,4.wav,the end"',
        "5,5.wav,x",
    ]
    found = read(tmp_path, "\n".join(lines).replace(",", mark) + "\n", "m.tsv" if mark == "\t" else "m.csv")
    assert found.columns["id"] == ["1", "2", "3", "4", "5"]
    assert found.columns["caption"] == ["calm", '"slow and wide', "deep", 'the end"', "x"]
    assert [(p.where, p.kind) for p in found.problems] == [(f"{found.file}:3", "broken quote")]
    assert "closes in line 5" in found.problems[0].problem


def test_it_is_seen_where_the_first_row_opens_it(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,file,caption\n1,1.wav,"slow\n2,2.wav,deep"\n3,3.wav,x\n')
    assert found.columns["id"] == ["1", "2", "3"]


def test_it_is_seen_where_a_quoted_cell_lies_between(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,file,caption\n1,1.wav,"slow\n2,2.wav,"deep, wide"\n3,3.wav,x\n')
    assert found.columns["caption"] == ['"slow', "deep, wide", "x"]
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    "cell",
    ["two\nlines", "one, two\nthree, four", "a\n\nb", "said so\nand, again", "3,x\nand,y", "verse one,\nverse two,"],
)
def test_a_quoted_cell_of_several_lines_stays_one(tmp_path: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    found = read(tmp_path, f'id,file,caption\n1,1.wav,"{quoted}"\n2,2.wav,x\n')
    assert found.columns["caption"] == [cell, "x"]
    assert found.problems == []


def test_where_only_the_number_of_cells_speaks_it_is_one_cell_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,caption\napple,one\npear,"two\nlines, three"\nplum,four\n'.replace(", three", ",three"))
    assert found.columns["caption"] == ["one", "two\nlines,three", "four"]
    assert [p.effect for p in found.problems] == ["taken as one cell"]
    assert "what look like 1 rows" in found.problems[0].problem


def test_a_quote_that_closes_inside_its_cell_keeps_the_row(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,caption\n1,"Yesterday" by someone\n2,x\n')
    assert found.columns["caption"] == ['"Yesterday" by someone', "x"]
    assert [p.where for p in found.problems] == ["m.csv:2"]


def test_many_quotes_that_never_close_cost_no_row(tmp_path: Path) -> None:
    rows = "".join(f'{i},"opened {i}\n' for i in range(300))
    found = read(tmp_path, f"id\tcaption\n{rows}".replace(",", "\t"), "m.tsv")
    assert found.columns["id"] == [str(i) for i in range(300)]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('1,"a, b",c', ["1", "a, b", "c"]),
        ('1,"a,c', ["1", '"a', "c"]),
        ('"",x,', ["", "x", ""]),
        ('1,"say ""so""",x', ["1", 'say "so"', "x"]),
    ],
)
def test_a_line_alone(line: str, cells: list[str]) -> None:
    assert split_line(line, ",") == cells


def test_a_column_without_a_name_gets_one_unless_it_says_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, ",id,, ,genre,\n0,a,x,,jazz,\n1,b,,,rock,\n")
    assert found.columns == {"id": ["a", "b"], "column 3": ["x", ""], "genre": ["jazz", "rock"]}
