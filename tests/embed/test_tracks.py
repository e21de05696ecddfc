"""Embedding the tracks of a library: what comes out, what is done again, and what happens to bad files."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from antiphon import registry
from antiphon.audio import decode
from antiphon.audio.pooling import pool
from antiphon.audio.windows import cut
from antiphon.embed import embed_audio
from antiphon.errors import EmbeddingError, EncoderError, LibraryError
from antiphon.library.lock import only_writer
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from tests.helpers.encoders.fake_plugin import CRASH, HUGE, NAN, RAISE, fakes  # noqa: F401 - a fixture
from tests.helpers.encoders.interrupted import start, until_done
from tests.helpers.libraries.sounds import sweep, write
from tests.helpers.libraries.tone_library import RATE, level, library, make, vectors
from tests.helpers.processes.waiting import LONG_S

pytestmark = pytest.mark.usefixtures("fakes")


def slow_twin(path: Path, name: str) -> np.ndarray:
    encoder = registry.load(name)
    card = encoder.card
    windows = cut(
        [decode.load(path, card.rate)], rate=card.rate, window_s=card.window_s, hop_s=card.hop_s, tail=card.tail
    )
    frames = np.concatenate([encoder.frames(window[None])[0] for window in windows])
    return pool(frames, card.layout).astype(np.float16)


def test_vectors_equal_those_of_one_window_after_the_other(tmp_path):
    root = make(tmp_path, a=0.3, b=3.0, c=4.7, d=7.1)
    reports = embed_audio(root, ["fake-signal", "fake-model"], jobs=1)
    for report in reports:
        assert (report.total, report.already, report.embedded, report.failed) == (4, 0, 4, {})
        found = vectors(root, report.encoder)
        for name in "abcd":
            np.testing.assert_array_equal(found[name], slow_twin(tmp_path / f"{name}.wav", report.encoder))


def test_the_signal_encoders_that_come_with_antiphon_run_in_workers(tmp_path):
    root = make(tmp_path, a=1.0, b=2.0)
    names = ["timbre", "harmony", "rhythm"]
    assert [report.encoder for report in embed_audio(root, names, jobs=2)] == names
    for name in names:
        assert set(vectors(root, name)) == {"a", "b"}


def test_job_count_batch_and_order_change_no_bit_of_a_signal_encoder_and_nothing_of_a_model(tmp_path):
    lengths = {f"t{n}": 0.4 + 0.7 * n for n in range(9)}
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first = make(one, **lengths)
    embed_audio(first, ["fake-signal", "fake-model"], jobs=1, batch_seconds=0.5)
    second = library(two, {name: str(one / f"{name}.wav") for name in reversed(lengths)})
    embed_audio(second, ["fake-signal", "fake-model"], jobs=3, batch_seconds=60)
    for name in ("fake-signal", "fake-model"):
        left, right = vectors(first, name), vectors(second, name)
        for track in lengths:
            np.testing.assert_array_equal(left[track], right[track])


def test_a_second_run_does_nothing_and_a_new_track_is_all_that_is_embedded(tmp_path):
    embed_audio(make(tmp_path, a=1.0, b=1.5), ["fake-signal"], jobs=1)
    root = tmp_path / "lib"
    (report,) = embed_audio(root, ["fake-signal"], jobs=1)
    assert (report.already, report.embedded) == (2, 0)
    write(tmp_path / "c.wav", sweep(1.0, RATE), RATE)
    (report,) = embed_audio(library(tmp_path, {n: f"{n}.wav" for n in "abc"}), ["fake-signal"], jobs=1)
    assert (report.total, report.already, report.embedded) == (3, 2, 1)


def test_a_changed_file_is_embedded_again(tmp_path):
    root = make(tmp_path, a=1.0, b=1.5)
    embed_audio(root, ["fake-signal"], jobs=1)
    before = vectors(root, "fake-signal")
    write(tmp_path / "a.wav", sweep(2.2, RATE, channels=1, level=0.7), RATE)
    (report,) = embed_audio(root, ["fake-signal"], jobs=1)
    assert (report.already, report.embedded) == (1, 1)
    after = vectors(root, "fake-signal")
    assert not np.array_equal(before["a"], after["a"])
    np.testing.assert_array_equal(after["a"], slow_twin(tmp_path / "a.wav", "fake-signal"))
    np.testing.assert_array_equal(before["b"], after["b"])


def test_bad_files_are_recorded_with_their_reasons_and_the_rest_goes_on(tmp_path):
    make(tmp_path, good=1.0)
    (tmp_path / "text.wav").write_text("no sound at all")
    (tmp_path / "empty.wav").touch()
    level(tmp_path, "silent", 0.0)
    level(tmp_path, "raises", RAISE)
    level(tmp_path, "nan", NAN)
    level(tmp_path, "huge", HUGE)
    names = ["good", "text", "empty", "silent", "missing", "raises", "nan", "huge"]
    root = library(tmp_path, {**{n: f"{n}.wav" for n in names}, "nowhere": ""})
    reasons = {
        "text": "it is text",
        "empty": "0 bytes",
        "silent": "silent",
        "missing": "is missing",
        "raises": "failed: RuntimeError: cannot hear this",
        "nan": "not finite",
        "huge": "beyond ±65504",
        "nowhere": "names no audio file",
    }
    for report in embed_audio(root, ["fake-signal", "fake-model"], jobs=1):
        assert report.embedded == 1
        assert set(report.failed) == set(reasons)
        for name, reason in reasons.items():
            assert reason in report.failed[name]
            assert "\n" not in report.failed[name]
        assert report.lines()[0].startswith(f"{report.encoder}: 1 of 9 tracks have vectors")
        assert report.lines()[-1].endswith(f"antiphon embed --encoder {report.encoder} --retry-failed")
        assert open_vectors(Library(root).embedding_folder("audio", report.encoder)).failed == report.failed


def test_failures_are_tried_again_when_asked_for_or_when_the_file_has_changed(tmp_path):
    root = make(tmp_path, a=1.0, b=1.0)
    (tmp_path / "b.wav").unlink()
    level(tmp_path, "a", 0.0)
    embed_audio(root, ["fake-signal"], jobs=1)
    (again,) = embed_audio(root, ["fake-signal"], jobs=1)
    assert (again.already, again.embedded, set(again.failed)) == (0, 0, {"a", "b"})
    write(tmp_path / "b.wav", sweep(1.0, RATE), RATE)
    (mended,) = embed_audio(root, ["fake-signal"], jobs=1)
    assert (mended.embedded, set(mended.failed)) == (1, {"a"})
    seen = []
    embed_audio(root, ["fake-signal"], jobs=1, retry_failed=True, on_progress=seen.append)
    assert [(p.done, p.total, p.failed) for p in seen] == [(1, 1, 1)]


def test_a_worker_that_dies_costs_one_file(tmp_path):
    make(tmp_path, a=1.0, b=1.0, c=1.0, d=1.0)
    level(tmp_path, "crash", CRASH)
    root = library(tmp_path, {n: f"{n}.wav" for n in ("a", "crash", "b", "c", "d")})
    for jobs in (1, 2):
        (report,) = embed_audio(root, ["fake-signal"], jobs=jobs, retry_failed=True)
        assert "the decoder process died (SIGKILL, perhaps out of memory)" in report.failed["crash"]
        assert set(report.failed) == {"crash"}
    assert set(vectors(root, "fake-signal")) == set("abcd")


def test_an_encoder_that_cannot_be_loaded_stops_the_run_with_its_reason(tmp_path):
    root = make(tmp_path, a=1.0)
    with pytest.raises(EncoderError, match="could not be loaded: OSError: its weights fell off"):
        embed_audio(root, ["fake-unloadable"], jobs=1)
    assert vectors(root, "fake-unloadable") == {}


def test_an_unknown_encoder_is_named_before_anything_is_done(tmp_path):
    root = make(tmp_path, a=1.0)
    with pytest.raises(EncoderError, match=r"Unknown audio encoder 'fake-signall'\. Available: .*fake-signal"):
        embed_audio(root, ["fake-signall"])
    assert Library(root).embedded("audio") == []


def test_a_library_without_audio_says_how_to_bring_vectors(tmp_path):
    root = library(tmp_path, {"a": "", "b": ""})
    with pytest.raises(LibraryError, match="has no audio files") as caught:
        embed_audio(root, ["fake-signal"])
    assert "import-embeddings" in str(caught.value)


def test_one_file_under_two_ids_is_decoded_once_and_both_get_vectors(tmp_path):
    make(tmp_path, a=3.0)
    root = library(tmp_path, {"x": "a.wav", "y": "a.wav"})
    (report, _) = embed_audio(root, ["fake-signal", "fake-other"], jobs=1)
    assert report.audio_seconds == pytest.approx(3.0)
    assert report.embedded == 2
    found = vectors(root, "fake-signal")
    np.testing.assert_array_equal(found["x"], found["y"])


def test_progress_counts_every_track_of_every_encoder(tmp_path):
    seen = []
    embed_audio(make(tmp_path, a=1.0, b=2.0, c=1.2), ["fake-signal", "fake-model"], jobs=1, on_progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].done, seen[-1].total, seen[-1].failed) == (6, 6, 0)
    assert [p.files_done for p in seen] == sorted(p.files_done for p in seen)
    assert (seen[-1].files_done, seen[-1].files_total) == (3, 3)
    assert seen[-1].audio_seconds == pytest.approx(4.2)
    assert seen[-1].audio_speed > 0


def test_the_provenance_says_what_made_the_vectors(tmp_path):
    root = make(tmp_path, a=1.0)
    embed_audio(root, ["fake-signal", "fake-model"], jobs=1)
    folder = Library(root).embedding_folder("audio", "fake-model")
    made = open_vectors(folder).provenance
    assert (made.encoder, made.kind, made.weights_id, made.rate) == ("fake-model", "audio", "f" * 64, 8000)
    assert (made.window_s, made.hop_s, made.tail, made.pooling) == (1.0, 1.0, "short", "mean-rsigma-diff")
    assert open_vectors(folder.parent / "fake-signal").provenance.weights_id == "none"


def test_vectors_made_another_way_are_not_mixed(tmp_path, monkeypatch):
    root = make(tmp_path, a=1.0)
    embed_audio(root, ["fake-model"], jobs=1)
    module = sys.modules["antiphon_fake_plugin"]
    monkeypatch.setattr(module.Encoder, "weights_id", "0" * 64, raising=False)
    monkeypatch.setattr(module.Encoder, "__init__", lambda self, card: vars(self).update(card=card, batches=[]))
    with pytest.raises(EmbeddingError, match=r"weights_id: f+ in .*, 0+ in what you asked for"):
        embed_audio(root, ["fake-model"], jobs=1)


@pytest.mark.parametrize("name", ["timbre", "harmony", "rhythm"])
def test_vectors_of_an_earlier_version_of_a_signal_encoder_are_noticed(tmp_path, name):
    root = make(tmp_path, a=1.0)
    embed_audio(root, [name], jobs=1)
    path = Library(root).embedding_folder("audio", name) / "provenance.json"
    path.write_text(path.read_text().replace('"version": "2"', '"version": "1"'))
    with pytest.raises(EmbeddingError, match=rf"version: 1 in .*{name}, 2 in what you asked for") as caught:
        embed_audio(root, [name], jobs=1)
    assert f"Delete {path.parent} to make them anew" in str(caught.value)


def test_a_second_process_is_told_that_the_first_is_at_work(tmp_path):
    root = make(tmp_path, a=1.0)
    folder = Library(root).embedding_folder("audio", "fake-signal")
    with (
        only_writer(folder, "writing vectors into"),
        pytest.raises(EmbeddingError, match=rf"Another process \(id {os.getpid()}\)"),
    ):
        embed_audio(root, ["fake-signal"], jobs=1)
    (report,) = embed_audio(root, ["fake-signal"], jobs=1)
    assert report.embedded == 1


@pytest.mark.parametrize("name", ["fake-signal", "fake-model"])
def test_ctrl_c_stores_what_is_finished_and_the_same_command_carries_on(tmp_path, fakes, name):  # noqa: F811
    root = make(tmp_path, **{f"t{n}": 1.0 for n in range(40)})
    with start(root, name, fakes) as process:
        until_done(process, 5)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=LONG_S)
    assert process.returncode == 130, errors
    assert "are done and stored. The same command carries on." in rest
    assert errors == ""
    stored = len(vectors(root, name))
    assert 5 <= stored < 40
    assert f"Stopped: {stored} of 40" in rest
    (report,) = embed_audio(root, [name], jobs=1)
    assert (report.already, report.embedded) == (stored, 40 - stored)


def test_kill_9_loses_at_most_the_batch_in_flight_and_the_lock_is_free(tmp_path, fakes):  # noqa: F811
    root = make(tmp_path, **{f"t{n}": 1.0 for n in range(60)})
    with start(root, "fake-signal", fakes, quick=30) as process:
        until_done(process, 30)
        process.kill()
        process.communicate(timeout=LONG_S)
    stored = vectors(root, "fake-signal")
    assert 5 <= len(stored) < 60  # one batch is two seconds, some twenty files here
    (report,) = embed_audio(root, ["fake-signal"], jobs=1)
    assert (report.already, report.embedded, report.failed) == (len(stored), 60 - len(stored), {})
    for track, vector in vectors(root, "fake-signal").items():
        np.testing.assert_array_equal(vector, slow_twin(tmp_path / f"{track}.wav", "fake-signal"))


def children() -> set[str]:
    listing = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return set(listing.read_text().split()) if listing.exists() else set()


def test_no_process_is_left_behind(tmp_path):
    before = children()
    embed_audio(make(tmp_path, a=1.0, b=1.0), ["fake-signal"], jobs=2)
    assert children() <= before
