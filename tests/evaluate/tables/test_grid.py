"""A table as text and Markdown, and which of its cells are the best."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import ConfigError
from antiphon.evaluate.tables.grid import Grid, best_in_column
from antiphon.evaluate.tables.markdown import to_markdown
from antiphon.evaluate.tables.written import form_of, write_result, written


def made() -> Grid:
    return Grid(
        title="A|B",
        headings=("name", "MRR"),
        rows=(("muq_a|b", "0.5"), ("*bold*", "0.25")),
        words=frozenset({"name"}),
        best=frozenset({(0, 1)}),
        notes=("as *it* is",),
        plain=({"name": "muq_a|b", "MRR": 0.5}, {"name": "*bold*", "MRR": 0.25}),
    )


class Result:
    def grid(self) -> Grid:
        return made()

    def to_dict(self) -> dict[str, Any]:
        return {"rows": [dict(row) for row in made().plain]}


def test_rows_have_as_many_cells_as_there_are_headings() -> None:
    with pytest.raises(ValueError, match="needs 2 cells"):
        Grid(title="x", headings=("a", "b"), rows=(("1",),))


def test_numbers_stand_flush_right() -> None:
    assert made().lines() == ["name      MRR", "muq_a|b   0.5", "*bold*   0.25"]


def test_markdown_marks_mean_themselves() -> None:
    lines = to_markdown(made()).splitlines()
    assert lines[0] == r"# A\|B"
    assert lines[2:6] == ["| name | MRR |", "| :--- | ---: |", r"| muq\_a\|b | **0.5** |", r"| \*bold\* | 0.25 |"]
    assert lines[-1] == r"- as \*it\* is"


def test_the_best_of_a_column_may_be_several_the_smallest_or_none() -> None:
    values = [[1.0, 3.0, None], [1.0, 2.0, None]]
    assert best_in_column(values, lower=[1]) == {(0, 0), (1, 0), (1, 1)}


def test_what_is_no_better_than_chance_wins_nothing() -> None:
    values = [[100.0, 0.4, 1.0, 7.0], [100.0, 0.2, 2.0, 9.0]]
    assert best_in_column(values, lower=[2, 3], chance=[100.0, 0.3, 5.0, 7.0]) == {(0, 1), (0, 2)}
    assert best_in_column(values, chance=[None]) == {(0, 0), (1, 0), (0, 1), (1, 2), (1, 3)}


def test_each_form_is_written(tmp_path: Path) -> None:
    assert written(Result(), "csv") == "name,MRR\nmuq_a|b,0.5\n*bold*,0.25\n"
    assert json.loads(written(Result(), "json"))["rows"][1]["MRR"] == 0.25
    assert written(Result(), "latex").startswith("% needs")
    write_result(tmp_path / "a.md", written(Result(), "markdown"))
    assert (tmp_path / "a.md").read_text().startswith("# A")


def test_a_files_name_says_its_form() -> None:
    assert [form_of(Path(name), None) for name in ("a.TEX", "b.md", "c.csv")] == ["latex", "markdown", "csv"]
    assert form_of(Path("a.txt"), "latex") == "latex"
    assert form_of(None, None) is None
    with pytest.raises(ConfigError, match="does not say what to write"):
        form_of(Path("a.txt"), None)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is no folder"):
        write_result(tmp_path / "file" / "a.md", "x")
    with pytest.raises(ConfigError, match="is not there"):
        write_result(tmp_path / "folder" / "a.md", "x")
    (tmp_path / "a.md").mkdir()
    with pytest.raises(ConfigError, match="could not be written"):
        write_result(tmp_path / "a.md", "x")
    assert not (tmp_path / "folder").exists()
