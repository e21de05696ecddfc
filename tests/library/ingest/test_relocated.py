"""Files that move keep their track: id, split, vectors."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.leakage.audit import Audit
from antiphon.library.tags.report import MovedFile
from antiphon.library.tracks import Library
from tests.helpers.libraries.tagged_files import mp3, plain_mp3


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    for number in range(12):
        plain_mp3(folder / "in" / f"{number}.mp3", f"Song {number}", f"Artist {number}", "Album", TRCK=str(number + 1))
    return folder


def again(music: Path, *, tags: bool = True) -> Audit:
    return ingest(music, music.parent / "lib", options=IngestOptions(tags=tags))


def where(music: Path) -> dict[str, str]:
    table = Library(music.parent / "lib").track_table
    return dict(zip(table["track_id"].to_pylist(), table["path"].to_pylist(), strict=True))


def splits(music: Path) -> dict[str, str]:
    table = Library(music.parent / "lib").track_table
    return dict(zip(table["track_id"].to_pylist(), table["split"].to_pylist(), strict=True))


@pytest.mark.parametrize("tags", [True, False])
def test_a_moved_file_keeps_its_track_and_counts_are_told(music: Path, tags: bool) -> None:
    assert again(music, tags=tags).tags.new is None
    before = splits(music)
    (music / "out").mkdir()
    (music / "in" / "3.mp3").rename(music / "out" / "three.mp3")
    (music / "in" / "4.mp3").unlink()
    plain_mp3(music / "in" / "new.mp3", "New", "Artist 3")
    audit = again(music, tags=tags)
    moved = MovedFile(track_id="in/3.mp3", was="in/3.mp3", now="out/three.mp3")
    assert (audit.tags.new, audit.tags.moved, audit.gone) == (1, (moved,), ("in/4.mp3",))
    assert where(music)["in/3.mp3"] == "out/three.mp3"
    assert all(splits(music)[track] == split for track, split in before.items() if track != "in/4.mp3")
    printed = "\n".join(audit.lines())
    assert "Files since the last ingest: 10 where they were, 1 moved, 1 new, 1 gone." in printed
    assert "  in/3.mp3 → out/three.mp3" in printed.split("\n")
    quiet = again(music, tags=tags)
    assert (quiet.tags.new, quiet.tags.moved, quiet.tags.read) == (0, (), 0)
    assert where(music)["in/3.mp3"] == "out/three.mp3"


def test_a_file_that_is_moved_and_tagged_anew_is_known_by_what_it_says(music: Path) -> None:
    again(music)
    (music / "in" / "3.mp3").unlink()
    more = {"TCON": "Rock", "TRCK": "4"}
    plain_mp3(music / "Artist 3" / "04 Song 3.mp3", "Song 3", "Artist 3", "Album", **more)
    assert [str(moved) for moved in again(music).tags.moved] == ["in/3.mp3 → Artist 3/04 Song 3.mp3"]
    assert where(music)["in/3.mp3"] == "Artist 3/04 Song 3.mp3"


def test_a_file_that_is_tagged_anew_in_its_place_stays(music: Path) -> None:
    again(music)
    plain_mp3(music / "in" / "3.mp3", "Another", "Artist 3")
    audit = again(music)
    assert (audit.tags.new, audit.tags.moved, audit.tags.read) == (0, (), 1)


def test_names_that_shift_along_follow_the_content(music: Path) -> None:
    for number in range(12):  # of one size: told apart by their times, which one tick of a clock may not
        os.utime(music / "in" / f"{number}.mp3", ns=(0, number * 10**10))
    again(music)
    for number in range(10, -1, -1):
        (music / "in" / f"{number}.mp3").replace(music / "in" / f"{number + 1}.mp3")
    plain_mp3(music / "in" / "0.mp3", "New", "Somebody")
    audit = again(music)
    now = where(music)
    assert all(now[f"in/{n}.mp3"] == f"in/{n + 1}.mp3" for n in range(11))
    assert now["in/0.mp3~2"] == "in/0.mp3"
    assert (audit.tags.new, len(audit.tags.moved), audit.gone) == (1, 11, ("in/11.mp3",))
    assert again(music).tags.moved == ()
    assert where(music) == now


def test_a_copy_is_a_new_track_and_the_original_stays(music: Path) -> None:
    again(music)
    shutil.copy(music / "in" / "3.mp3", music / "in" / "copy.mp3")
    assert again(music).tags.moved == ()
    assert {"in/3.mp3", "in/copy.mp3"} <= where(music).keys()


def test_silence_of_one_length_is_not_taken_for_the_same_sound(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    mp3(folder / "a.mp3", sound=bytes(20_000))
    mp3(folder / "b.mp3", sound=bytes(30_000))
    again(folder)
    (folder / "a.mp3").unlink()
    mp3(folder / "c.mp3", sound=bytes(20_000))
    assert again(folder).gone == ("a.mp3",)


def test_a_table_with_ids_says_itself_which_track_a_file_is(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "a.mp3", "Song", "Ann")
    plain_mp3(tmp_path / "b.mp3", "Other", "Ben")
    (tmp_path / "m.csv").write_text("id,path\n1,a.mp3\n2,b.mp3\n")
    ingest(tmp_path / "m.csv", tmp_path / "lib")
    (tmp_path / "a.mp3").rename(tmp_path / "c.mp3")
    (tmp_path / "m.csv").write_text("id,path\n3,c.mp3\n2,b.mp3\n")
    assert ingest(tmp_path / "m.csv", tmp_path / "lib").gone == ("1",)


def test_a_second_move_is_told_with_the_id_that_the_track_goes_by(music: Path) -> None:
    again(music)
    (music / "in" / "3.mp3").rename(music / "x.mp3")
    again(music)
    (music / "x.mp3").rename(music / "y.mp3")
    assert [str(moved) for moved in again(music).tags.moved] == ["x.mp3 → y.mp3 (track in/3.mp3)"]


def test_a_disk_that_was_away_brings_its_tracks_back(music: Path) -> None:
    again(music)
    (music / "in" / "3.mp3").rename(music / "x.mp3")
    again(music)
    before = splits(music)
    away = music.parent / "away"
    away.mkdir()
    for name in ("x.mp3", "in/4.mp3", "in/5.mp3"):
        (music / name).rename(away / Path(name).name)
    assert (again(music).tags.gone, again(music).tags.gone) == (3, 0)
    plain_mp3(music / "in" / "3.mp3", "Somebody else's", "Artist 3")
    assert "in/3.mp3~2" in (again(music) and where(music))
    for name in ("x.mp3", "in/4.mp3", "in/5.mp3"):
        (away / Path(name).name).rename(music / name)
    audit = again(music)
    assert (audit.tags.new, audit.tags.back, audit.tags.gone, audit.tags.moved) == (0, 3, 0, ())
    assert where(music)["in/3.mp3"] == "x.mp3"
    assert {track: splits(music)[track] for track in before} == before
    assert "13 where they were, 0 moved (3 of these had been gone), 0 new, 0 gone." in "\n".join(audit.lines())
