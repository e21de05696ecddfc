"""A library's files, and what is said when they are not there or damaged."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from antiphon.errors import AntiphonError, LibraryError
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.texts import normalised_text

TRACKS = [
    Track(track_id="a", path="a.wav", title="A", artist="X", group="g", split="train"),
    Track(track_id="b", path="/abs/b.wav", group="h", split="test"),
]
CAPTIONS = [Caption(caption_id="a#0", track_id="a", text="slow"), Caption(caption_id="a#1", track_id="a", text="sad")]


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    save_library(tmp_path, TRACKS, CAPTIONS, {"audio_root": "/music", "seed": 1})
    library = Library(tmp_path)
    assert [library.track(t) for t in ("a", "b")] == TRACKS
    assert library.caption_column("text").tolist() == ["slow", "sad"]
    assert library.audio_path("a.wav") == Path("/music/a.wav")
    assert library.audio_path("/abs/b.wav") == Path("/abs/b.wav")
    assert library.embedded("audio") == []


@pytest.mark.skipif(find_spec("pandas") is None, reason="nothing to load")
def test_pandas_is_not_loaded_to_read_a_library(tmp_path: Path) -> None:
    save_library(tmp_path, TRACKS, CAPTIONS, {})
    code = (
        "import sys; from pathlib import Path; from antiphon.library.tracks import Library\n"
        "library = Library(Path(sys.argv[1]))\n"
        "assert library.caption_column('kind').tolist() == ['human', 'human']\n"
        "assert library.column('artist').tolist() == ['X', '']\n"
        "raise SystemExit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0


def test_rows_of_a_split(tmp_path: Path) -> None:
    library = save_library(tmp_path, TRACKS, CAPTIONS, {})
    assert library.tracks_in("test").tolist() == [1]
    assert library.tracks_in("val").tolist() == []
    assert library.tracks_in("all").tolist() == [0, 1]
    with pytest.raises(LibraryError, match=r"Unknown split 'dev'(.|\n)*train, val, test or all"):
        library.tracks_in("dev")


def test_the_split_fingerprint_sees_any_change_but_not_the_order(tmp_path: Path) -> None:
    first = save_library(tmp_path / "1", TRACKS, [], {}).split_fingerprint()
    assert save_library(tmp_path / "2", TRACKS[::-1], [], {}).split_fingerprint() == first
    moved = [TRACKS[0], Track(track_id="b", split="val")]
    assert save_library(tmp_path / "3", moved, [], {}).split_fingerprint() != first


def test_an_unknown_track_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="No track 'z'"):
        save_library(tmp_path, TRACKS, [], {}).track("z")


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "damaged"), ('{"format": 99}', "format 99"), ("[]", "format None"), (None, "not an Antiphon library")],
)
def test_a_folder_that_is_no_library_of_ours(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "library.json").write_text(text)
    with pytest.raises(LibraryError, match=message) as caught:
        Library(tmp_path)
    later = "Use the version that wrote it, or a later one."
    assert caught.value.fix == later if message == "format 99" else "antiphon ingest" in (caught.value.fix or "")


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    library = save_library(tmp_path, TRACKS, CAPTIONS, {})
    (tmp_path / "tracks.parquet").write_bytes(b"x")
    with pytest.raises(LibraryError, match=r"tracks\.parquet cannot be read"):
        Library(library.root).column("path")


def test_texts_are_identical_up_to_case_space_and_width() -> None:
    assert normalised_text("  Slow\tSAD ") == normalised_text("slow ｓａｄ")


def test_an_error_shows_its_fix() -> None:
    assert str(AntiphonError("Wrong.", fix="Do this.")) == "Wrong.\n  → Do this."
    assert str(AntiphonError("Wrong.")) == "Wrong."


def test_sound_is_at_a_full_path_or_an_address_as_it_stands(tmp_path: Path) -> None:
    library = save_library(tmp_path, [Track(track_id="a")], [], {"audio_root": "/music"})
    assert library.sound_at("a.wav") == "/music/a.wav"
    assert library.sound_at("/else/a.wav") == "/else/a.wav"
    assert library.sound_at("s3://bucket/a.wav") == "s3://bucket/a.wav"
    assert library.sound_at("") == ""


def test_sound_below_an_address_keeps_the_address_whole(tmp_path: Path) -> None:
    library = save_library(tmp_path, [Track(track_id="a")], [], {"audio_root": "s3://bucket/"})
    assert library.sound_at("x/a.wav") == "s3://bucket/x/a.wav"


def test_sound_inside_the_library_moves_along_with_it(tmp_path: Path) -> None:
    """Embedded audio is written below the library, a demo's music too: neither is lost when the folder is moved."""
    was, now = tmp_path / "was", tmp_path / "now"
    inside, outside = str(was / "audio" / "x.wav"), str(tmp_path / "was-not" / "y.wav")
    save_library(was, [Track(track_id="x", path=inside), Track(track_id="y", path=outside)], [], {})
    assert Library(was).sound_at(inside) == inside
    was.rename(now)
    moved = Library(now)
    assert moved.sound_at(inside) == str(now / "audio" / "x.wav")
    assert moved.sound_at(outside) == outside
    assert moved.sound_at("https://example.org/x.wav") == "https://example.org/x.wav"


def test_a_manifest_inside_the_library_moves_along_with_it(tmp_path: Path) -> None:
    was, now = tmp_path / "was", tmp_path / "now"
    save_library(was, TRACKS, [], {"audio_root": str(was / "music")})
    was.rename(now)
    assert Library(now).audio_path("a.wav") == now / "music" / "a.wav"
    assert Library(now).audio_path("/abs/b.wav") == Path("/abs/b.wav")
