"""Tags beside vectors: always those of the vectors that are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import LibraryError
from antiphon.library.tag_strengths import TAGS_FILE, TagMap, has_tags, read_tags
from antiphon.library.vectors.store import Row, VectorWriter
from tests.helpers.libraries.made_vectors import provenance

MAP = TagMap(
    names=("m:low", "m:high"), weight=np.array([[1, 0], [0, 2], [0, 0]], np.float32), bias=np.array([0, 1], np.float32)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with VectorWriter(tmp_path / "tagger", provenance("tagger", "audio", 3)) as writer:
        writer.write(
            [Row("a", "ok"), Row("b", "failed", "no sound"), Row("c", "ok")],
            np.array([[1, 2, 3], [np.nan] * 3, [4, 5, 6]]),
        )
    return tmp_path / "tagger"


def test_tags_follow_the_vectors_that_are_there(folder: Path) -> None:
    assert not has_tags(folder)
    MAP.write(folder)
    assert has_tags(folder)
    found = read_tags(folder)
    assert (found.track_ids.tolist(), found.names) == (["a", "c"], ("m:low", "m:high"))
    np.testing.assert_array_equal(found.logits, [[1, 5], [4, 11]])
    with VectorWriter(folder, provenance("tagger", "audio", 3)) as writer:
        writer.write([Row("b", "ok")], np.array([[7.0, 0, 0]]))
    assert read_tags(folder).track_ids.tolist() == ["a", "b", "c"]


def test_damage_and_tags_of_another_encoder_name_the_command(folder: Path) -> None:
    TagMap(names=("x",), weight=np.zeros((2, 1), np.float32), bias=np.zeros(1, np.float32)).write(folder)
    with pytest.raises(LibraryError, match=r"does not fit(.|\n)*antiphon embed --encoder tagger"):
        read_tags(folder)
    (folder / TAGS_FILE).write_bytes(b"PK")
    with pytest.raises(LibraryError, match="cannot be read"):
        read_tags(folder)
