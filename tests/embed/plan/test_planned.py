"""A dry run says what an embedding then does, and writes nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from antiphon.embed import embed_audio
from antiphon.embed.plan.planned import duration, plan
from antiphon.embed.plan.speed import timed
from antiphon.embed.report import Timing, add_timing
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions
from tests.helpers.libraries.tone_library import make


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make(tmp_path_factory.mktemp("plan"), a=1.0, b=2.0, c=3.0, d=2.0)
    embed_audio(root, ["timbre"], jobs=1)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made.parent, tmp_path / "copy", copy_function=shutil.copy2)
    root = tmp_path / "copy" / made.name
    library = Library(root)
    library.meta["audio_root"] = str(tmp_path / "copy")
    (root / "library.json").write_text(json.dumps(library.meta))
    return root


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_says_what_the_run_then_does_and_writes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    music = root.parent
    (music / "d.wav").unlink()
    (music / "a.wav").write_bytes((music / "c.wav").read_bytes())  # changed
    (music / "b.wav").write_bytes(b"no sound")
    before = everything(music)
    found = plan(root, ["timbre", "harmony"], [], options=LoadOptions(), measure=False)
    assert everything(music) == before
    timbre, harmony = found.encoders
    assert (timbre.waiting.new, timbre.waiting.changed, timbre.waiting.current) == (0, 2, 2)
    assert (harmony.waiting.new, harmony.waiting.skipped) == (3, {"its file is missing now": 1})
    assert found.skipped == {"its file is missing now": 1}
    assert (found.files, found.estimated_from) == (3, 2), "one says nothing of its length"
    reports = embed_audio(root, ["timbre", "harmony"], jobs=1, allow_missing=True)
    assert [report.embedded + len(report.failed) for report in reports] == [2, 4], "that of d is no vector, either"
    again = plan(root, ["timbre"], [], options=LoadOptions(), measure=False)
    assert again.encoders[0].waiting.positions == ()
    assert list(again.skipped) == [f"failed before: {reports[0].failed['b']}"]
    anew = plan(root, ["timbre"], [], options=LoadOptions(), measure=False, retry_failed=True)
    assert (anew.encoders[0].waiting.again, anew.encoders[0].seconds) == (1, None)


def test_times_come_from_earlier_runs_or_from_hearing_a_few_files(root: Path) -> None:
    folder = root / "embeddings" / "audio" / "timbre"
    (root.parent / "a.wav").write_bytes((root.parent / "c.wav").read_bytes())
    assert timed(folder) is None, "eight seconds say nothing"
    measured = plan(root, ["timbre"], [], options=LoadOptions(), jobs=1).encoders[0]
    assert measured.speed == "measured"
    assert measured.seconds is not None
    assert 0 < measured.seconds < 60
    add_timing(folder, Timing(tracks=100, audio_seconds=9992.0, seconds=4996.0))
    known = plan(root, ["timbre"], [], options=LoadOptions()).encoders[0]
    assert known.speed == "timed"
    assert known.seconds == pytest.approx(1.5, rel=0.05), "3 s of sound, at half a second each"
    assert "1 tracks (1 changed), about" in known.line()


def test_lengths_of_time_are_said_as_people_say_them() -> None:
    assert [duration(s) for s in (12, 600, 9000, 200_000)] == ["12 s", "10 min", "2.5 h", "2.3 days"]
