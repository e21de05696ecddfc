"""Words go into tags and come back out: in every format, with the sound, people's own tags and vectors as they were."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import mutagen
import pytest

from antiphon.api.tagging import tag as tagging
from antiphon.api.tagging import writing
from antiphon.api.tagging.fields import read_fields, write_fields
from antiphon.api.tagging.tag import ALL, restore, tag
from antiphon.api.tagging.words import wanted_fields
from antiphon.api.tagging.writing import exchange
from antiphon.captions.phrases import Phrase
from antiphon.captions.sound.heard import HeardPhrases
from antiphon.embed import embed_audio
from antiphon.embed.workers.packets import packets_hash
from antiphon.errors import AudioError, ConfigError, LibraryError
from antiphon.library.ingest import ingest
from antiphon.library.tags.reader import read_file
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.store import VectorWriter
from tests.helpers.libraries.sounds import sweep, write

FORMATS = ("mp3", "flac", "m4a", "opus", "ogg", "wav", "aiff")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("ending", FORMATS)
def test_fields_are_written_read_and_removed_in_every_format_with_the_sound_as_it_was(
    tmp_path: Path, ending: str
) -> None:
    path = write(tmp_path / f"a.{ending}", sweep(1.0, 48000), 48000)
    sound = packets_hash(str(path))
    assert len(sound) == 16
    fields = {"mood": ["calm", "soft"], "antiphon_genre": ["jazz", "blues; rock"], "grouping": ["jazz; calm"]}
    exchange(tmp_path, path, fields, keep_time=False)
    assert read_fields(path, ALL) == fields
    assert packets_hash(str(path)) == sound
    seen = read_file(str(path)).tags
    if ending not in ("wav", "aiff"):
        assert {"calm", "soft"} & set(" ".join(seen["mood"]).replace("/", " ").split())
    exchange(tmp_path, path, {name: [] for name in fields}, keep_time=False)
    assert read_fields(path, ALL) == {}
    assert packets_hash(str(path)) == sound


def test_without_write_it_is_only_shown(music: Path, tmp_path: Path) -> None:
    before = contents(music)
    found = tag(tmp_path / "lib")
    assert contents(music) == before
    assert not (tmp_path / "lib" / "tags_before.jsonl").exists()
    assert [change.path.name for change in found.changes] == ["one.mp3", "two.flac"]
    assert "antiphon_genre = jazz" in found.lines()[0]
    assert "antiphon tag --write" in found.lines()[-1]


def test_what_a_person_wrote_stays_and_what_was_written_is_taken_back(music: Path, tmp_path: Path) -> None:
    found = tag(tmp_path / "lib", write=True, grouping=True)
    assert (found.written, found.skipped) == (2, {})
    one, two = (read_fields(music / name, ALL) for name in ("one.mp3", "two.flac"))
    assert one["mood"] == ["calm", "soft"]
    assert one["grouping"] == ["jazz; calm; soft; piano"]
    assert two["mood"] == ["as I feel it"]
    assert two["antiphon_mood"] == ["calm", "soft"]
    assert mutagen.File(music / "two.flac")["COMMENT"] == ["mine"]
    again = tag(tmp_path / "lib", write=True, grouping=True)
    assert (again.written, again.same) == (0, 2), "the same words are written once"
    assert restore(tmp_path / "lib").written == 2
    assert read_fields(music / "one.mp3", ALL) == {}
    assert read_fields(music / "two.flac", ALL) == {"mood": ["as I feel it"]}
    assert restore(tmp_path / "lib").written == 0


def test_a_word_that_a_person_has_corrected_is_the_persons_from_then_on(music: Path, tmp_path: Path) -> None:
    tag(tmp_path / "lib", write=True)
    write_fields(music / "one.mp3", {"mood": ["sad"]})
    tag(tmp_path / "lib", write=True)
    assert read_fields(music / "one.mp3", ALL)["mood"] == ["sad"]
    restore(tmp_path / "lib")
    assert read_fields(music / "one.mp3", ALL) == {"mood": ["sad"]}


def test_written_words_do_not_come_back_as_metadata(music: Path, tmp_path: Path) -> None:
    tag(tmp_path / "lib", write=True, grouping=True)
    ingest(music, tmp_path / "lib")
    library = Library(tmp_path / "lib")
    assert not [name for name in library.metadata.names if "antiphon" in name]
    assert list(library.metadata.column("mood")) == [None, ["as I feel it"]]


@pytest.mark.parametrize("old", [False, True], ids=["of today", "of before signatures knew the sound"])
def test_no_track_is_heard_again_because_it_was_tagged(music: Path, tmp_path: Path, old: bool) -> None:
    root = tmp_path / "lib"
    embed_audio(root, ["timbre"], jobs=1)
    folder = root / "embeddings" / "audio" / "timbre"
    if old:
        with VectorWriter(folder, read_provenance(folder / "provenance.json")) as writer:
            writer.sign({row.id: "-".join(row.signature.split("-")[:2]) for row in writer.rows})
    ids = set(Library(root).column("track_id"))
    tag(root, write=True)
    ingest(music, root)
    assert set(Library(root).column("track_id")) == ids
    (report,) = embed_audio(root, ["timbre"], jobs=1)
    assert (report.already, report.embedded) == (2, 0)


def test_mode_and_if_asked_the_time_stay_and_a_link_stays_a_link(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", sweep(0.5, 44100), 44100)
    path.chmod(0o640)
    os.utime(path, ns=(5 * 10**18, 10**18))
    link = tmp_path / "link.flac"
    link.symlink_to(path)
    exchange(tmp_path, link, {"mood": ["calm"]}, keep_time=True)
    assert link.is_symlink()
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_mtime_ns) == (0o640, 10**18)
    exchange(tmp_path, path, {"mood": ["sad"]}, keep_time=False)
    assert path.stat().st_mtime_ns > 10**18


@pytest.mark.parametrize("point", ["write_fields", "_require_sound", "_like", "_sync"])
def test_whatever_fails_on_the_way_the_file_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    path = write(tmp_path / "a.flac", sweep(0.5, 44100), 44100)
    before = contents(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, point, fail)
    with pytest.raises(OSError, match="No space left"):
        exchange(tmp_path, path, {"mood": ["calm"]}, keep_time=False)
    assert contents(tmp_path) == before


def test_a_file_whose_sound_would_change_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.flac", sweep(0.5, 44100), 44100)
    other = write(tmp_path / "b.flac", sweep(0.5, 44100, level=0.1), 44100).read_bytes()
    monkeypatch.setattr(writing, "write_fields", lambda copy, _fields: copy.write_bytes(other))
    with pytest.raises(AudioError, match="its sound would not be read as it is now"):
        exchange(tmp_path, path, {"mood": ["calm"]}, keep_time=False)
    assert sorted(contents(tmp_path)) == ["a.flac", "b.flac"]
    (tmp_path / "c.flac").write_bytes(b"no sound at all")
    with pytest.raises(AudioError, match="cannot be read"):
        exchange(tmp_path, tmp_path / "c.flac", {"mood": ["calm"]}, keep_time=False)


def test_extended_attributes_stay(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", sweep(0.5, 44100), 44100)
    try:
        os.setxattr(path, "user.seen", b"twice")
    except OSError:
        pytest.skip("no extended attributes on this file system")
    exchange(tmp_path, path, {"mood": ["calm"]}, keep_time=False)
    assert os.getxattr(path, "user.seen") == b"twice"


def test_a_file_that_cannot_be_written_keeps_no_other_from_it(music: Path, tmp_path: Path) -> None:
    (music / "one.mp3").write_bytes(b"\xff\xfb\x90\x64" + bytes(10))
    found = tag(tmp_path / "lib", write=True)
    assert found.written == 1
    assert list(found.skipped) == [str(music / "one.mp3")]


def test_the_backup_survives_a_kill_in_the_middle_of_a_line(music: Path, tmp_path: Path) -> None:
    tag(tmp_path / "lib", write=True)
    file = tmp_path / "lib" / "tags_before.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"track_id": "x", "pa')
    write_fields(music / "one.mp3", {"antiphon_genre": []})
    assert tag(tmp_path / "lib", write=True).written == 1
    lines = file.read_bytes().splitlines()
    assert [json.loads(line)["path"].endswith("one.mp3") for line in lines] == [True, False, True]
    assert json.loads(lines[0])["before"]["mood"] == []
    assert restore(tmp_path / "lib").written == 2
    file.write_bytes(b"broken\n" + whole)
    with pytest.raises(LibraryError, match="line 1, is damaged"):
        restore(tmp_path / "lib")


def test_words_of_other_kinds_are_not_written() -> None:
    fields = wanted_fields([Phrase("pace", "slow"), Phrase("voice", "choir")], {}, grouping=False)
    assert fields == {"antiphon_instrument": ["choir"]}


@pytest.mark.usefixtures("music")
def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "heard_phrases", lambda _library: HeardPhrases(tracks={}))
    with pytest.raises(LibraryError, match="Nothing was heard"):
        tag(tmp_path / "lib")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match="needs mutagen"):
        tag(tmp_path / "lib")


@pytest.mark.usefixtures("music")
def test_a_restore_that_was_killed_before_a_file_takes_it_back_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag(tmp_path / "lib", write=True)

    def killed(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(tagging, "exchange", killed)
        with pytest.raises(SystemExit):
            restore(tmp_path / "lib")
    restore(tmp_path / "lib")
    assert read_fields(tmp_path / "music" / "one.mp3", ALL) == {}
    assert read_fields(tmp_path / "music" / "two.flac", ALL) == {"mood": ["as I feel it"]}
