"""Tags of every format under one name each, and files that have none or are damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from antiphon.library.tags.reader import MOST_BYTES, OTHER_FORMAT, read_file
from tests.helpers.libraries.tagged_files import SOUND, aiff, ape, flac, id3v1, m4a, mp3, ogg, text, txxx, wav, wma

ID3 = (
    *(("TIT2", text("Blue")), ("TPE1", text("Ann")), ("TALB", text("Sea")), ("TPE2", text("Ann & Co"))),
    *(("TCON", text("Rock", "Pop")), ("TDRC", text("1999-05-06")), ("TBPM", text("120")), ("TKEY", text("Am"))),
    *(("TMOO", text("calm", "sad")), ("TRCK", text("3/12")), ("TPOS", text("1/2")), ("TCMP", text("1"))),
    ("COMM", b"\3eng\0nice"),
    *(("UFID", b"http://musicbrainz.org\0mb-1"), ("TXXX", txxx("MusicBrainz Album Id", "mb-2"))),
    ("TXXX", txxx("replaygain_track_gain", "-6.50 dB")),
)
VORBIS = [
    *[("TITLE", "Blue"), ("ARTIST", "Ann"), ("ALBUM", "Sea"), ("ALBUM ARTIST", "Ann & Co"), ("GENRE", "Rock")],
    *[("GENRE", "Pop"), ("DATE", "1999-05-06"), ("BPM", "120"), ("INITIALKEY", "Am"), ("MOOD", "calm; sad")],
    *[("TRACKNUMBER", "3"), ("TOTALTRACKS", "12"), ("DISCNUMBER", "1/2"), ("COMPILATION", "1"), ("COMMENT", "nice")],
    *[("MUSICBRAINZ_TRACKID", "mb-1"), ("MUSICBRAINZ_ALBUMID", "mb-2"), ("REPLAYGAIN_TRACK_GAIN", "-6.50 dB")],
]
ASF = [
    *[("Title", "Blue"), ("Author", "Ann"), ("WM/AlbumTitle", "Sea"), ("WM/AlbumArtist", "Ann & Co")],
    *[("WM/Genre", "Rock"), ("WM/Genre", "Pop"), ("WM/Year", "1999-05-06"), ("WM/BeatsPerMinute", "120")],
    *[("WM/InitialKey", "Am"), ("WM/Mood", "calm"), ("WM/Mood", "sad"), ("WM/TrackNumber", "3"), ("TotalTracks", "12")],
    *[("WM/PartOfSet", "1"), ("disctotal", "2"), ("WM/IsCompilation", "1"), ("Description", "nice")],
    *[("MusicBrainz/Track Id", "mb-1"), ("MusicBrainz/Album Id", "mb-2"), ("replaygain_track_gain", "-6.50 dB")],
]
MP4 = [
    *[(b"\xa9nam", ["Blue"]), (b"\xa9ART", ["Ann"]), (b"\xa9alb", ["Sea"]), (b"aART", ["Ann & Co"])],
    *[(b"\xa9gen", ["Rock", "Pop"]), (b"\xa9day", ["1999-05-06"]), (b"tmpo", [120]), (b"\xa9cmt", ["nice"])],
]
MP4_OWN = [
    *[("initialkey", "Am"), ("MOOD", "calm; sad"), ("MusicBrainz Track Id", "mb-1"), ("MusicBrainz Album Id", "mb-2")],
    *[("replaygain_track_gain", "-6.50 dB"), ("track", "3"), ("tracktotal", "12"), ("disc", "1"), ("disctotal", "2")],
    ("compilation", "1"),
]
ALL = {
    "title": ["Blue"], "artist": ["Ann"], "album": ["Sea"], "albumartist": ["Ann & Co"], "genre": ["Rock", "Pop"],
    "year": ["1999"], "date": ["1999-05-06"], "bpm": ["120"], "key": ["Am"], "mood": ["calm", "sad"],
    "tracknumber": ["3"], "tracktotal": ["12"], "discnumber": ["1"], "disctotal": ["2"], "compilation": ["1"],
    "comment": ["nice"], "musicbrainz_trackid": ["mb-1"], "musicbrainz_albumid": ["mb-2"],
    "replaygain_track_gain": ["-6.5"],
}  # fmt: skip
FORMATS: dict[str, Callable[[Path], Path]] = {
    "a.mp3": lambda path: mp3(path, *ID3),
    "a.flac": lambda path: flac(path, VORBIS),
    "a.ogg": lambda path: ogg(path, VORBIS, "vorbis"),
    "a.opus": lambda path: ogg(path, VORBIS, "opus"),
    "a.m4a": lambda path: m4a(path, MP4, MP4_OWN),
    "a.wma": lambda path: wma(path, ASF),
    "a.wav": lambda path: wav(path, [], ID3),
    "a.aiff": lambda path: aiff(path, *ID3),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_the_same(tmp_path: Path, name: str) -> None:
    read = read_file(str(FORMATS[name](tmp_path / name)))
    assert read.error == ""
    assert read.tags == ALL
    assert len(read.content) == 32


MUSICBRAINZ = {"Release Track": "1", "Artist": "2", "Album Artist": "3", "Release Group": "4", "Work": "5"}
MORE = {
    "grouping": ["Suite"], "language": ["fin"], "lyrics": ["la la"], "label": ["One"], "isrc": ["GB1"],
    "originalyear": ["1971"], "originaldate": ["1971-03-01"], "musicbrainz_releasetrackid": ["1"],
    "musicbrainz_artistid": ["2"], "musicbrainz_albumartistid": ["3"], "musicbrainz_releasegroupid": ["4"],
    "musicbrainz_workid": ["5"], "artist": ["Ann feat. Ben"], "artists": ["Ann", "Ben"],
}  # fmt: skip
ID3_MORE = (
    *(
        ("TPE1", text("Ann feat. Ben")),
        ("GRP1", text("Suite")),
        ("TLAN", text("fin")),
        ("USLT", b"\3eng\0la la"),
        ("TPUB", text("One")),
    ),
    *(("TSRC", text("GB1")), ("TDOR", text("1971-03-01")), ("TXXX", txxx("ARTISTS", "Ann", "Ben"))),
    *(("TXXX", txxx(f"MusicBrainz {name} Id", value)) for name, value in MUSICBRAINZ.items()),
)
VORBIS_MORE = [
    *[("GROUPING", "Suite"), ("LANGUAGE", "fin"), ("UNSYNCEDLYRICS", "la la"), ("LABEL", "One"), ("ISRC", "GB1")],
    *[("ORIGINALDATE", "1971-03-01"), ("ARTIST", "Ann feat. Ben"), ("ARTISTS", "Ann"), ("ARTISTS", "Ben")],
    *((f"MUSICBRAINZ_{name.upper().replace(' ', '')}ID", value) for name, value in MUSICBRAINZ.items()),
]
ASF_MORE = [
    ("Author", "Ann feat. Ben"),
    *[("WM/ContentGroupDescription", "Suite"), ("WM/Language", "fin"), ("WM/Lyrics", "la la"), ("WM/ISRC", "GB1")],
    *[("WM/Publisher", "One"), ("WM/OriginalReleaseTime", "1971-03-01"), ("WM/ARTISTS", "Ann"), ("WM/ARTISTS", "Ben")],
    *((f"MusicBrainz/{name} Id", value) for name, value in MUSICBRAINZ.items()),
]
MP4_MORE = [(b"\xa9ART", ["Ann feat. Ben"]), (b"\xa9grp", ["Suite"]), (b"\xa9lyr", ["la la"])]
MP4_OWN_MORE = [
    *[("LANGUAGE", "fin"), ("LABEL", "One"), ("ISRC", "GB1"), ("originaldate", "1971-03-01")],
    *[("ARTISTS", "Ann"), ("ARTISTS", "Ben")],
    *((f"MusicBrainz {name} Id", value) for name, value in MUSICBRAINZ.items()),
]
FORMATS_MORE: dict[str, Callable[[Path], Path]] = {
    "a.mp3": lambda path: mp3(path, *ID3_MORE),
    "a.flac": lambda path: flac(path, VORBIS_MORE),
    "a.opus": lambda path: ogg(path, VORBIS_MORE, "opus"),
    "a.m4a": lambda path: m4a(path, MP4_MORE, MP4_OWN_MORE),
    "a.wma": lambda path: wma(path, ASF_MORE),
}


@pytest.mark.parametrize("name", FORMATS_MORE)
def test_what_programs_write_besides_has_one_name_in_every_format_too(tmp_path: Path, name: str) -> None:
    assert read_file(str(FORMATS_MORE[name](tmp_path / name))).tags == MORE


def test_what_older_tags_write_in_their_own_way(tmp_path: Path) -> None:
    old = mp3(
        tmp_path / "a.mp3",
        *(("TYER", text("1999", encoding="latin-1")), ("TORY", text("1971", encoding="latin-1"))),
        *(("TCON", text("(17)", encoding="latin-1")), ("TPE1", text("AC/DC", encoding="latin-1"))),
        version=3,
    )
    said = {"year": ["1999"], "originalyear": ["1971"], "genre": ["Rock"], "artist": ["AC/DC"]}
    assert read_file(str(old)).tags == said
    padded = mp3(tmp_path / "c.mp3", ("TIT2", b"\3Blue\0\0\0"), ("TPE1", b"\0Ann\0"), ("TIT1", text("Suite")))
    assert read_file(str(padded)).tags == {"title": ["Blue"], "artist": ["Ann"], "grouping": ["Suite"]}
    unmarked = mp3(tmp_path / "d.mp3", ("TIT2", b"\1" + "Шум".encode("utf-16-le")))
    assert read_file(str(unmarked)).tags == {"title": ["Шум"]}
    number = mp3(tmp_path / "b.mp3", ("TCON", text("17", "Chamber/Folk")))
    assert read_file(str(number)).tags == {"genre": ["Rock", "Chamber/Folk"]}
    gains = ogg(tmp_path / "a.opus", [("R128_TRACK_GAIN", "-256"), ("YEAR", "1999"), ("ALBUM_ARTIST", "Ann")], "opus")
    assert read_file(str(gains)).tags == {"r128_track_gain": ["-256"], "year": ["1999"], "albumartist": ["Ann"]}


def test_an_id3v1_tag_alone_and_infos_of_a_wav(tmp_path: Path) -> None:
    path = mp3(tmp_path / "a.mp3")
    path.write_bytes(path.read_bytes() + id3v1(b"Blue", b"Ann", b"Sea", b"1999"))
    said = {"title": ["Blue"], "artist": ["Ann"], "album": ["Sea"], "year": ["1999"], "genre": ["Rock"]}
    assert read_file(str(path)).tags == {**said, "comment": ["comment"], "tracknumber": ["7"]}
    info = [("INAM", b"Blue"), ("IART", b"Ann"), ("IGNR", b"Jazz / Funk"), ("ICRD", b"1999")]
    read = read_file(str(wav(tmp_path / "a.wav", info)))
    assert read.tags == {"title": ["Blue"], "artist": ["Ann"], "genre": ["Jazz", "Funk"], "year": ["1999"]}


def test_artists_of_a_track_one_by_one_beside_the_name_they_go_by(tmp_path: Path) -> None:
    together = mp3(tmp_path / "a.mp3", ("TPE1", text("Ann feat. Ben")), ("TXXX", txxx("ARTISTS", "Ann", "Ben")))
    assert read_file(str(together)).tags == {"artist": ["Ann feat. Ben"], "artists": ["Ann", "Ben"]}
    apart = flac(tmp_path / "b.flac", [("ARTIST", "Ann"), ("ARTIST", "Ben")])
    assert read_file(str(apart)).tags == {"artist": ["Ann"], "artists": ["Ann", "Ben"]}


def test_texts_in_utf_16_and_several_of_them(tmp_path: Path) -> None:
    path = mp3(
        tmp_path / "a.mp3", ("TIT2", text("Шум", encoding="utf-16")), ("TMOO", text("a", "b", encoding="utf-16"))
    )
    assert read_file(str(path)).tags == {"title": ["Шум"], "mood": ["a", "b"]}


def test_texts_of_another_encoding_are_repaired_or_told(tmp_path: Path) -> None:
    title, artist = ("Группа крови".encode("cp1251"), "Кино".encode("cp1251"))
    path = mp3(tmp_path / "a.mp3", ("TIT2", b"\0" + title), ("TPE1", b"\0" + artist), version=3)
    read = read_file(str(path))
    assert (read.tags, read.repaired) == ({"title": ["Группа крови"], "artist": ["Кино"]}, "cp1251")
    info = [("INAM", "Группа крови".encode("cp1251")), ("ICRD", b"1988")]
    read = read_file(str(wav(tmp_path / "b.wav", info)))
    assert (read.tags, read.repaired) == ({"title": ["Группа крови"], "year": ["1988"]}, "cp1251")
    read = read_file(str(wav(tmp_path / "c.wav", [("INAM", "Bj\xf6rk".encode("latin-1"))])))
    assert (read.tags, read.repaired, read.doubtful) == ({"title": ["Björk"]}, "", False)
    lost = read_file(str(wav(tmp_path / "d.wav", [("INAM", "ДДТ".encode("cp1251"))])))
    assert (lost.repaired, lost.doubtful) == ("", True)


def test_ape_tags_alone_and_behind_others(tmp_path: Path) -> None:
    tag = ape([("Title", "Blue"), ("Artist", "Ann\0Ben"), ("Year", "1999"), ("MOOD", "calm")], picture=b"\xff\xd8" * 99)
    (tmp_path / "a.wv").write_bytes(b"wvpk" + SOUND + tag)
    said = {"title": ["Blue"], "artist": ["Ann"], "artists": ["Ann", "Ben"], "year": ["1999"], "mood": ["calm"]}
    read = read_file(str(tmp_path / "a.wv"))
    assert (read.tags, read.error) == (said, "")
    path = mp3(tmp_path / "b.mp3", ("TIT2", text("Red")), ("TDRC", text("2001")))
    path.write_bytes(path.read_bytes() + tag + id3v1(b"Blue and much more"))
    assert read_file(str(path)).tags["title"] == ["Red"]
    assert read_file(str(path)).tags["year"] == ["2001"]
    assert read_file(str(path)).tags["mood"] == ["calm"]


@pytest.mark.parametrize("cut", [1, 20, 33, 60, 90])
def test_a_damaged_ape_tag_ends_where_it_is_damaged(tmp_path: Path, cut: int) -> None:
    tag = ape([("Title", "Blue"), ("Artist", "Ann")])
    (tmp_path / "a.ape").write_bytes(SOUND[:99] + tag[:8] + tag[8 + cut :])
    read = read_file(str(tmp_path / "a.ape"))
    assert read.error == OTHER_FORMAT or set(read.tags) <= {"title", "artist"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.wav", b"sound"),
        ("a.flac", b"fLaC\x84\xff\xff\xff"),
        ("a.ogg", b"Oggs\0" + bytes(40)),
        ("a.wma", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(40)),
        ("a.ape", b"MAC " + bytes(100)),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    read = read_file(str(tmp_path / name))
    assert read.tags == {}
    assert read.error == OTHER_FORMAT if name == "a.ape" else read.error
    assert "No such file" in read_file(str(tmp_path / "none.mp3")).error


def test_an_empty_file_and_one_without_tags_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"")
    assert read_file(str(tmp_path / "a.mp3")).error == ""
    assert read_file(str(mp3(tmp_path / "b.mp3"))).tags == {}


def test_no_header_makes_the_reader_swallow_a_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    page = b"OggS\0\0" + bytes(20) + b"\xff" + b"\xff" * 255
    with path.open("wb") as stream:
        stream.write(page + bytes(255 * 255))
        stream.truncate(4 * MOST_BYTES)
    assert read_file(str(path)).tags == {}


def test_content_is_told_apart_also_behind_an_equal_beginning_and_silence_is_none(tmp_path: Path) -> None:
    start = bytes(range(256)) * 20
    contents = set()
    for number in range(3):
        (tmp_path / "a.mp3").write_bytes(start + bytes((number + i) % 256 for i in range(10_000)) + start)
        contents.add(read_file(str(tmp_path / "a.mp3"), tags=False).content)
    assert len(contents) == 3
    (tmp_path / "silence.wav").write_bytes(bytes(range(44)) + bytes(100_000))
    assert read_file(str(tmp_path / "silence.wav"), tags=False).content == ""
