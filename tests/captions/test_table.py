"""Made captions as a table, edited by their owner, and read back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from antiphon.captions.making import make_captions, write_captions
from antiphon.captions.table import COLUMNS, write_table
from antiphon.errors import ConfigError
from antiphon.library.ingest import ingest
from antiphon.library.tracks import Library

MUSIC = "id,genre,title,caption\na,Jazz,One,\nb,Rock,Two,\nc,Pop,Three,my words\n"


@pytest.fixture
def captioned(tmp_path: Path) -> Library:
    (tmp_path / "music.csv").write_text(MUSIC, encoding="utf-8")
    ingest(tmp_path / "music.csv", tmp_path / "library")
    write_captions(make_captions(Library(tmp_path / "library"), ["tags"]))
    return Library(tmp_path / "library")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_table_has_every_made_caption_and_none_of_people(captioned: Library, tmp_path: Path) -> None:
    assert write_table(captioned, tmp_path / "out.csv") == 3
    found = rows(tmp_path / "out.csv")
    assert tuple(found[0]) == COLUMNS
    assert [(row["id"], row["caption"], row["kind"], row["title"]) for row in found] == [
        ("a", "Jazz.", "tags", "One"),
        ("b", "Rock.", "tags", "Two"),
        ("c", "Pop.", "tags", "Three"),
    ]


def test_what_comes_back_is_as_it_was_edited_and_is_not_made_again(captioned: Library, tmp_path: Path) -> None:
    table = tmp_path / "out.csv"
    write_table(captioned, table)
    text = table.read_text(encoding="utf-8-sig").replace("Jazz.", "Smoky night jazz").replace("Rock.", "")
    table.write_text(text, encoding="utf-8")
    ingest(tmp_path / "music.csv", captioned.root, more=[table])

    def captions() -> list[tuple[str, str, str]]:
        table = Library(captioned.root).caption_table
        return [(row["track_id"], row["text"], row["kind"]) for row in table.to_pylist()]

    kept = [("a", "Smoky night jazz", "human"), ("c", "my words", "human"), ("c", "Pop.", "tags")]
    assert captions() == kept
    again = make_captions(Library(captioned.root), ["tags"])
    assert again.table.num_rows == 0
    assert captions() == kept


def test_what_was_edited_once_is_neither_written_over_nor_told_as_new(captioned: Library, tmp_path: Path) -> None:
    table = tmp_path / "out.csv"
    write_table(captioned, table)
    ingest(tmp_path / "music.csv", captioned.root, more=[table])
    with pytest.raises(ConfigError, match="is there already"):
        write_table(Library(captioned.root), table)
    again = make_captions(Library(captioned.root), ["tags"])
    write_captions(again)
    assert write_table(Library(captioned.root), tmp_path / "second.csv") == 0


def test_a_table_that_nothing_reads_back_is_refused(captioned: Library, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ends with \.csv or \.tsv|no table to edit"):
        write_table(captioned, tmp_path / "out.xlsx")


def test_no_cell_is_a_formula_and_each_comes_back_as_it_was(tmp_path: Path) -> None:
    music = tmp_path / "music.jsonl"
    rows_in = [
        {"id": "=cmd()|x", "genre": "Jazz", "title": "@SUM(A1)", "artist": "-2+3"},
        {"id": "b", "genre": "Rock", "title": "'=1", "artist": "Anna"},
    ]
    music.write_text("\n".join(map(json.dumps, rows_in)), encoding="utf-8")
    ingest(music, tmp_path / "library")
    library = Library(tmp_path / "library")
    write_captions(make_captions(library, ["tags"]))
    write_table(Library(library.root), tmp_path / "out.csv")
    cells = [cell for row in rows(tmp_path / "out.csv") for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    audit = ingest(music, library.root, more=[tmp_path / "out.csv"])
    assert (audit.tracks, audit.problems) == (2, ())
    assert [tuple(row.values())[:3] for row in rows_in] == [
        (track, genre, title)
        for track, genre, title in zip(
            Library(library.root).column("track_id"),
            ("Jazz", "Rock"),
            Library(library.root).column("title"),
            strict=True,
        )
    ]
    assert set(Library(library.root).caption_column("kind")) == {"tags"}
