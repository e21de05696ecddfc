"""Which files count as changed, with and without reading them; and what the runs have cost."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest

from antiphon.embed import embed_audio
from antiphon.embed.report import Timing, add_timing, read_timing
from antiphon.embed.sources import MISSING, NO_PATH, renewed, same_content, signatures, sound_of
from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import Provenance, read_provenance
from antiphon.library.vectors.rows import read_rows
from antiphon.library.vectors.store import VectorWriter, open_vectors
from tests.helpers.encoders.fake_plugin import fakes  # noqa: F401 - a fixture
from tests.helpers.libraries.sounds import sweep, write
from tests.helpers.libraries.tone_library import library

RATE = 8_000


def make(root: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        write(root / f"{name}.wav", sweep(1.0 + number, RATE, channels=1), RATE)
    return library(root, {name: f"{name}.wav" for name in names})


def touch(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def embed(root: Path, **options: object) -> tuple[int, int]:
    (report,) = embed_audio(root, ["fake-signal"], jobs=1, **options)
    assert report.failed == {}
    return report.already, report.embedded


def folder(root: Path) -> Path:
    return Library(root).embedding_folder("audio", "fake-signal")


@pytest.mark.parametrize(
    ("stored", "now", "same"),
    [
        ("5-100", "5-100", True),
        ("5-100", "5-101", False),
        ("5-100", "6-100", False),
        ("5-100-aa", "5-200-aa", True),  # touched, but the content is as it was
        ("5-100-aa", "5-100-bb", False),  # changed without a trace in the time
        ("5-100", "5-100-aa", True),
        ("5-100-aa", "5-100", True),
        ("5-100-aa", "5-101", False),
        (MISSING, MISSING, True),
        (MISSING, "5-100", False),
        (NO_PATH, MISSING, False),
        ("0123456789abcdef", "0123456789abcdee", False),  # of a caption
        ("5-", "5-", True),
    ],
)
def test_content_is_compared_by_the_hash_where_both_have_one(stored, now, same):
    assert same_content(stored, now) is same


def test_signatures_say_what_there_is(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "b").write_bytes(b"123")
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    plain = signatures([a, "", str(tmp_path / "c"), a])
    assert plain == [f"3-{Path(a).stat().st_mtime_ns}", NO_PATH, MISSING, plain[0]]
    hashed = signatures([a, b, ""], content=True)
    assert hashed[0] == f"{plain[0]}-a665a45920422f9d"  # sha256 of "123"
    assert hashed[1].split("-")[2] == hashed[0].split("-")[2]
    assert hashed[2] == NO_PATH


def test_only_signatures_of_unchanged_content_are_renewed():
    stored = {"a": "5-100", "b": "5-100-aa", "c": "5-100-aa", "d": "5-100"}
    now = ["5-100-cc", "5-300-aa", "5-100-bb", "5-100", "1-1"]
    assert renewed(stored, list("abcde"), now) == {"a": "5-100-cc", "b": "5-300-aa"}


def test_paths_start_from_the_audio_root_and_addresses_stand_for_themselves(tmp_path):
    paths = {"a": "a.wav", "b": "/x/b.wav", "c": "s3://bucket/c.wav", "d": ""}
    here = library(tmp_path, paths)
    assert sound_of(Library(here)) == [str(tmp_path / "a.wav"), "/x/b.wav", "s3://bucket/c.wav", ""]
    there = library(tmp_path, {"a": "a.wav", "d": ""}, audio_root="s3://bucket/music/")
    assert sound_of(Library(there)) == ["s3://bucket/music/a.wav", ""]


@pytest.mark.usefixtures("fakes")
class TestChangedFiles:
    def test_a_touched_file_is_known_by_its_sound(self, tmp_path):
        root = make(tmp_path, "a", "b")
        assert embed(root, check_content=True) == (0, 2)
        touch(tmp_path / "a.wav")
        assert embed(root, check_content=True) == (2, 0)
        assert embed(root) == (2, 0)  # the new time has been noted
        touch(tmp_path / "a.wav")
        assert embed(root) == (2, 0)
        content = bytearray((tmp_path / "a.wav").read_bytes())
        content[-4000:-3000] = bytes(1000)
        (tmp_path / "a.wav").write_bytes(content)
        assert embed(root) == (1, 1)

    def test_a_touched_file_of_a_vector_that_does_not_know_its_sound_is_embedded_again(self, tmp_path):
        """As those of before 26 November 2026."""
        root = make(tmp_path, "a", "b")
        assert embed(root) == (0, 2)
        with VectorWriter(folder(root), read_provenance(folder(root) / "provenance.json")) as writer:
            writer.sign({row.id: "-".join(row.signature.split("-")[:2]) for row in writer.rows})
        touch(tmp_path / "a.wav")
        assert embed(root) == (1, 1)

    def test_a_change_that_keeps_size_and_time_is_seen_in_the_content_alone(self, tmp_path):
        root = make(tmp_path, "a", "b")
        embed(root, check_content=True)
        path, status = tmp_path / "a.wav", (tmp_path / "a.wav").stat()
        content = bytearray(path.read_bytes())
        content[-4000:-3000] = bytes(1000)
        path.write_bytes(content)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert embed(root) == (2, 0)
        assert embed(root, check_content=True) == (1, 1)

    def test_vectors_without_a_hash_are_kept_and_get_one(self, tmp_path):
        root = make(tmp_path, "a")
        embed(root)
        before = open_vectors(folder(root)).take(["a"])
        assert embed(root, check_content=True) == (1, 0)
        (row,) = read_rows(folder(root))
        assert all(row.signature.split("-"))
        assert len(row.signature.split("-")) == 4
        np.testing.assert_array_equal(open_vectors(folder(root)).take(["a"]), before)
        touch(tmp_path / "a.wav")
        assert embed(root, check_content=True) == (1, 0)

    def test_a_hash_survives_a_run_that_does_not_ask_for_it(self, tmp_path):
        root = make(tmp_path, "a")
        embed(root, check_content=True)
        (before,) = read_rows(folder(root))
        embed(root)
        assert read_rows(folder(root)) == [before]

    def test_addresses_are_embedded_like_files_and_noticed_when_they_change(self, tmp_path):
        storage = fsspec.filesystem("file")
        root = make(tmp_path, "a")
        embed(root)
        expected = open_vectors(folder(root)).take(["a"])
        remote = library(tmp_path / "remote", {"a": "a.wav"}, audio_root=f"file://{tmp_path}")
        assert embed(remote, check_content=True) == (0, 1)
        np.testing.assert_array_equal(open_vectors(folder(remote)).take(["a"]), expected)
        assert embed(remote) == (1, 0)
        storage.pipe_file(str(tmp_path / "a.wav"), write(tmp_path / "b.wav", sweep(2.0, RATE), RATE).read_bytes())
        assert embed(remote) == (0, 1)


@pytest.mark.usefixtures("fakes")
class TestTiming:
    def test_every_run_adds_to_the_record(self, tmp_path):
        root = make(tmp_path, "a", "b")
        embed(root)
        first = read_timing(folder(root))
        assert (first.tracks, first.audio_seconds) == (2, pytest.approx(3.0))
        assert first.tracks_per_minute == pytest.approx(120 / first.seconds)
        embed(root)
        assert read_timing(folder(root)) == first  # nothing was embedded
        write(tmp_path / "a.wav", sweep(1.0, RATE, level=0.3), RATE)
        embed(root)
        second = read_timing(folder(root))
        assert (second.tracks, second.audio_seconds) == (3, pytest.approx(4.0))
        assert second.seconds > first.seconds

    def test_encoders_that_run_together_divide_the_time_among_them(self, tmp_path, monkeypatch):
        monkeypatch.setenv("FAKE_SLEEP", "0.2")  # time asleep is the model's, but no processor time of a worker
        root = make(tmp_path, "a", "b")
        reports = embed_audio(root, ["fake-signal", "fake-model"], jobs=1, batch_seconds=1)
        light, heavy = (read_timing(Library(root).embedding_folder("audio", r.encoder)) for r in reports)
        assert light.seconds + heavy.seconds <= reports[0].seconds + 0.05
        assert heavy.seconds > 2 * light.seconds

    def test_a_record_that_is_damaged_or_not_there_is_none(self, tmp_path):
        assert read_timing(tmp_path) is None
        for text in ("", "[]", '{"tracks": 1}', '{"tracks": "1", "audio_seconds": 1, "seconds": 1}'):
            (tmp_path / "timing.json").write_text(text)
            assert read_timing(tmp_path) is None
        add_timing(tmp_path, Timing(tracks=3, audio_seconds=30.0, seconds=6.0))
        assert read_timing(tmp_path).tracks_per_minute == 30

    def test_nothing_timed_is_no_speed(self):
        assert Timing(tracks=0, audio_seconds=0.0, seconds=0.0).tracks_per_minute == 0.0


def test_equal_weights_are_equal_wherever_they_came_from():
    hub = Provenance(encoder="e", kind="audio", layout=Layout.flat(2), weights_id="a" * 64, revision="abc")
    local = replace(hub, revision=None, source="/models/e")
    hub.require_same(local, mine="the hub's", theirs="the copy")
    assert hub.fingerprint == local.fingerprint
    unhashed = replace(hub, weights_id="unknown")
    with pytest.raises(EmbeddingError, match="revision: abc in these, None in those"):
        unhashed.require_same(replace(unhashed, revision=None), mine="these", theirs="those")


@pytest.mark.parametrize("content", [False, True])
def test_another_part_of_the_same_file_is_another_sound(tmp_path: Path, content: bool) -> None:
    path = str(tmp_path / "full.wav")
    write(tmp_path / "full.wav", sweep(2.0, RATE, channels=1), RATE)
    whole, first, second, again = signatures([path, f"{path}#t=0,1", f"{path}#t=1,2", f"{path}#t=0,1"], content=content)
    assert same_content(first, again)
    assert not same_content(first, second)
    assert not same_content(whole, first)
