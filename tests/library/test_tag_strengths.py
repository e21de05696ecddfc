"""Tags beside vectors: always those of the vectors that are there."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import LibraryError
from antiphon.library.tag_strengths import TAGS_FILE, TagMap, has_tags, read_sound_tags
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
    found = read_sound_tags(folder)
    assert (found.track_ids.tolist(), found.names) == (["a", "c"], ("m:low", "m:high"))
    np.testing.assert_array_equal(found.logits, [[1, 5], [4, 11]])
    with VectorWriter(folder, provenance("tagger", "audio", 3)) as writer:
        writer.write([Row("b", "ok")], np.array([[7.0, 0, 0]]))
    assert read_sound_tags(folder).track_ids.tolist() == ["a", "b", "c"]


def test_damage_and_tags_of_another_encoder_name_the_command(folder: Path) -> None:
    TagMap(names=("x",), weight=np.zeros((2, 1), np.float32), bias=np.zeros(1, np.float32)).write(folder)
    with pytest.raises(LibraryError, match=r"does not fit(.|\n)*antiphon embed --encoder tagger"):
        read_sound_tags(folder)
    (folder / TAGS_FILE).write_bytes(b"PK")
    with pytest.raises(LibraryError, match="cannot be read"):
        read_sound_tags(folder)


def _saved(folder: Path, **changed: object) -> None:
    arrays = {"names": np.array(MAP.names), "weight": MAP.weight, "bias": MAP.bias, **changed}
    np.savez(folder / TAGS_FILE, **arrays)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"weight": MAP.weight * np.nan}, "not finite"),
        ({"bias": np.full(2, np.inf, np.float32)}, "not finite"),
        ({"weight": MAP.weight.astype(str)}, "names of tags, and numbers"),
        ({"weight": MAP.weight.astype(complex)}, "names of tags, and numbers"),
        ({"names": np.arange(2)}, "names of tags, and numbers"),
        ({"names": np.array(MAP.names, object)}, "Python objects"),
        ({"names": np.array("m:low")}, "does not fit"),
        ({"names": np.array([], str), "weight": np.zeros((3, 0)), "bias": np.zeros(0)}, "does not fit"),
        ({"names": np.array(["m:low", "m:low"])}, "a tag twice"),
    ],
)
def test_what_is_no_layer_of_tags_is_refused(folder: Path, changed: dict[str, object], problem: str) -> None:
    _saved(folder, **changed)
    with pytest.raises(LibraryError, match=rf"{problem}(.|\n)*antiphon embed --encoder tagger"):
        read_sound_tags(folder)


@pytest.mark.parametrize("at", [8, 10], ids=["encrypted", "unknown compression"])
def test_an_archive_that_nothing_unpacks_is_damaged(folder: Path, at: int) -> None:
    _saved(folder)
    data = bytearray((folder / TAGS_FILE).read_bytes())
    data[data.find(b"PK\x01\x02") + at] = 77
    (folder / TAGS_FILE).write_bytes(data)
    with pytest.raises(LibraryError, match="damaged"):
        read_sound_tags(folder)


def test_an_array_in_place_of_an_archive_is_damaged(folder: Path) -> None:
    with (folder / TAGS_FILE).open("wb") as stream:
        np.save(stream, MAP.weight)
    with pytest.raises(LibraryError, match="damaged"):
        read_sound_tags(folder)


def test_a_header_that_claims_terabytes_asks_for_no_memory(folder: Path) -> None:
    _saved(folder)
    with zipfile.ZipFile(folder / TAGS_FILE, "w") as archive, archive.open("names.npy", "w") as stream:
        claim = {"descr": "<U9", "fortran_order": False, "shape": (10**12,)}
        np.lib.format.write_array_header_1_0(stream, claim)
    with pytest.raises(LibraryError, match="its header says"):
        read_sound_tags(folder)
