"""Vectors outlive their files: a disk that is away takes nothing along, and is told before anything is done."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from antiphon.embed import embed_audio
from antiphon.embed.sources import AWAY, IRREGULAR, MISSING, NOT_ALLOWED, signatures
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.ingest import ingest
from antiphon.library.tracks import Library
from antiphon.library.vectors.rows import read_rows
from antiphon.library.vectors.store import open_vectors
from tests.helpers.encoders.fake_plugin import fakes  # noqa: F401 - a fixture
from tests.helpers.libraries.sounds import sweep, write
from tests.helpers.libraries.tone_library import library, make, vectors

pytestmark = pytest.mark.usefixtures("fakes")
NAMES = [f"t{n}" for n in range(5)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    make(tmp_path / "music", **{name: 0.3 + n / 10 for n, name in enumerate(NAMES)})
    return library(tmp_path, {name: f"music/{name}.wav" for name in NAMES})


def embed(root: Path, **options: object):
    (report,) = embed_audio(root, ["fake-signal"], jobs=1, **options)
    return report


def notes(root: Path) -> dict[str, tuple[str, str]]:
    return {
        row.id: (row.status, row.error) for row in read_rows(Library(root).embedding_folder("audio", "fake-signal"))
    }


@pytest.mark.parametrize("emptied", [True, False])
def test_a_music_folder_that_is_away_or_empty_stops_embed_and_costs_nothing(root: Path, emptied: bool) -> None:
    embed(root)
    before = vectors(root, "fake-signal")
    (root.parent / "music").rename(root.parent / "elsewhere")
    if emptied:
        (root.parent / "music").mkdir()
    with pytest.raises(LibraryError, match=r"5 of 5 sound files are missing(.|\n)*are kept(.|\n)*--allow-missing"):
        embed(root)
    assert vectors(root, "fake-signal").keys() == before.keys()
    report = embed(root, allow_missing=True)
    assert (report.embedded, report.failed, len(report.notes)) == (0, {}, 5)
    after = vectors(root, "fake-signal")
    assert all((after[name] == before[name]).all() for name in NAMES)
    assert "5 of 5 tracks: its file is missing now" in "\n".join(report.lines())


def test_rows_of_missing_files_stay_marked_and_lose_the_mark_when_they_are_back(root: Path) -> None:
    embed(root)
    away = root.parent / "music" / "t1.wav"
    away.rename(root.parent / "t1.wav")
    assert embed(root).notes == {"t1": AWAY[MISSING]}
    assert notes(root)["t1"] == ("ok", AWAY[MISSING])
    assert "t1" in open_vectors(Library(root).embedding_folder("audio", "fake-signal")).row_of
    (root.parent / "t1.wav").rename(away)
    report = embed(root)
    assert (report.notes, report.embedded, notes(root)["t1"]) == ({}, 0, ("ok", ""))


def test_a_file_that_never_was_there_has_failed_and_is_tried_when_it_comes(root: Path) -> None:
    (root.parent / "music" / "t1.wav").rename(root.parent / "t1.wav")
    assert set(embed(root).failed) == {"t1"}
    (root.parent / "t1.wav").rename(root.parent / "music" / "t1.wav")
    report = embed(root)
    assert (report.failed, report.embedded) == ({}, 1)


def test_a_file_that_vanishes_while_it_is_changed_keeps_the_vector_it_had(root: Path, monkeypatch) -> None:
    from antiphon.embed import ledger

    embed(root)
    before = vectors(root, "fake-signal")["t2"]
    path = root.parent / "music" / "t2.wav"
    write(path, sweep(1.0, 8_000), 8_000)
    signed = ledger.signatures

    def and_then_gone(*args: object, **options: object) -> list[str]:
        found = signed(*args, **options)
        path.unlink()
        return found

    monkeypatch.setattr(ledger, "signatures", and_then_gone)
    report = embed(root)
    assert "is missing" in report.failed["t2"]
    np.testing.assert_array_equal(vectors(root, "fake-signal")["t2"], before)


def test_a_pipe_is_never_opened_not_even_to_hash_it(root: Path) -> None:
    pipe = root.parent / "music" / "t3.wav"
    pipe.unlink()
    os.mkfifo(pipe)
    assert signatures([str(pipe), "/dev/zero"], content=True) == [IRREGULAR, IRREGULAR]
    assert "pipe, socket or device" in embed(root, check_content=True).failed["t3"]


@pytest.mark.parametrize("options", [{"jobs": -1}, {"jobs": 0}, {"batch_seconds": 0}, {"batch_seconds": float("nan")}])
def test_numbers_with_which_nothing_would_ever_be_done_are_refused(root: Path, options: dict) -> None:
    with pytest.raises(ConfigError, match=r"has to be (at least 1|above 0), not"):
        embed_audio(root, ["fake-signal"], **options)


class TestStorage:
    """Addresses are opened only where the owner of the library said so."""

    def test_no_address_is_opened_without_leave(self, tmp_path: Path, monkeypatch) -> None:
        from antiphon.embed import sources

        monkeypatch.setattr(sources, "describe_address", lambda address: pytest.fail(f"opened {address}"))
        make(tmp_path, a=0.3, b=0.3)
        asked = {"c": "github://me:repo@main/a.wav", "d": "zip://a.wav::http://host/x.zip", "e": "S3://bucket/a.wav"}
        root = library(tmp_path, {"a": "a.wav", "b": "b.wav", **asked})
        report = embed(root)
        assert set(report.failed) == set(asked)
        assert "does not allow (antiphon embed --storage s3)" in report.failed["e"]
        assert "--storage zip http" in report.failed["d"]

    def test_leave_is_given_once_kept_by_ingest_and_can_be_taken_back(self, tmp_path: Path) -> None:
        import fsspec

        make(tmp_path, a=0.3, b=0.4)
        fsspec.filesystem("memory").pipe_file("/c.wav", (tmp_path / "b.wav").read_bytes())
        rows = [f"a,{tmp_path / 'a.wav'}", f"b,file://{tmp_path / 'b.wav'}", "c,memory://c.wav"]
        (tmp_path / "t.csv").write_text("\n".join(["id,audio", *rows]))
        root = tmp_path / "lib"
        ingest(tmp_path / "t.csv", root)
        sounds = [Library(root).sound_at(str(path)) for path in Library(root).column("path")]
        assert signatures(sounds)[2] == NOT_ALLOWED
        Library(root).allow_storage(["memory://"])
        ingest(tmp_path / "t.csv", root)
        assert Library(root).storage == ["memory"]
        marks = signatures(sounds, storage=Library(root).storage)
        assert NOT_ALLOWED not in marks
        meta = json.loads((root / "library.json").read_text())
        (root / "library.json").write_text(json.dumps({**meta, "storage": []}))
        assert Library(root).storage == []
