"""Playlists: what stands in them, how paths are written, and what they never overwrite."""

import os
import stat
import threading
from pathlib import Path

import pytest

from antiphon.errors import ConfigError
from antiphon.library.manifest.paths.mapping import path_map
from antiphon.search.hits import Hit
from antiphon.search.playlists.m3u import left_out, m3u, placed, unmapped, write_playlist


def hit(**changes: object) -> Hit:
    values = {
        "rank": 1,
        "track_id": "t1",
        "score": 0.5,
        "title": "Night",
        "artist": "Ada",
        "path": "/music/a.flac",
        "by": "made",
    }
    return Hit(**{**values, **changes})  # type: ignore[arg-type]


def test_playlist_names_artist_title_and_file() -> None:
    assert m3u([hit()]) == "#EXTM3U\n#EXTINF:-1,Ada - Night\n/music/a.flac\n"


def test_playlist_leaves_out_tracks_without_a_file() -> None:
    assert m3u([hit(path="")]) == "#EXTM3U\n"


def test_playlist_title_cannot_break_the_line_structure() -> None:
    text = m3u([hit(title="Two\nlines", artist="")])
    assert text.splitlines()[1] == "#EXTINF:-1,Two lines"


def test_a_title_in_a_playlist_cannot_steer_the_terminal_that_shows_it() -> None:
    assert m3u([hit(title="\x1b[2JNight\x9b1m", artist="")]).splitlines()[1] == "#EXTINF:-1,[2JNight 1m"


def test_playlist_falls_back_to_the_track_id() -> None:
    assert "#EXTINF:-1,t1\n" in m3u([hit(title="", artist="")])


@pytest.mark.parametrize("path", ["s3://bucket/a.flac", "file:///music/a.flac", "https://example.org/a%20b.mp3"])
@pytest.mark.parametrize(("relative", "maps"), [(False, []), (True, []), (False, ["/music=/"])])
def test_an_address_stands_as_it_is(path: str, relative: bool, maps: list[str], tmp_path: Path) -> None:
    place = placed(tmp_path / "a.m3u", relative=relative, maps=[path_map(text) for text in maps])
    assert m3u([hit(path=path)], place=place).splitlines()[2] == path


def test_a_path_can_be_mapped_to_where_the_player_sees_it(tmp_path: Path) -> None:
    place = placed(tmp_path / "a.m3u", relative=False, maps=[path_map("/music/=/srv/my music")])
    assert place("/srv/my music/Ada/a.flac") == "/music/Ada/a.flac"
    assert place("/elsewhere/b.flac") == "/elsewhere/b.flac"


def test_a_path_can_be_relative_to_the_playlist() -> None:
    place = placed(Path("/srv/lists/a.m3u"), relative=True, maps=[])
    assert place("/srv/music/a.flac") == "../music/a.flac"


def test_a_path_is_relative_or_mapped() -> None:
    with pytest.raises(ConfigError, match="--path-map out"):
        placed(Path("a.m3u"), relative=True, maps=[path_map("/music=/srv")])


def test_mappings_that_fit_no_file_are_told() -> None:
    maps = [path_map("/music=/srv/other")]
    (said,) = unmapped(["", "s3://x/a.flac", "/srv/music/a.flac"], maps)
    assert said.startswith("No file of the playlist lies in /srv/other (the first is /srv/music/a.flac)")
    assert (
        unmapped(["/srv/music/a.flac", "/srv/other/b.flac"], maps) == unmapped(["/a"], []) == unmapped([], maps) == []
    )


def test_a_link_keeps_the_name_that_its_owner_gave(tmp_path: Path) -> None:
    (tmp_path / "real.flac").touch()
    (tmp_path / "link.flac").symlink_to(tmp_path / "real.flac")
    assert str(tmp_path / "link.flac") in m3u([hit(path=str(tmp_path / "link.flac"))])


def test_a_path_with_a_line_break_adds_no_line_of_its_own() -> None:
    lines = m3u([hit(path="/music/a\n/etc/passwd")]).splitlines()
    assert lines == ["#EXTM3U", "# left out, its path has a line break: Ada - Night"]


