"""Who wrote a caption: kept with it, and those that Antiphon made apart from those of the manifest."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import LibraryError
from antiphon.library.captions import MADE_FILE, CaptionKind
from antiphon.library.tracks import Caption, Library, Track, save_library
from tests.helpers.libraries.made_captions import write_made_captions


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tracks = [Track(track_id=t, split="train") for t in "ab"]
    captions = [
        Caption(caption_id="a#0", track_id="a", text="slow"),
        Caption(caption_id="b#0", track_id="b", text="a model said this", kind="machine"),
    ]
    save_library(tmp_path, tracks, captions, {})
    return tmp_path


def rows(root: Path) -> list[tuple[str, str]]:
    library = Library(root)
    return list(zip(library.caption_column("caption_id"), library.caption_column("kind"), strict=True))


def test_a_library_of_an_older_version_was_written_by_people(root: Path) -> None:
    table = pq.read_table(root / "captions.parquet").drop_columns(["kind"])
    pq.write_table(table, root / "captions.parquet")
    assert rows(root) == [("a#0", "human"), ("b#0", "human")]


def test_made_captions_stand_after_those_of_the_manifest_and_go_with_their_track(root: Path) -> None:
    write_made_captions(root, [("a#tags0", "a", "jazz", "tags"), ("gone#machine0", "gone", "loud", "machine")])
    assert rows(root) == [("a#0", "human"), ("b#0", "machine"), ("a#tags0", "tags")]
    write_made_captions(root, [])
    assert rows(root) == [("a#0", "human"), ("b#0", "machine")]


def test_damage_is_named_with_the_command_that_mends_it(root: Path) -> None:
    (root / MADE_FILE).write_bytes(b"PAR1 nonsense")
    with pytest.raises(LibraryError, match=r"made_captions.parquet cannot be read(.|\n)*antiphon caption"):
        rows(root)


def test_a_kind_that_nobody_knows_is_refused(root: Path) -> None:
    table = pq.read_table(root / "captions.parquet")
    pq.write_table(table.set_column(3, "kind", [["human", "parrot"]]), root / "captions.parquet")
    with pytest.raises(LibraryError, match=r"captions.parquet has captions of the kind 'parrot'"):
        rows(root)


@pytest.mark.parametrize(
    ("column", "cells", "problem"),
    [
        (2, pa.array(["fine", None]), "column text has nothing in row 2"),
        (2, pa.array([["a"], ["b"]]), "column text holds list<.*>, not text"),
        (2, pa.array([b"a", b"\xff"]), "column text holds binary, not text"),
        (0, pa.array([1, 2]), "column caption_id holds int64, not text"),
    ],
)
def test_a_caption_without_a_text_is_named_whoever_wrote_it(
    root: Path, column: int, cells: pa.Array, problem: str
) -> None:
    write_made_captions(root, [("a#tags0", "a", "jazz", "tags"), ("b#tags0", "b", "pop", "tags")])
    for name in (MADE_FILE, "captions.parquet"):
        kept = (root / name).read_bytes()
        table = pq.read_table(root / name)
        pq.write_table(table.set_column(column, table.column_names[column], cells), root / name)
        with pytest.raises(LibraryError, match=problem):
            rows(root)
        (root / name).write_bytes(kept)


@pytest.mark.parametrize(
    "strange",
    [
        ("a#0", "a", "jazz", "tags"),
        ("b#tags0", "a", "jazz", "tags"),
        ("a#machine0", "a", "jazz", "tags"),
        ("a#tags", "a", "jazz", "tags"),
        ("a#human0", "a", "jazz", "human"),
        ("b#machine0", "b", "said twice", "machine"),
    ],
)
def test_captions_that_antiphon_did_not_make_are_not_taken_for_its_own(
    root: Path, strange: tuple[str, str, str, CaptionKind]
) -> None:
    write_made_captions(root, [("b#machine0", "b", "loud", "machine"), strange])
    with pytest.raises(LibraryError, match=rf"did not make: '{strange[0]}'(.|\n)*antiphon caption"):
        rows(root)
