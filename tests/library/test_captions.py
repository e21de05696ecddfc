"""Who wrote a caption: kept with it, and those that Antiphon made apart from those of the manifest."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from antiphon.errors import LibraryError
from antiphon.library.captions import MADE_FILE, write_made_captions
from antiphon.library.tracks import Caption, Library, Track, save_library


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
