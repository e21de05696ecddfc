"""Folders of sound: links, classes, and a bad file beside good ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from antiphon.errors import LibraryError
from antiphon.library.ingest import ingest
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.entries import Manifest, read_manifest
from antiphon.library.tracks import Library


def read(path: Path, **options: bool) -> Manifest:
    return read_manifest(path, path.parent / "lib" / "audio", ManifestOptions(**options))


def put(path: Path, data: bytes = b"sound") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def captions(manifest: Manifest) -> dict[str, list[str]]:
    return {entry.track_id: entry.captions for entry in manifest.entries}


def test_linked_folders_are_walked_each_once_and_a_loop_ends(tmp_path: Path) -> None:
    put(tmp_path / "music" / "a.flac")
    put(tmp_path / "other" / "album" / "b.flac")
    put(tmp_path / "other" / "album" / "b.txt", b"from another disk")
    (tmp_path / "music" / "album").symlink_to("../other/album")
    (tmp_path / "music" / "again").symlink_to("../other/album")
    (tmp_path / "music" / "loop").symlink_to(".")
    manifest = read(tmp_path / "music")
    assert captions(manifest) == {"a.flac": [], "again/b.flac": ["from another disk"]}
    assert any("2 links lead to folders that were read already" in note for note in manifest.notes)


def test_a_linked_folder_with_a_table_is_read_once(tmp_path: Path) -> None:
    put(tmp_path / "real" / "metadata.csv", b"file_name,caption\nb.flac,one\n")
    put(tmp_path / "real" / "b.flac")
    put(tmp_path / "music" / "x.flac")
    (tmp_path / "music" / "album").symlink_to("../real")
    (tmp_path / "music" / "album2").symlink_to("../real")
    manifest = read(tmp_path / "music")
    assert captions(manifest) == {"album/b.flac": ["one"]}
    assert manifest.problems == []


def test_a_text_that_is_a_link_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    secret = put(tmp_path / "secret", b"root:x:0:0")
    for name in ("a", "b"):
        put(tmp_path / "music" / f"{name}.wav")
    (tmp_path / "music" / "a.txt").symlink_to(secret)
    (tmp_path / "music" / "a.json").symlink_to(secret)
    put(tmp_path / "music" / "texts" / "b", b"inside")
    (tmp_path / "music" / "b.txt").symlink_to("texts/b")
    manifest = read(tmp_path / "music")
    assert captions(manifest) == {"a.wav": [], "b.wav": ["inside"]}
    told = [(p.where, p.kind) for p in manifest.problems if p.kind != "empty caption"]
    assert told == [("a.json", "link outside"), ("a.txt", "link outside")]


def test_one_bad_text_beside_a_file_costs_its_caption_alone(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        put(tmp_path / "music" / f"{name}.wav")
    put(tmp_path / "music" / "a.txt", "grün".encode("latin-1"))
    put(tmp_path / "music" / "b.txt", "calm".encode("utf-16"))
    put(tmp_path / "music" / "c.json", b"[" * 100_000)
    put(tmp_path / "music" / "d.txt", b"fine")
    manifest = read(tmp_path / "music")
    assert captions(manifest) == {"a.wav": [], "b.wav": [], "c.wav": [], "d.wav": ["fine"]}
    assert [p.where for p in manifest.problems if p.kind != "empty caption"] == ["a.txt", "b.txt", "c.json:1"]


def test_texts_of_nearly_the_same_name_belong_to_a_file_and_the_others_are_named(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav", "c.wav"):
        put(tmp_path / "music" / name)
    for name in ("a.TXT", "b.wav.txt", "c.JSON"):
        put(tmp_path / "music" / name, b'{"caption": "x"}' if name == "c.JSON" else b"x")
    put(tmp_path / "music" / "read me.txt", b"not a caption")
    manifest = read(tmp_path / "music")
    assert captions(manifest) == {"a.wav": ["x"], "b.wav": ["x"], "c.wav": ["x"]}
    assert "Not read, since no sound file is called so: read me.txt." in manifest.notes


def test_a_name_that_is_not_utf8_is_one_problem(tmp_path: Path) -> None:
    put(tmp_path / "music" / "a.wav")
    put(tmp_path / "music" / "a.txt", b"calm")
    with Path(os.fsdecode(os.fsencode(tmp_path) + b"/music/caf\xe9.wav")).open("wb") as stream:
        stream.write(b"sound")
    with Path(os.fsdecode(os.fsencode(tmp_path) + b"/music/notes\xff.pdf")).open("wb") as stream:
        stream.write(b"x")
    audit = ingest(tmp_path / "music", tmp_path / "lib")
    assert Library(tmp_path / "lib").column("track_id").tolist() == ["a.wav"]
    assert [(p.where, p.kind) for p in audit.problems] == [("caf\\xe9.wav", "bad file name")]
    assert any("caf\\xe9.wav" in line for line in audit.lines())


def test_a_manifest_below_a_name_that_is_not_utf8_fills_a_library_elsewhere(tmp_path: Path) -> None:
    home = Path(os.fsdecode(os.fsencode(tmp_path) + b"/m\xfcsik"))
    put(home / "m.csv", b"id,caption\n1,calm\n")
    with pytest.raises(LibraryError, match="is no UTF-8"):
        ingest(home / "m.csv", home / "lib")
    assert not (home / "lib").exists()
    audit = ingest(home / "m.csv", tmp_path / "lib")
    assert Library(tmp_path / "lib").meta["audio_root"] == str(home)
    "\n".join(audit.lines()).encode("utf-8")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path / "music" / "a.wav")
    for name in ("a.txt", "b.wav", "b.json"):
        os.mkfifo(tmp_path / "music" / name)
    assert captions(read(tmp_path / "music")) == {"a.wav": []}


def test_a_link_to_sound_that_is_not_there_is_named(tmp_path: Path) -> None:
    put(tmp_path / "music" / "a.wav")
    (tmp_path / "music" / "b.flac").symlink_to(".git/annex/objects/gone.flac")
    assert [(p.where, p.kind) for p in read(tmp_path / "music").problems] == [("b.flac", "broken link")]


def test_hidden_and_system_folders_are_left_out_and_counted(tmp_path: Path) -> None:
    for name in ("a.wav", ".git/annex/a.wav", "@eaDir/a.wav", "__MACOSX/._a.wav", "b/._a.wav"):
        put(tmp_path / "music" / name)
    manifest = read(tmp_path / "music")
    assert list(captions(manifest)) == ["a.wav"]
    assert any("3 hidden or system folders" in note for note in manifest.notes)


def genres(folder: Path, *, files: int = 6) -> Path:
    for genre in ("blues", "hip_hop", "jazz"):
        for i in range(files):
            put(folder / "genres_original" / genre / f"{genre}.{i:05d}.wav")
    return folder


def test_folders_of_classes_are_captions_and_it_is_said(tmp_path: Path) -> None:
    manifest = read(genres(tmp_path / "gtzan"))
    assert captions(manifest)["genres_original/hip_hop/hip_hop.00003.wav"] == ["hip hop"]
    assert any("blues (6), hip_hop (6), jazz (6)" in note and "--no-folder-tags" in note for note in manifest.notes)


def test_classes_below_splits(tmp_path: Path) -> None:
    for split in ("train", "test"):
        genres(tmp_path / "set" / split)
    entries = read(tmp_path / "set").entries
    assert {(next(iter(e.splits)), e.captions[0]) for e in entries if "jazz" in e.path} == {
        ("train", "jazz"),
        ("test", "jazz"),
    }


@pytest.mark.parametrize("files", [1, 3])
def test_folders_that_may_be_artists_are_only_pointed_out(tmp_path: Path, files: int) -> None:
    manifest = read(genres(tmp_path / "music", files=files))
    assert not any(captions(manifest).values())
    assert any("--folder-tags" in note for note in manifest.notes)
    assert all(captions(read(tmp_path / "music", folder_tags=True)).values())


def test_folders_are_no_captions_where_there_are_others_or_the_user_says_so(tmp_path: Path) -> None:
    genres(tmp_path / "music")
    assert not any(captions(read(tmp_path / "music", folder_tags=False)).values())
    put(tmp_path / "music" / "genres_original" / "jazz" / "jazz.00000.txt", b"a trio")
    assert [c for c in captions(read(tmp_path / "music")).values() if c] == [["a trio"]]


def test_a_library_in_the_folder_of_the_music_is_no_manifest(tmp_path: Path) -> None:
    for name in ("a", "b"):
        put(tmp_path / "music" / "album" / f"{name}.wav", name.encode())
    for library in (tmp_path / "music", tmp_path / "music" / "mine"):
        for _ in range(2):
            ingest(tmp_path / "music", library)
            assert Library(library).column("track_id").tolist() == ["album/a.wav", "album/b.wav"]


def test_what_an_album_brings_beside_its_sound_is_no_manifest(tmp_path: Path) -> None:
    for number in range(20):
        put(tmp_path / "music" / f"album {number}" / "song.wav", bytes([number]))
    put(tmp_path / "music" / "album 1" / "metadata.json", b'{"artist": "Ann", "year": 1999}')
    for name in ("cover.jpg", "song.lrc", "song.cue", "info.nfo", "song.md5", "playlist.m3u8"):
        put(tmp_path / "music" / "album 1" / name)
    assert len(read(tmp_path / "music").entries) == 20
    put(tmp_path / "music" / "album 2" / "metadata.csv", b"file_name,text\nsong.wav,calm\n")
    manifest = read(tmp_path / "music")
    assert len(manifest.entries) == 20
    assert "Not read, since no sound file is called so: album 1/metadata.json, album 2/metadata.csv." in manifest.notes