def test_lengths_are_whole_seconds() -> None:
    assert "#EXTINF:63,Ada - Night\n" in m3u([hit()], seconds=lambda _path: 62.7)


def test_a_name_that_is_no_utf8_is_written_as_its_bytes(tmp_path: Path) -> None:
    write_playlist(tmp_path / "a.m3u", m3u([hit(path=os.fsdecode(b"/music/caf\xe9.wav"))]))
    assert b"/music/caf\xe9.wav\n" in (tmp_path / "a.m3u").read_bytes()


@pytest.mark.parametrize("content", ["#EXTM3U\nold.flac\n", "", "\ufeff#EXTM3U\n"])
def test_an_older_playlist_is_replaced_and_keeps_its_mode(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.m3u"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    write_playlist(path, m3u([hit()]))
    assert "/music/a.flac" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_no_playlist_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "library.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"library\.json exists and is no playlist"):
        write_playlist(tmp_path / "library.json", "#EXTM3U\n")
    with pytest.raises(ConfigError, match="is a folder"):
        write_playlist(tmp_path, "#EXTM3U\n")
    assert (tmp_path / "library.json").read_text() == "{}"


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real.m3u").write_text("#EXTM3U\n")
    (tmp_path / "link.m3u").symlink_to("real.m3u")
    write_playlist(tmp_path / "link.m3u", m3u([hit()]))
    assert (tmp_path / "link.m3u").is_symlink()
    assert "/music/a.flac" in (tmp_path / "real.m3u").read_text()


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    """A device (/dev/null, /dev/stdout) goes the same way."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    write_playlist(pipe, "#EXTM3U\n")
    reader.join(timeout=60)
    assert got == ["#EXTM3U\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_part_of_a_file_is_its_file_with_start_and_stop() -> None:
    lines = m3u([hit(path="/music/full.flac#t=30,40.5"), hit(path="/music/full.flac#t=60")]).splitlines()
    assert lines[2:5] == ["#EXTVLCOPT:start-time=30", "#EXTVLCOPT:stop-time=40.5", "/music/full.flac"]
    assert lines[6:] == ["#EXTVLCOPT:start-time=60", "/music/full.flac"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_device_that_is_full_is_named() -> None:
    with pytest.raises(OSError, match="No space") as refused:
        write_playlist(Path("/dev/full"), "#EXTM3U\n")
    assert refused.value.filename == "/dev/full"


def test_a_name_that_begins_like_a_comment_is_still_a_file() -> None:
    assert m3u([hit(path="#1 hit.flac")]).splitlines()[2] == "./#1 hit.flac"
    assert m3u([hit(path="/m/ a.flac")], place=lambda path: path[3:]).splitlines()[2] == "./ a.flac"


def test_a_track_that_only_a_server_has_is_left_out_in_words() -> None:
    tracks = [hit(path="subsonic+https://music.example/rest/7"), hit(), hit(path="")]
    assert m3u(tracks).splitlines()[1] == "# left out, only the server music.example has its sound: Ada - Night"
    assert left_out(tracks) == [
        "1 of 3 tracks cannot stand in a playlist file: only the server music.example has its sound.",
        "1 of 3 tracks cannot stand in a playlist file: it has no file.",
    ]


def test_the_name_of_a_playlist_stays_on_its_line() -> None:
    assert m3u([], name="a\nb") == "#EXTM3U\n#PLAYLIST:a b\n"


def test_folders_are_mapped_by_the_longest_that_holds_a_path() -> None:
    maps = [path_map("/music=/data/music"), path_map("/jazz/=/data/music/jazz/")]
    place = placed(Path("a.m3u"), relative=False, maps=maps)
    assert [place(f"/data/music{rest}") for rest in ("/a.flac", "/jazz/b.flac", "al/c.flac")] == [
        "/music/a.flac", "/jazz/b.flac", "/data/musical/c.flac",
    ]  # fmt: skip
    assert placed(Path("a.m3u"), relative=False, maps=[path_map("/m=/")])("/a.flac") == "/m/a.flac"
