"""What is served is a library, or music whose library lies where nothing of the music is."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.cli.serving.place import ServedSource, copy_of_what_is_away, home_of, made_from, place_of
from antiphon.errors import LibraryError
from antiphon.library.ingest.move_paths import move_paths
from antiphon.library.ingest.recipe.options import IngestOptions
from antiphon.library.ingest.recipe.recorded import inodes, recorded
from antiphon.library.tags.ledger import TagLedger
from antiphon.library.tracks import Track, save_library
from tests.helpers.web.server import songs


def test_a_library_is_served_as_it_is(tmp_path: Path) -> None:
    root = songs(tmp_path)
    assert place_of(str(root), None) == (root, None)
    assert place_of(None, root) == (root, None)
    with pytest.raises(LibraryError, match="names another one"):
        place_of(str(root), tmp_path)


def test_music_gets_a_library_of_its_own_always_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    music = tmp_path / "My Music"
    music.mkdir()
    found = place_of(str(music), None)
    assert found == place_of(f"{music}/", None)
    assert found.source == str(music)
    assert found.library.parent == tmp_path / "data" / "antiphon"
    assert found.library.name.startswith("My-Music-")
    assert place_of(str(music), tmp_path / "lib").library == tmp_path / "lib"
    assert list(music.iterdir()) == []


def test_music_that_was_moved_keeps_its_library_and_other_music_in_its_old_place_gets_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    old, new = tmp_path / "Music", tmp_path / "disk" / "Music"
    for folder in (old, new):
        folder.mkdir(parents=True)
    first = home_of(str(old))
    save_library(first, [Track(track_id="a")], [], {"manifest": str(old)})
    assert (home_of(str(old)), home_of(str(new)) == first) == (first, False)
    save_library(first, [Track(track_id="a")], [], {"manifest": str(new)})  # as move-paths does
    assert home_of(str(new)) == first
    other = home_of(str(old))
    assert other == first.with_name(f"{first.name}-2")
    save_library(other, [Track(track_id="b")], [], {"manifest": str(old)})
    assert (home_of(str(old)), home_of(str(new))) == (other, first)
    save_library(first, [Track(track_id="a")], [], {"manifest": str(tmp_path / "table.csv")})
    assert home_of(str(new)) != first, "a table is nobody's folder"


def music_of(folder: Path, *names: str) -> list[Track]:
    for name in names:
        file = folder / "Artist" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    return [Track(track_id=name, path=str(folder / "Artist" / name)) for name in names]


def test_music_that_was_renamed_is_not_heard_anew_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    old, new, copy = tmp_path / "Music", tmp_path / "My Music", tmp_path / "copy"
    tracks = music_of(old, "a.flac", "b.flac", "c.flac")
    first = place_of(str(old), None).library
    save_library(first, tracks, [], {"manifest": str(old)})
    shutil.copytree(old, copy)
    assert place_of(str(copy), None).library != first, "the old folder is still there"
    old.rename(new)
    (new / "Artist" / "c.flac").unlink()
    music_of(new, "new.flac")
    with pytest.raises(LibraryError, match="2 of 3 files that were looked at are there as they were") as refused:
        place_of(str(new), None)
    told = shlex.split(refused.value.fix or "")
    assert told[told.index("move-paths") + 1 :][:2] == [str(old), str(new)]
    anew = Path(told[-1])
    assert place_of(str(new), anew) == (anew, str(new))
    move_paths(first, str(old), str(new), write=True)
    assert place_of(str(new), None).library == first


def test_a_copy_of_music_whose_disk_is_away_is_not_refused_and_not_heard_before_its_owner_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    disk, copy = tmp_path / "disk", tmp_path / "copy"
    old, renamed = disk / "Music", disk / "Renamed"
    tracks = music_of(old, "a.flac", "b.flac")
    first = place_of(str(old), None)
    meta = {"manifest": str(old), "made_from": recorded([old], IngestOptions())}
    save_library(first.library, tracks, [], meta)
    assert copy_of_what_is_away(first) == ""
    shutil.copytree(old, copy)
    old.rename(renamed)
    for moved in (renamed, copy):  # its disk is there, and the folder is not: it was moved
        with pytest.raises(LibraryError, match="2 of 2 files"):
            place_of(str(moved), None)
    disk.rename(tmp_path / "drawer")
    with pytest.raises(LibraryError, match="2 of 2 files"):  # the very folder: the one that it lies in was renamed
        place_of(str(tmp_path / "drawer" / "Renamed"), None)
    for empty in (False, True):  # a disk that is away may leave the folder that it is seen in
        if empty:
            disk.mkdir()
        own = place_of(str(copy), None)
        assert own.library != first.library
        said = copy_of_what_is_away(own)
        assert f"{old}, which is not there now: 2 of 2 files" in said
        moved = shlex.join(map(str, ("antiphon", "move-paths", old, copy, "--write", "--library", first.library)))
        assert f"{moved}, then the same again." in said
    monkeypatch.setattr(Path, "is_mount", lambda path: path == copy)
    assert inodes(copy) == [0, copy.stat().st_ino]
    save_library(own.library, tracks, [], {"manifest": str(copy)})
    assert copy_of_what_is_away(own) != "", "it was read, and not heard"
    (own.library / "embeddings" / "audio" / "timbre").mkdir(parents=True)
    assert copy_of_what_is_away(own) == ""


def test_other_music_in_files_of_the_same_names_is_other_music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    old, new = tmp_path / "Music", tmp_path / "Other"
    tracks = music_of(old, "01.flac", "02.flac")
    first = place_of(str(old), None).library
    library = save_library(first, tracks, [], {"manifest": str(old)})
    paths, size = library.column("path").tolist(), [7, 7]
    columns = {"track_id": ["01.flac", "02.flac"], "path": paths, "size": size, "mtime_ns": [0, 0]}
    rest = {"content": ["", ""], "tagged": [False] * 2, "here": [True] * 2, "read": ["{}"] * 2}
    made = pa.table({**columns, **rest}, schema=TagLedger().rows.schema)
    pq.write_table(made, first / "files.parquet")
    old.rename(new)
    with pytest.raises(LibraryError, match="2 of 2 files"):
        place_of(str(new), None)
    (new / "Artist" / "01.flac").write_bytes(b"longer than it was")
    assert place_of(str(new), None).library != first, "half of it is not most of it"
    (first / "tracks.parquet").write_bytes(b"damaged")
    assert place_of(str(new), None).library != first


def test_music_is_read_from_a_server_where_the_library_was_made_of_one(tmp_path: Path) -> None:
    server = "https://anna@music.example.com"
    assert made_from(ServedSource(tmp_path / "none", server)) == server
    assert made_from(ServedSource(tmp_path / "none", None)) == ""
    assert made_from(ServedSource(tmp_path / "none", "/music")) == ""
    assert made_from(ServedSource(songs(tmp_path), None)) == "", "it does not say what it was made from"
    save_library(tmp_path / "lib", [Track(track_id="a")], [], {"manifest": server})
    assert made_from(ServedSource(tmp_path / "lib", None)) == server


def test_names_that_are_no_names_of_files_become_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    assert str(home_of("/")).startswith("/home/me/.local/share/antiphon/music-")
    assert "/" not in home_of("https://me@music.example.com").name
    assert len(home_of("/music/" + "ä" * 300).name.encode()) < 255


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="There is no"):
        place_of(str(tmp_path / "nowhere"), None)
    with pytest.raises(LibraryError, match="is no library, and no music was named"):
        place_of(None, tmp_path)
