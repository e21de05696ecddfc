"""Every way a file can be bad ends as a recorded reason, through the whole engine, and costs no other file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.embed import EmbedReport, embed_audio
from antiphon.embed.report import lines_of
from antiphon.library.tracks import Library, Track, save_library
from antiphon.library.vectors.store import open_vectors
from tests.helpers.encoders.fake_plugin import fakes  # noqa: F401 - a fixture
from tests.helpers.libraries.sounds import sweep, write

RATE = 8_000
LONG = sweep(6.0, 44_100)


def with_nan(path: Path) -> None:
    samples = sweep(2.0, RATE)
    samples[:, 9000] = np.nan
    write(path, samples, RATE, "f32.wav")


def spoilt(path: Path) -> None:
    data = bytearray(write(path, LONG, 44_100, "flac").read_bytes())
    start, end = int(0.45 * len(data)), int(0.6 * len(data))
    data[start:end] = np.random.default_rng(0).bytes(end - start)
    path.write_bytes(data)


def cut_off(path: Path) -> None:
    whole = write(path, LONG, 44_100, "mp3").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def protected(path: Path) -> None:
    path.write_bytes(write(path, sweep(1.0, RATE), RATE, "m4a").read_bytes().replace(b"mp4a", b"drms"))


def under_another_name(path: Path, kind: str) -> None:
    write(path.with_name(f"{path.name}.{kind}"), LONG, 44_100).rename(path)


BAD = {
    "empty.mp3": (Path.touch, "is empty (0 bytes)"),
    "text.mp3": (lambda path: path.write_text("the words of a song\n" * 9), "it is text"),
    "page.flac": (lambda path: path.write_text("<!doctype html><html>404</html>"), "web page"),
    "noise.wav": (lambda path: path.write_bytes(np.random.default_rng(0).bytes(9_000)), "not a sound file"),
    "folder.wav": (Path.mkdir, "is a folder"),
    "gone.wav": (lambda path: None, "is missing"),
    "silent.wav": (lambda path: write(path, np.zeros((1, RATE)), RATE), "is silent"),
    "nan.wav": (with_nan, "not finite numbers"),
    "spoilt.flac": (spoilt, "is corrupt"),
    "cut.mp3": (cut_off, "cut off"),
    "bought.m4a": (protected, "copy-protected"),
    "header.wav": (lambda path: path.write_bytes(write(path, LONG, 44_100).read_bytes()[:44]), "sound"),
}
GOOD = {
    "plain.wav": lambda path: write(path, sweep(1.5, RATE), RATE),
    "mislabelled.wav": lambda path: under_another_name(path, "mp3"),
    "no suffix": lambda path: under_another_name(path, "flac"),
}


@pytest.mark.usefixtures("fakes")
def test_every_bad_file_is_recorded_with_its_reason_and_every_good_one_gets_its_vector(tmp_path):
    for name, (spoil, _) in BAD.items():
        spoil(tmp_path / name)
    for name, make in GOOD.items():
        make(tmp_path / name)
    tracks = [Track(track_id=name, path=name, group=name) for name in [*BAD, *GOOD]]
    root = tmp_path / "lib"
    save_library(root, tracks, [], {"audio_root": str(tmp_path)})
    for report in embed_audio(root, ["fake-signal", "fake-model"], jobs=2, batch_seconds=1):
        assert set(report.failed) == set(BAD)
        for name, (_, reason) in BAD.items():
            assert reason in report.failed[name]
            assert name in report.failed[name]
        stored = open_vectors(Library(root).embedding_folder("audio", report.encoder))
        assert set(stored.ids) == set(GOOD)
        assert stored.failed == report.failed
        assert np.isfinite(stored.take(list(GOOD))).all()


def test_a_file_that_no_encoder_can_hear_is_listed_once() -> None:
    common = {"kind": "audio", "total": 2, "already": 0, "embedded": 1, "seconds": 1.0, "audio_seconds": 1.0}
    first, same = (EmbedReport(encoder=name, failed={"a": "it is silent"}, **common) for name in ("timbre", "rhythm"))
    other = EmbedReport(encoder="muq", failed={"a": "out of memory"}, **common)
    assert "    a: it is silent" in same.lines()
    assert same.lines_after([first])[1:] == ["  1 failed, as with timbre."]
    assert "    a: out of memory" in other.lines_after([first, same])


def test_all_that_failed_is_tried_again_by_one_command() -> None:
    common = {"total": 2, "already": 0, "embedded": 1, "seconds": 1.0}
    heard = [EmbedReport(encoder=name, kind="audio", failed={"a": "silent"}, **common) for name in ("timbre", "muq")]
    fine = EmbedReport(encoder="rhythm", kind="audio", **common)
    read = [EmbedReport(encoder="minilm", kind=kind, failed={"a#0": "empty"}, **common) for kind in ("text", "phrases")]
    told = lines_of([*read, *heard, fine])
    assert told[-1].endswith("antiphon embed --encoder timbre muq --text minilm --phrases --retry-failed")
    assert sum("--retry-failed" in line for line in told) == 1
    assert lines_of(read, "my lib")[-1].endswith("--retry-failed --library 'my lib'")
    assert not any("--retry-failed" in line for line in lines_of([fine]))
