"""Music that was moved as a whole is found again, and its tracks, vectors and source go along."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon import cli
from antiphon.embed import embed_audio
from antiphon.errors import LibraryError
from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.ingest.move_paths import move_paths
from antiphon.library.ingest.recipe.recorded import inodes, inodes_of, library_recipe
from antiphon.library.tracks import Library
from antiphon.library.vectors.rows import read_rows
from tests.helpers.libraries.sounds import sweep, write


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "old" / "music"
    (folder / "album").mkdir(parents=True)
    for n, name in enumerate(("album/a.flac", "album/b.flac", "c.wav")):
        write(folder / name, sweep(1.0 + n / 4, 8000), 8000)
    return folder


def files(root: Path) -> list[str]:
    library = Library(root)
    return [library.sound_at(path) for path in library.column("path")]


def test_a_folder_is_followed_and_nothing_is_heard_again(music: Path, tmp_path: Path) -> None:
    root, new = tmp_path / "lib", tmp_path / "nas" / "music"
    ingest(music, root)
    embed_audio(root, ["timbre"], jobs=1)
    before, tables = Library(root).column("track_id").tolist(), {p: p.read_bytes() for p in root.glob("*.*")}
    new.parent.mkdir()
    music.rename(new)
    shown = move_paths(root, str(music), str(new))
    assert (shown.tracks, shown.found, shown.others, shown.written) == (3, 3, 0, False)
    assert {p: p.read_bytes() for p in root.glob("*.*")} == tables
    (new / "c.wav").unlink()
    moved = move_paths(root, str(music.parent), str(new.parent), write=True)
    assert (moved.tracks, moved.found, moved.missing) == (3, 2, (str(new / "c.wav"),))
    assert files(root) == [str(new / "album/a.flac"), str(new / "album/b.flac"), str(new / "c.wav")]
    assert library_recipe(Library(root)).sources == (new,)
    meta = Library(root).meta
    assert (inodes_of(meta, str(music)), inodes_of(meta, str(new))) == (None, inodes(new))
    (report,) = embed_audio(root, ["timbre"], jobs=1)
    assert (report.already, report.embedded) == (3, 0)
    audit = ingest(new, root)
    assert (audit.tags.new, audit.tags.gone, audit.tags.moved) == (0, 1, ())
    assert Library(root).column("track_id").tolist() == before[:2]


def test_files_that_cannot_be_heard_are_told_of_where_they_are_now(music: Path, tmp_path: Path) -> None:
    (music / "c.wav").write_bytes(b"no sound")
    root, new = tmp_path / "lib", tmp_path / "nas"
    ingest(music, root)
    (before,) = embed_audio(root, ["timbre"], jobs=1)
    music.rename(new)
    stored = root / "embeddings" / "audio" / "timbre"
    move_paths(root, str(music), str(new))
    assert {row.id: row.error for row in read_rows(stored) if row.error} == before.failed  # nothing was written yet
    move_paths(root, str(music), str(new), write=True)
    (after,) = embed_audio(root, ["timbre"], jobs=1)
    assert (after.already, after.embedded) == (2, 0)
    ((track, said),) = after.failed.items()
    assert said == before.failed[track].replace(str(music), str(new))
    assert str(new / "c.wav") in said


def test_tables_of_vectors_that_cannot_be_read_stop_nothing(music: Path, tmp_path: Path) -> None:
    root, new = tmp_path / "lib", tmp_path / "nas"
    ingest(music, root)
    embed_audio(root, ["timbre"], jobs=1)
    (root / "embeddings" / "audio" / "timbre" / "rows.parquet").write_bytes(b"damaged")
    music.rename(new)
    assert move_paths(root, str(music), str(new), write=True).written
    assert files(root)[0].startswith(str(new))


def test_a_table_goes_on_naming_the_old_folder_and_is_read_as_the_new_one(music: Path, tmp_path: Path) -> None:
    root, new = tmp_path / "lib", tmp_path / "nas"
    other = write(tmp_path / "other.wav", sweep(1.0, 8000), 8000)
    rows = [f"{music}/album/a.flac,calm", f"{music}/c.wav,fast", f"{other},slow"]
    (tmp_path / "t.csv").write_text("\n".join(["audio,caption", *rows]))
    ingest(tmp_path / "t.csv", root)
    ids = Library(root).column("track_id").tolist()
    music.rename(new)
    moved = move_paths(root, str(music), str(new), write=True)
    assert (moved.tracks, moved.found, moved.others) == (2, 2, 1)
    assert files(root) == [str(new / "album/a.flac"), str(new / "c.wav"), str(other)]
    recipe = library_recipe(Library(root))
    ingest(recipe.sources[0], root, options=IngestOptions(manifest=recipe.options.manifest))
    assert files(root) == [str(new / "album/a.flac"), str(new / "c.wav"), str(other)]
    assert Library(root).column("track_id").tolist() == ids


def test_playlists_that_the_library_keeps_go_along_and_their_other_lines_stay(music: Path, tmp_path: Path) -> None:
    root, new = tmp_path / "lib", tmp_path / "nas" / "é music"
    ingest(music, root)
    kept = root / "playlists"
    kept.mkdir()
    others = b"#EXTM3U\n#EXTINF:1,Caf\xe9\n/elsewhere/x.mp3\r\nhttp://radio/a\n"
    inside = f"{music}/album/a.flac", "../../old/music/c.wav"
    (kept / "evening.m3u8").write_bytes(others + "\n".join(inside).encode())
    (kept / "other.m3u8").write_bytes(others)
    at = (kept / "other.m3u8").stat().st_mtime_ns
    new.parent.mkdir()
    music.rename(new)
    move_paths(root, str(music), str(new))
    assert inside[0].encode() in (kept / "evening.m3u8").read_bytes()
    move_paths(root, str(music), str(new), write=True)
    moved = f"{new}/album/a.flac", "../../nas/é music/c.wav"
    assert (kept / "evening.m3u8").read_bytes() == others + "\n".join(moved).encode()
    assert (kept / "other.m3u8").stat().st_mtime_ns == at


def test_a_folder_may_be_named_as_it_lies_from_here(
    music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(music, tmp_path / "lib")
    music.rename(tmp_path / "new")
    monkeypatch.chdir(tmp_path)
    moved = move_paths(Path("lib"), "old/music", "new", write=True)
    assert (moved.old, moved.new, moved.found) == (str(music), str(tmp_path / "new"), 3)


def test_a_wrong_folder_is_refused_with_the_one_that_it_might_be(music: Path, tmp_path: Path) -> None:
    root = tmp_path / "lib"
    ingest(music, root)
    with pytest.raises(LibraryError, match=r"No track of .* lies in /elsewhere") as told:
        move_paths(root, "/elsewhere", str(tmp_path))
    assert told.value.fix == f"They lie in {music}."
    with pytest.raises(LibraryError, match="None of the 3 files is in"):
        move_paths(root, str(music), str(tmp_path / "nowhere"), write=True)
    with pytest.raises(LibraryError, match="No track"):
        move_paths(root, str(music)[:-1], str(tmp_path))


def test_the_command_counts_and_does_it_when_told_to(
    music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, new = tmp_path / "lib", tmp_path / "new"
    ingest(music, root)
    music.rename(new)
    words = ["move-paths", str(music), str(new), "--library", str(root)]
    cli.app(words, result_action="return_value")
    assert "Nothing was written. To do it, the same with --write." in capsys.readouterr().out
    cli.app([*words, "--write"], result_action="return_value")
    assert "3 tracks lie in" in capsys.readouterr().out
    assert files(root)[0] == str(new / "album/a.flac")
