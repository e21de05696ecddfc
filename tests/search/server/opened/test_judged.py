"""What is told of a judgement holds for the tables as they are, which are not read again for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import LibraryError
from antiphon.library.judgements.judgement import Judgement
from antiphon.search.server.opened import judged
from antiphon.search.server.opened.judged import OpenedLessons
from tests.helpers.libraries.plain import plain_library


def test_tables_are_read_once_and_again_when_they_have_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    class Counted(judged.Library):
        def __init__(self, root: Path) -> None:
            super().__init__(root)
            read.append(root)

    monkeypatch.setattr(judged, "Library", Counted)
    splits = {"a": "train", "b": "train"}
    plain_library(tmp_path, splits, captions={"a": ["piano"], "b": ["rain"]})
    lessons, said = OpenedLessons(tmp_path), Judgement(query="drums", track_id="b", verdict="same")
    assert [lessons.of(said) for _ in range(2)] == 2 * [
        "No training learns from it: no track is described in these words."
    ]
    plain_library(tmp_path, splits, captions={"a": ["piano", "drums"], "b": ["rain"]})
    assert [lessons.of(said) for _ in range(2)] == 2 * ["The next training learns from it."]
    assert len(read) == 2
    (tmp_path / "captions.parquet").write_bytes(b"PAR1")
    with pytest.raises(LibraryError, match=r"captions\.parquet cannot be read"):
        lessons.of(said)
