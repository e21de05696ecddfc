"""Paths as another machine sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.entries import read_manifest
from antiphon.library.manifest.paths.mapping import below, mapped, path_map, shared_folder


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/music/a/b.mp3", "/mnt/a/b.mp3"),
        ("/music/books/b.mp3", "/books/b.mp3"),
        ("/musical/b.mp3", "/musical/b.mp3"),
        ("music/b.mp3", "music/b.mp3"),
        ("/music", "/mnt"),
        (r"d:\MUSIC\A\b.mp3", "/win/A/b.mp3"),
        ("D:/Music/A/b.mp3", "/win/A/b.mp3"),
        ("\\\\nas\\share\\b.mp3", "/mnt/share/b.mp3"),
    ],
)
def test_the_longest_folder_that_fits_counts(path: str, there: str) -> None:
    maps = [
        path_map("/music=/mnt"),
        path_map("/music/books/=/books"),
        path_map(r"D:\Music=/win"),
        path_map(r"\\nas\share=/mnt/share"),
    ]
    assert mapped(path, maps) == there


@pytest.mark.parametrize("text", ["/music", "/music=", "=/mnt", "music=/mnt"])
def test_what_is_no_mapping_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ManifestError, match="--path-map /music=/mnt/nas/music"):
        path_map(text)


def test_below_and_shared_folders_go_by_whole_names() -> None:
    assert below("/music/a/b", "/music/") == "a/b"
    assert below("/musical", "/music") is None
    assert shared_folder(["/music/a/x.mp3", "/music/ab/y.mp3", "relative.mp3"]) == "/music"
    assert shared_folder(["/a/x.mp3", "/b/y.mp3"]) == shared_folder([]) == ""


def test_any_table_can_be_mapped_and_its_ids_stay_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.wav").write_bytes(b"a")
    (tmp_path / "m.csv").write_text("audio,caption\n/data/clips/a.wav,one\n")
    options = ManifestOptions(path_maps=(path_map(f"/data/clips={tmp_path / 'here'}"),))
    entry = read_manifest(tmp_path / "m.csv", tmp_path / "audio", options).entries[0]
    assert (entry.track_id, tmp_path / entry.path) == ("/data/clips/a.wav", tmp_path / "here" / "a.wav")
    with pytest.raises(ManifestError, match="--path-map /data/clips=FOLDER"):
        read_manifest(tmp_path / "m.csv", tmp_path / "audio")
