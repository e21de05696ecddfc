"""M3U playlists as players and people write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.entries import read_manifest
from antiphon.library.manifest.sources.kinds import read_source
from antiphon.library.manifest.table import Table
from tests.library.manifest.sources.test_navidrome import music, row

EXTENDED = """#EXTM3U
#PLAYLIST:Rainy evenings
#EXTINF:123,Lo Tide - Night Bus - Live
#EXTGENRE:Dub; Jazz
Lo Tide/Night Bus.flac
# a comment

#EXTALB:Harbour
#EXTINF:-1 tvg-id="x" group-title="y, z",Hill
Ben/Hill.mp3
Ben/bare.mp3
"""


def playlist(folder: Path, data: bytes, name: str = "rain.m3u") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def table(path: Path, **options: Any) -> Table:
    found = read_source(path, ManifestOptions(**options))
    assert found is not None
    return found


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_an_extended_playlist_gives_titles_and_lengths(tmp_path: Path, ends: str) -> None:
    found = table(playlist(tmp_path, EXTENDED.replace("\n", ends).encode("utf-8-sig")))
    assert row(found, 0) == {
        "audio": "Lo Tide/Night Bus.flac",
        "artist": "Lo Tide",
        "title": "Night Bus - Live",
        "length": 123.0,
        "genre": ["Dub", "Jazz"],
        "playlist": "Rainy evenings",
    }
    assert row(found, 1) == {
        "audio": "Ben/Hill.mp3",
        "title": "Hill",
        "album": "Harbour",
        "playlist": "Rainy evenings",
    }
    assert row(found, 2) == {"audio": "Ben/bare.mp3", "album": "Harbour", "playlist": "Rainy evenings"}
    assert list(found.lines) == [5, 10, 11]


def test_paths_may_be_relative_absolute_or_file_addresses(tmp_path: Path) -> None:
    music(tmp_path, "a/é 1.mp3", "b.mp3")
    elsewhere = music(tmp_path / "other", "c.mp3") / "c.mp3"
    address = (tmp_path / "a" / "é 1.mp3").as_uri()
    (tmp_path / "lists").mkdir()
    path = playlist(tmp_path / "lists", f"{address}\n../b.mp3\n{elsewhere}\n".encode(), "x.m3u8")
    read = read_manifest(path, tmp_path / "audio", ManifestOptions(audio_folders=(tmp_path,)))
    assert [entry.track_id for entry in read.entries] == ["a/é 1.mp3", "b.mp3", "other/c.mp3"]
    read = read_manifest(path, tmp_path / "audio")
    assert [Path(read.audio_root / entry.path).resolve() for entry in read.entries] == [
        tmp_path / "a" / "é 1.mp3",
        tmp_path / "b.mp3",
        elsewhere,
    ]


def test_relative_paths_may_start_from_the_music_folder(tmp_path: Path) -> None:
    music(tmp_path / "music", "a/b.mp3")
    options = ManifestOptions(audio_folders=(tmp_path / "music",))
    read = read_manifest(playlist(tmp_path, b"a/b.mp3\n"), tmp_path / "audio", options)
    assert [entry.track_id for entry in read.entries] == ["a/b.mp3"]


def test_latin_1_is_read_line_by_line_and_said(tmp_path: Path) -> None:
    music(tmp_path, "café.mp3", "naïve.mp3")
    read = read_manifest(playlist(tmp_path, b"caf\xe9.mp3\n" + "naïve.mp3\n".encode()), tmp_path / "audio")
    assert [entry.track_id for entry in read.entries] == ["café.mp3", "naïve.mp3"]
    assert "1 lines are not UTF-8" in read.notes[0]


def test_utf_16_is_read_by_its_mark(tmp_path: Path) -> None:
    music(tmp_path, "café.mp3")
    read = read_manifest(playlist(tmp_path, "#EXTM3U\r\ncafé.mp3\r\n".encode("utf-16")), tmp_path / "audio")
    assert [entry.track_id for entry in read.entries] == ["café.mp3"]


def test_a_windows_playlist_finds_its_files_through_the_mapping(tmp_path: Path) -> None:
    from antiphon.library.manifest.paths.mapping import path_map

    music(tmp_path / "nas", "Ben/Hill.mp3")
    path = playlist(tmp_path, b"D:\\Music\\Ben\\Hill.mp3\r\n")
    options = ManifestOptions(path_maps=(path_map(f"D:\\Music={tmp_path / 'nas'}"),))
    assert [e.track_id for e in read_manifest(path, tmp_path / "audio", options).entries] == ["Ben/Hill.mp3"]
    with pytest.raises(ManifestError, match="--path-map D:/Music/Ben=FOLDER"):
        read_manifest(path, tmp_path / "audio")


def test_addresses_are_kept_and_not_opened(tmp_path: Path) -> None:
    path = playlist(tmp_path, b"#EXTM3U\n#EXTINF:-1,Radio\nhttp://127.0.0.1:9/stream\n")
    read = read_manifest(path, tmp_path / "audio")
    assert [(e.track_id, e.path) for e in read.entries] == [("http://127.0.0.1:9/stream",) * 2]
    assert "antiphon embed --storage" in read.notes[0]


@pytest.mark.parametrize("line", ["more.m3u", "lists/MORE.PLS", "http://host/x.m3u8?token=1"])
def test_a_line_that_names_another_playlist_is_a_problem(tmp_path: Path, line: str) -> None:
    music(tmp_path, "a.mp3", "more.m3u")
    read = read_manifest(playlist(tmp_path, f"a.mp3\n{line}\n".encode()), tmp_path / "audio")
    assert [(p.where, p.kind) for p in read.problems] == [("rain.m3u:2", "playlist in a playlist")]
    assert len(read.entries) == 1


def test_a_playlist_is_known_by_its_first_line_under_any_name(tmp_path: Path) -> None:
    music(tmp_path, "a.mp3")
    read = read_manifest(playlist(tmp_path, b"\xef\xbb\xbf#EXTM3U\na.mp3\n", "list.txt"), tmp_path / "audio")
    assert [entry.track_id for entry in read.entries] == ["a.mp3"]


def test_pieces_of_one_stream_and_empty_lists_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="HLS"):
        table(playlist(tmp_path, b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nseg0.ts\n", "x.m3u8"))
    with pytest.raises(ManifestError, match="lists no tracks"):
        table(playlist(tmp_path, b"#EXTM3U\n"))
