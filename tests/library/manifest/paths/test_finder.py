"""A file is found under nearly the same name, or what is near is named."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from antiphon.library.manifest.paths.finder import Finder


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())


CAFE = unicodedata.normalize("NFC", "Café/déjà vu.flac")


@pytest.mark.parametrize(
    ("there", "written"),
    [
        (unicodedata.normalize("NFD", CAFE), CAFE),
        (CAFE, unicodedata.normalize("NFD", CAFE)),
        ("Album/One.FLAC", "album/one.flac"),
        ("a/b/c.wav", "a\\b\\c.wav"),
        ("a/b/c.wav", ".\\a\\b\\c.wav"),
        ("a b/c d.wav", "a%20b/c%20d.wav"),
        ("a b.wav", "a+b.wav"),
        ("Tom & Jerry.mp3", "Tom &amp; Jerry.mp3"),
        ("it's.mp3", "it&#39;s.mp3"),
        ("clip.wav", "clip.mp3"),
        ("00/1000.2min.mp3", "00/1000.mp3"),
        ("x  y.wav", "x y.wav"),
        ("clip.wav", "clip"),
    ],
)
def test_nearly_the_same_name_is_found_and_counted(tmp_path: Path, there: str, written: str) -> None:
    put(tmp_path, there, "other.wav")
    finder = Finder(root=tmp_path)
    found = finder.find(written)
    assert found.path == there
    assert found.size == len(there.encode())
    assert finder.renamed == {written: there}


def test_the_exact_name_comes_first(tmp_path: Path) -> None:
    put(tmp_path, "a%20b.wav", "a b.wav", "A.wav", "a.wav")
    finder = Finder(root=tmp_path)
    assert [finder.find(name).path for name in ("a%20b.wav", "a b.wav", "A.wav", "a.wav")] == [
        "a%20b.wav",
        "a b.wav",
        "A.wav",
        "a.wav",
    ]
    assert finder.renamed == {}


def test_several_that_fit_are_named_and_none_is_taken(tmp_path: Path) -> None:
    put(tmp_path, "One.wav", "ONE.wav", "clip.flac", "clip.wav")
    finder = Finder(root=tmp_path)
    assert finder.find("one.wav").path == ""
    assert set(finder.find("one.wav").similar) == {"One.wav", "ONE.wav"}
    assert set(finder.find("clip.mp3").similar) == {"clip.flac", "clip.wav"}


@pytest.mark.parametrize(
    "written", ["no.wav", "../x.wav", "", "a\x00b.wav", "folder.wav", "C:\\Music\\no.wav", "x" * 300]
)
def test_what_is_not_there_is_not_found(tmp_path: Path, written: str) -> None:
    put(tmp_path / "music", "a.wav")
    (tmp_path / "music" / "folder.wav").mkdir()
    assert Finder(root=tmp_path / "music").find(written).path == ""


def test_a_further_folder_is_searched_by_name_and_the_longer_path_decides(tmp_path: Path) -> None:
    put(tmp_path, "sound/1/a.wav", "sound/2/a.wav", "sound/2/b.wav")
    finder = Finder(root=tmp_path, folders=(tmp_path / "sound",))
    assert finder.find("b.wav").path == "sound/2/b.wav"
    assert finder.find("D:\\data\\1\\a.wav").path == "sound/1/a.wav"
    assert set(finder.find("a.wav").similar) == {"sound/1/a.wav", "sound/2/a.wav"}


@pytest.mark.parametrize(
    ("name", "track_id"),
    [
        ("-abc_DEF123.wav", "-abc_DEF123"),
        ("YqW3rTy_0-1.flac", "qW3rTy_0-1"),
        ("qW3rTy_0-1_30.wav", "qW3rTy_0-1"),
        ("000/000002.mp3", "2"),
        ("14/214.low.mp3", "214"),
    ],
)
def test_a_file_is_found_by_the_id_in_its_name(tmp_path: Path, name: str, track_id: str) -> None:
    put(tmp_path, name, "other.wav")
    finder = Finder(root=tmp_path, folders=(tmp_path,))
    assert finder.find_by_id(track_id).path == name
    assert finder.find_by_id("missing").path == ""
    assert finder.by_id == 1
