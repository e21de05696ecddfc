"""Partly readable sound: a little is passed over and noted, more is a failure, whatever the container."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from antiphon.audio import decode
from antiphon.audio.container import Damage
from antiphon.audio.promises import WHOLE, lack_of
from antiphon.errors import AudioError
from tests.helpers.libraries import sounds
from tests.helpers.libraries.sounds import sweep, write

RATE = 44_100
MORE = {
    "w64": ("pcm_s16le", "s16"),
    "au": ("pcm_s16be", "s16"),
    "caf": ("pcm_s16le", "s16"),
    "wv": ("wavpack", "s16p"),
    "tta": ("tta", "s16"),
    "avi": ("libmp3lame", "fltp"),
    "mka": ("flac", "s16"),
    "webm": ("libopus", "flt"),
}
PLAIN = ("wav", "s24.wav", "f32.wav", "w64", "caf", "aiff", "au")
STATING = (*PLAIN, "flac", "mp3", "ogg", "opus", "wv", "tta", "avi", "mka", "webm")


@pytest.fixture(autouse=True)
def more_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "CODECS", {**sounds.CODECS, **MORE})


def made(folder: Path, kind: str, seconds: float = 4.0) -> Path:
    rate = 48_000 if kind in ("opus", "webm") else RATE
    return write(folder / f"a.{kind}", sweep(seconds, rate), rate, kind)


def heard(path: Path) -> tuple[float, Damage]:
    damage = Damage()
    samples = sum(len(blocks[22_050]) for blocks in decode.stream_rates(path, (22_050,), damage))
    return samples / 22_050, damage


@pytest.mark.parametrize("kind", [*STATING, "m4a"])
def test_a_whole_file_lacks_nothing(tmp_path: Path, kind: str) -> None:
    seconds, damage = heard(made(tmp_path, kind))
    assert seconds == pytest.approx(4.0, abs=0.1)
    assert damage.note() == ""


@pytest.mark.parametrize("kind", STATING)
def test_a_file_whose_header_promises_more_than_it_holds_is_cut_off(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path, kind)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(AudioError, match=r"cut off .*after \d\.\d s"):
        heard(path)


@pytest.mark.parametrize("kind", ["wav", "w64", "caf", "aiff", "au", "mp3"])
def test_less_than_half_a_second_at_the_end_is_passed_over_and_noted(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path, kind)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.91)])
    seconds, damage = heard(path)
    assert seconds == pytest.approx(3.64, abs=0.1)
    assert 0.25 < damage.seconds < 0.5
    assert "could not be read" in damage.note()


def test_a_tenth_of_a_second_is_noted_where_the_header_counts_bytes(tmp_path: Path) -> None:
    path = made(tmp_path, "wav")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.97)])
    assert heard(path)[1].note() == "about 0.12 s of 4.0 s could not be read, the first 3.9 s in"


@pytest.mark.parametrize("stated", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_a_wav_that_was_streamed_states_nothing_that_counts(tmp_path: Path, stated: int) -> None:
    path = made(tmp_path, "wav")
    data = path.read_bytes()
    at = data.index(b"data") + 4
    path.write_bytes(data[:at] + struct.pack("<I", stated) + data[at + 4 :])
    assert heard(path)[0] == pytest.approx(4.0, abs=0.01)


def junk(kind: str) -> bytes:
    tag = b"ID3\x03\0\0\0\0\x02\x76" + b"TIT2" + bytes(368)
    return {"tag": tag, "zeros": bytes(383), "noise": np.random.default_rng(3).bytes(383)}[kind]


@pytest.mark.parametrize("kind", ["tag", "zeros", "noise"])
def test_a_few_stray_bytes_inside_an_mp3_cost_a_moment(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path, "mp3")
    data = path.read_bytes()
    middle = data.index(data[:0] + b"\xff\xfb", len(data) // 2)
    path.write_bytes(data[:middle] + junk(kind) + data[middle:])
    seconds, damage = heard(path)
    assert seconds == pytest.approx(4.0, abs=0.1)
    assert damage.seconds < 0.2


def test_mp3s_that_were_joined_are_one_long_file_also_with_large_tags_between(tmp_path: Path) -> None:
    one = made(tmp_path, "mp3").read_bytes()
    size = 200_000
    tag = b"ID3\x03\0\0" + bytes((size >> shift) & 127 for shift in (21, 14, 7, 0)) + bytes(size)
    for between in (b"", tag):
        path = tmp_path / "twice.mp3"
        path.write_bytes(one + between + one)
        assert heard(path)[0] == pytest.approx(8.0, abs=0.2)


@pytest.mark.parametrize("header", [True, False])
def test_much_noise_inside_an_mp3_is_a_failure_with_and_without_a_header(tmp_path: Path, header: bool) -> None:
    path = made(tmp_path, "mp3")
    data = bytearray(path.read_bytes())
    if not header:
        data = data.replace(b"Xing", b"\0\0\0\0").replace(b"Info", b"\0\0\0\0")
    start, stop = int(0.4 * len(data)), int(0.7 * len(data))
    data[start:stop] = bytes(stop - start)
    path.write_bytes(data)
    with pytest.raises(AudioError, match=r"corrupt .* s in|cut off or corrupt"):
        heard(path)


@pytest.mark.parametrize(("kind", "seconds"), [("opus", 24.0), ("m4a", 4.0), ("flac", 4.0)])
def test_one_damaged_packet_is_passed_over_and_noted(tmp_path: Path, kind: str, seconds: float) -> None:
    path = made(tmp_path, kind, seconds)
    data = bytearray(path.read_bytes())
    at = len(data) // 2
    data[at : at + 40] = bytes(b ^ 0x5A for b in data[at : at + 40])
    path.write_bytes(data)
    length, damage = heard(path)
    assert length > 0.9 * seconds
    if kind != "m4a":  # AAC conceals it
        assert 0 < damage.seconds <= max(0.5, 0.05 * seconds)
        assert "could not be read, the first" in damage.note()


def test_an_ogg_that_ends_inside_a_page_is_cut_off_and_one_between_pages_may_have_been(
    tmp_path: Path,
) -> None:
    data = made(tmp_path, "opus").read_bytes()
    pages = [at for at in range(len(data)) if data.startswith(b"OggS", at)]
    (tmp_path / "b.opus").write_bytes(data[: pages[-1] + 100])
    with pytest.raises(AudioError, match="in the middle of a piece"):
        heard(tmp_path / "b.opus")
    (tmp_path / "c.opus").write_bytes(data[: pages[-1]])
    seconds, damage = heard(tmp_path / "c.opus")
    assert seconds > 1
    assert damage.note() == "the file ends without the mark of its end: it may have been cut off"
    assert heard(tmp_path / "a.opus")[1].note() == ""


@pytest.mark.parametrize("seed", range(3))
def test_what_says_how_long_a_file_is_may_be_anything(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    for kind in ("wav", "w64", "caf", "opus", "avi", "m4a"):
        whole = made(tmp_path, kind, 0.3).read_bytes()
        with (tmp_path / f"a.{kind}").open("rb") as stream:
            assert lack_of(stream) == WHOLE
        for _ in range(40):
            data = bytearray(whole[: random.integers(1, len(whole))])
            for at in random.integers(0, min(200, len(data)), 4):
                data[at] = random.integers(0, 256)
            path = tmp_path / "mutant"
            path.write_bytes(data)
            with path.open("rb") as stream:
                assert 0 <= lack_of(stream).share <= 1


SCRIPTS = {
    "itself.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nitself.m3u8\n",
    "script.mp3": "ffconcat version 1.0\nfile a.wav\n",
    "list.wav": "[playlist]\nFile1=a.wav\n",
    "pls.m3u": "#EXTM3U\n#EXTINF:1,x\na.wav\n",
    "dash.mpd": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 5004 RTP/AVP 0\n",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that_names_sound_is_never_followed(tmp_path: Path, name: str) -> None:
    made(tmp_path, "wav", 0.5)
    (tmp_path / name).write_text(SCRIPTS[name])
    with pytest.raises(AudioError, match=r"not a sound file .* it is (a play list|a script|a web page|text)"):
        heard(tmp_path / name)


def test_a_pipe_and_a_device_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path / "pipe.wav", Path("/dev/zero")):
        with pytest.raises(AudioError, match="pipe, socket or device"):
            heard(path)
