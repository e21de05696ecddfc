"""Captions of a whole library, from its metadata and its vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.captions.making import make_captions, write_captions
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.captions import MADE_FILE
from antiphon.library.ingest import ingest
from antiphon.library.tracks import Library


def library(tmp_path: Path, columns: str, rows: list[str]) -> Library:
    table = tmp_path / "music.csv"
    table.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    ingest(table, tmp_path / "library")
    return Library(tmp_path / "library")


@pytest.fixture
def tagged(tmp_path: Path) -> Library:
    rows = ["a,Jazz;Other,piano,sad,One", "b,Rock,,,Two", "c,Unknown,,,Three", "d,Electronic,synthesizer,,Four"]
    return library(tmp_path, "id,genre,instrument,mood,title", rows)


def test_tag_captions_stand_beside_those_of_people_and_are_made_alike_again(tagged: Library) -> None:
    made = make_captions(tagged, ["tags"])
    write_captions(made)
    first = (tagged.root / MADE_FILE).read_bytes()
    read = Library(tagged.root)
    assert set(read.caption_column("kind")) == {"tags"}
    assert dict(zip(read.caption_column("caption_id"), read.caption_column("text"), strict=True))["a#tags0"] == (
        "Sad jazz with piano."
    )
    assert "c" not in set(read.caption_column("track_id"))
    write_captions(make_captions(read, ["tags"]))
    assert (tagged.root / MADE_FILE).read_bytes() == first


def test_counts_and_examples_tell_what_was_made(tagged: Library) -> None:
    made = make_captions(tagged, ["tags"])
    counts = made.counts()["tags"]
    assert counts["tracks"] == 3
    assert counts["captions"] == made.table.num_rows
    assert {example.track for example in made.examples(2)} <= {"One", "Two", "Four"}
    assert made.lines()[0] == f"tags: {counts['captions']} captions of 3 of 4 tracks"


def test_what_is_missing_is_named_with_what_makes_it(tmp_path: Path) -> None:
    bare = library(tmp_path, "id,isrc", ["a,X1", "b,X2"])
    made = make_captions(bare)
    assert "isrc" in made.missing[0].problem
    assert "genre" in made.missing[0].fix
    assert "antiphon import-embeddings" in made.missing[1].fix, "no sound is there that embed could hear"
    with pytest.raises(LibraryError, match="No caption can be made"):
        write_captions(made)
    assert not (bare.root / MADE_FILE).exists()


def test_a_kind_that_cannot_be_made_is_refused(tagged: Library) -> None:
    with pytest.raises(ConfigError, match="'human' are not made"):
        make_captions(tagged, ["human"])


def test_nothing_is_remembered_of_kinds_that_were_not_asked_for(tagged: Library) -> None:
    assert np.unique(make_captions(tagged, ["tags", "tags"]).table.column("caption_id")).size == (
        make_captions(tagged, ["tags"]).table.num_rows
    )
