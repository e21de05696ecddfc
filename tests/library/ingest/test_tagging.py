"""Tags on their way into a library: what they fill, what is said, and files that are read once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.library.ingest import IngestOptions, ingest, tagging
from antiphon.library.leakage.audit import Audit
from antiphon.library.tracks import Library
from tests.helpers.libraries.tagged_files import mp3, plain_mp3, text


def again(tmp_path: Path, *, tags: bool = True) -> Audit:
    return ingest(tmp_path / "music", tmp_path / "lib", options=IngestOptions(tags=tags))


def tracks(tmp_path: Path) -> dict[str, tuple[str, str, str, str]]:
    table = Library(tmp_path / "lib").track_table
    return {row["track_id"]: (row["title"], row["artist"], row["album"], row["group"]) for row in table.to_pylist()}


def test_tags_fill_tracks_and_artists_make_groups(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "music" / "a.mp3", "Blue", "Ann", "Sea", TCON="Rock; Pop")
    plain_mp3(tmp_path / "music" / "b.mp3", "Red", "", "Sea", TPE2="Ann")
    plain_mp3(tmp_path / "music" / "c.mp3", "Green", "", "Hits", TPE2="Various Artists")
    plain_mp3(tmp_path / "music" / "d.mp3", "Grey", "Various Artists", "Hits")
    mp3(tmp_path / "music" / "e.mp3")
    audit = again(tmp_path)
    assert tracks(tmp_path) == {
        "a.mp3": ("Blue", "Ann", "Sea", "artist:ann"),
        "b.mp3": ("Red", "Ann", "Sea", "artist:ann"),
        "c.mp3": ("Green", "", "Hits", "track:c.mp3"),
        "d.mp3": ("Grey", "Various Artists", "Hits", "track:d.mp3"),
        "e.mp3": ("", "", "", "track:e.mp3"),
    }
    metadata = Library(tmp_path / "lib").metadata
    assert metadata.of("a.mp3") == {"title": "Blue", "artist": "Ann", "album": "Sea", "genre": ["Rock", "Pop"]}
    assert metadata.of("e.mp3") == {}
    assert (audit.tags.files, audit.tags.tagged) == (5, 4)
    assert audit.tags.filled == {"title": 4, "artist": 2, "album": 4, "album artist": 1}
    printed = "\n".join(audit.lines())
    assert "Tags: 4 of 5 files have some (80 %)." in printed
    assert "title of 4, artist of 2, album of 4; the album's artist became the artist of 1 track" in printed


def test_the_table_goes_before_tags(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "a.mp3", "Blue", "Ann", TBPM="120", TCON="Rock")
    plain_mp3(tmp_path / "b.mp3", "Red", "Ben", TBPM="90")
    (tmp_path / "m.csv").write_text("id,path,title,BPM\n1,a.mp3,Azure,121\n2,b.mp3,,\n")
    ingest(tmp_path / "m.csv", tmp_path / "lib")
    assert [found[:2] for found in tracks(tmp_path).values()] == [("Azure", "Ann"), ("Red", "Ben")]
    metadata = Library(tmp_path / "lib").metadata
    assert metadata.of("1") == {"BPM": 121, "title": "Blue", "artist": "Ann", "genre": ["Rock"]}
    assert metadata.of("2") == {"BPM": 90, "title": "Red", "artist": "Ben"}


def test_without_tags_no_tag_is_read(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "music" / "a.mp3", "Blue", "Ann")
    audit = again(tmp_path, tags=False)
    assert tracks(tmp_path) == {"a.mp3": ("", "", "", "track:a.mp3")}
    assert Library(tmp_path / "lib").metadata.names == ()
    assert not any("Tags:" in line for line in audit.lines())
    assert again(tmp_path).tags.read == 1
    assert tracks(tmp_path)["a.mp3"][0] == "Blue"


def test_one_bad_file_is_listed_and_stops_nothing(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "music" / "a.mp3", "Blue", "Ann")
    (tmp_path / "music" / "b.flac").write_bytes(b"fLaC\x84\xff\xff\xff")
    mp3(tmp_path / "music" / "c.mp3", ("TIT2", b"\0" + "Группа крови".encode("cp1251")))
    mp3(tmp_path / "music" / "d.mp3", ("TIT2", b"\0" + "ДДТ".encode("cp1251")))
    audit = again(tmp_path)
    assert len(tracks(tmp_path)) == 4
    assert list(audit.tags.unreadable) == ["b.flac"]
    assert audit.tags.repaired == {"cp1251": 1}
    assert list(audit.tags.doubtful) == ["d.mp3"]
    assert audit.problems == ()
    assert json.loads((tmp_path / "lib" / "audit.json").read_text())["tags"]["repaired"] == {"cp1251": 1}
    printed = "\n".join(audit.lines())
    assert "Repaired: texts that were not in the encoding that their tags name: Windows-1251 (1)" in printed
    assert "1 file with tags that cannot be read" in printed
    assert "1 file with texts in an encoding that nobody can tell" in printed


def test_an_unchanged_file_is_not_read_again_and_says_the_same(tmp_path: Path) -> None:
    for name in "abc":
        plain_mp3(tmp_path / "music" / f"{name}.mp3", name, "Ann", TBPM="120")
    assert again(tmp_path).tags.read == 3
    before = Library(tmp_path / "lib").metadata.arrow("title").to_pylist()
    plain_mp3(tmp_path / "music" / "b.mp3", "changed", "Ann")
    os.utime(tmp_path / "music" / "b.mp3", ns=(1, 1))
    audit = again(tmp_path)
    assert audit.tags.read == 1
    assert before == ["a", "b", "c"]
    assert Library(tmp_path / "lib").metadata.column("title") == ["a", "changed", "c"]
    assert Library(tmp_path / "lib").metadata.column("bpm") == [120, None, 120]
    assert "2 unchanged since they were read" in "\n".join(audit.lines())


def test_a_damaged_ledger_is_read_anew(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "music" / "a.mp3", "Blue", "Ann")
    again(tmp_path)
    (tmp_path / "lib" / "files.parquet").write_bytes(b"PAR1")
    assert again(tmp_path).tags.read == 1
    assert tracks(tmp_path)["a.mp3"][0] == "Blue"


def test_a_ledger_that_somebody_changed_says_nothing(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "music" / "a.mp3", "Blue", "Ann")
    again(tmp_path)
    for line in ("{", "[]", '{"tags": 1}', '{"tags": {"title": [1]}}', '{"else": 1}'):
        table = pq.read_table(tmp_path / "lib" / "files.parquet")
        table = table.set_column(table.schema.get_field_index("read"), "read", pa.array([line]))
        pq.write_table(table, tmp_path / "lib" / "files.parquet")
        assert list(again(tmp_path).tags.unreadable) == ["a.mp3"], line
        assert again(tmp_path).tags.unreadable == {}
        assert tracks(tmp_path)["a.mp3"][0] == "Blue"


def test_names_from_tags_are_of_one_line(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "music" / "a.mp3", "Blue\n#EXTINF\x1b[31m", "Ann")
    again(tmp_path)
    assert tracks(tmp_path)["a.mp3"][0] == "Blue #EXTINF [31m"


def test_parts_of_a_file_have_its_tags_and_chunks_make_one_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagging, "CHUNK", 2)
    for name in "abc":
        mp3(tmp_path / f"{name}.mp3", ("TCON", text(name, "x")), ("TPE1", text("Ann")))
    rows = [
        "path,start,end,caption,Genre",
        "a.mp3,0,10,one,own",
        "a.mp3,10,20,two,",
        "b.mp3,0,9,three,",
        "c.mp3,0,9,f,",
    ]
    (tmp_path / "m.csv").write_text("\n".join(rows))
    ingest(tmp_path / "m.csv", tmp_path / "lib")
    metadata = Library(tmp_path / "lib").metadata
    assert metadata.names == ("Genre", "artist")
    assert metadata.column("Genre") == [["own"], ["a", "x"], ["b", "x"], ["c", "x"]]
