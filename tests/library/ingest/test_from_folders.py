"""Names of folders and files fill what tags leave open, where they can be believed."""

from __future__ import annotations

from pathlib import Path

from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.tracks import Library
from tests.helpers.libraries.tagged_files import mp3, plain_mp3


def made(folder: Path) -> dict[str, tuple[str, str, str, str]]:
    ingest(folder, folder.parent / "lib")
    rows = Library(folder.parent / "lib").track_table.to_pylist()
    return {row["track_id"]: (row["artist"], row["album"], row["title"], row["group"]) for row in rows}


def test_a_collection_without_tags_is_read_by_its_names(tmp_path: Path) -> None:
    for artist in ("Ann", "Ben", "Various Artists"):
        for number in range(1, 4):
            mp3(
                tmp_path / "music" / artist / "Sea" / f"{number:02} Song {number}.mp3",
                sound=f"{artist} {number}".encode() * 9,
            )
    found = made(tmp_path / "music")
    assert found["Ann/Sea/02 Song 2.mp3"] == ("Ann", "Sea", "Song 2", "artist:ann")
    nobody = "Various Artists/Sea/02 Song 2.mp3"
    assert found[nobody] == ("", "Sea", "Song 2", f"track:{nobody}")
    audit = ingest(tmp_path / "music", tmp_path / "lib")
    assert audit.tags.from_folders == {"artist": 6, "album": 9, "title": 9}
    assert "where there is no tag: artist of 6, album of 9, title of 9" in "\n".join(audit.lines())


def test_tags_go_before_names_and_say_whether_to_believe_them(tmp_path: Path) -> None:
    for number in range(6):
        plain_mp3(tmp_path / "music" / "Ann" / "Sea" / f"{number}.mp3", "Blue", "Ann", "The Sea")
    mp3(tmp_path / "music" / "Ben" / "Sky" / "song.mp3")
    assert made(tmp_path / "music")["Ben/Sky/song.mp3"] == ("Ben", "Sky", "song", "artist:ben")
    assert made(tmp_path / "music")["Ann/Sea/1.mp3"] == ("Ann", "The Sea", "Blue", "artist:ann")
    for number in range(20):
        plain_mp3(tmp_path / "music" / "x" / "y" / f"{number}.mp3", "Blue", f"Artist {number}")
    assert made(tmp_path / "music")["Ben/Sky/song.mp3"][0] == ""


def test_folders_of_classes_are_no_artists(tmp_path: Path) -> None:
    for genre in ("jazz", "rock"):
        for number in range(6):
            mp3(tmp_path / "music" / "genres" / genre / f"{genre}.{number:05}.mp3", sound=bytes([number, *range(99)]))
    assert {found[:3] for found in made(tmp_path / "music").values()} == {("", "", "")}
    assert Library(tmp_path / "lib").caption_column("text").tolist() == ["jazz"] * 6 + ["rock"] * 6


def test_albums_are_no_classes(tmp_path: Path) -> None:
    for album in ("Sea", "Sky"):
        for number in range(6):
            plain_mp3(tmp_path / "numbered" / album / f"{number:02} Song.mp3", "Song", "Ann", album)
            plain_mp3(tmp_path / "tagged" / album / f"Song {number}.mp3", f"Song {number}", "Ann", album)
    for folder in ("numbered", "tagged"):
        audit = ingest(tmp_path / folder, tmp_path / f"lib-{folder}")
        assert audit.captions == 0
        assert not any("names of folders are taken" in note for note in audit.notes)
    classes = ingest(tmp_path / "tagged", tmp_path / "lib-none", options=IngestOptions(tags=False))
    assert classes.captions == 12
