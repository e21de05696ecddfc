"""The separator is the mark that splits the first lines evenly, or the one that the file declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.delimited import read_csv
from antiphon.library.manifest.delimited.separator import find_separator


def table(folder: Path, text: str, name: str = "m.csv") -> dict[str, list[object]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return {key: list(cells) for key, cells in read_csv(path).columns.items()}


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ('id;audio;caption;"notes, private"\n1;a.wav;slow;x\n', ";"),
        ("id|caption\n1|slow, sad; calm\n", "|"),
        ("id\tcaption\n1\tslow, sad\n", "\t"),
        ("id,caption\n1,slow; sad; calm; blue\n", ","),
        ("caption\n1\n", ","),
        ("track;path;text\n1;a,b.wav;x, y, z\n2;c,d.wav;x\n", ";"),
        ("sep=;\nid;caption\n", ";"),
        ('"sep=|"\nid|caption\n', "|"),
        ("\nid;caption\n1;a\n", ";"),
    ],
)
def test_the_mark_that_splits_evenly_is_found(text: str, mark: str) -> None:
    assert find_separator(text.splitlines(keepends=True)).mark == mark


def test_a_declared_separator_is_obeyed_and_lines_are_counted_from_the_top(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("sep=;\nid;caption\n1;one\n2;two;three\n", encoding="utf-8")
    found = read_csv(path)
    assert found.columns == {"id": ["1"], "caption": ["one"]}
    assert [p.where for p in found.problems] == ["m.csv:4"]


def test_a_tab_separated_file_that_is_called_csv(tmp_path: Path) -> None:
    assert table(tmp_path, "id\tartist\tsong\n1\tA, B\tOne\n")["artist"] == ["A, B"]


def test_a_tsv_with_commas_for_separators_is_read_as_it_is(tmp_path: Path) -> None:
    assert table(tmp_path, "id,caption\n1,one\n", "m.tsv") == {"id": ["1"], "caption": ["one"]}


def test_two_lines_of_headings_are_joined_as_in_fma(tmp_path: Path) -> None:
    text = ",album,album,artist,set,track,track\n,title,id,name,split,title,genre_top\n"
    text += "track_id,,,,,,\n2,Al,1,Ann,training,Song,Rock\n"
    columns = table(tmp_path, text)
    assert columns["track_id"] == ["2"]
    assert (columns["set_split"], columns["artist_name"], columns["track_title"]) == (["training"], ["Ann"], ["Song"])


def test_a_header_with_one_empty_name_is_one_line(tmp_path: Path) -> None:
    assert table(tmp_path, ",caption,artist\n0,one,A\n1,two,A\n")["caption"] == ["one", "two"]


def test_tags_in_further_cells_belong_to_the_last_column_as_in_mtg_jamendo(tmp_path: Path) -> None:
    text = (
        "TRACK_ID\tPATH\tTAGS\ntrack_1\t48/948.mp3\tgenre---rock\tmood/theme---calm\ntrack_2\t14/2.mp3\tgenre---pop\n"
    )
    assert table(tmp_path, text, "raw.tsv")["TAGS"] == [["genre---rock", "mood/theme---calm"], ["genre---pop"]]


def test_no_header_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"m.csv:2: there is no header"):
        table(tmp_path, "sep=;\n")


def test_a_cell_longer_than_the_csv_modules_own_limit_is_read_whole(tmp_path: Path) -> None:
    long = "x" * 300_000
    assert table(tmp_path, f"id,caption\n1,{long}\n2,slow piano\n")["caption"] == [long, "slow piano"]


def test_remarks_above_the_header_are_passed_over_and_lines_count_from_the_top(tmp_path: Path) -> None:
    text = "# made on Monday, by me\n#\nid;caption\n1;slow, sad\n2\n"
    assert table(tmp_path, text)["caption"] == ["slow, sad"]
    assert [problem.where for problem in read_csv(tmp_path / "m.csv").problems] == ["m.csv:5"]
    assert table(tmp_path, "#id,caption\n1,slow\n") == {"#id": ["1"], "caption": ["slow"]}
