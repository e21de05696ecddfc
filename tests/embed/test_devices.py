"""Several devices: the numbers of one, nothing lost when a process dies, is stopped or killed.

A processor named twice is two devices: everything but the arithmetic is as with two GPUs.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.embed import EmbedReport, embed_audio
from antiphon.embed.devices.devices import devices_of
from antiphon.embed.loading import load_models
from antiphon.embed.workers.engine import Engine
from antiphon.embed.workers.messages import Step, Task
from antiphon.errors import ConfigError, EncoderError
from antiphon.library.tag_strengths import has_tags, read_sound_tags
from antiphon.library.vectors.store import open_vectors
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.mert import write_mert
from tests.helpers.encoders.fake_plugin import ALWAYS, ONCE, fakes  # noqa: F401 - a fixture
from tests.helpers.encoders.interrupted import start, until_done
from tests.helpers.libraries.tone_library import level, library, make, same, vectors
from tests.helpers.processes.running import runs, started_by
from tests.helpers.processes.waiting import LONG_S, until

pytestmark = pytest.mark.usefixtures("fakes")
TWO = LoadOptions(device="cpu,cpu")


def embed(root: Path, *names: str, options: LoadOptions = TWO, jobs: int = 2) -> list[EmbedReport]:
    return embed_audio(root, names, options=options, jobs=jobs, batch_seconds=3)


class TestWhichDevices:
    @pytest.mark.parametrize("asked", ["auto", "cuda"])
    @pytest.mark.parametrize(("count", "meant"), [(0, None), (1, None), (3, ["cuda:0", "cuda:1", "cuda:2"])])
    def test_all_gpus_are_used_unless_some_are_named(self, asked, count, meant, monkeypatch):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        assert devices_of(LoadOptions(device=asked)) == (meant or [asked])

    def test_named_devices_are_those(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
        assert devices_of(LoadOptions(device="cuda:2")) == ["cuda:2"]
        assert devices_of(LoadOptions(device="cpu, cpu")) == ["cpu", "cpu"]

    @pytest.mark.parametrize("asked", ["cpu,", "cpu,quantum"])
    def test_a_device_that_does_not_exist_is_refused_before_anything_is_done(self, tmp_path, asked):
        with pytest.raises(ConfigError, match=r"There is no device '(quantum)?'"):
            embed(make(tmp_path, a=1.0), "fake-model", options=LoadOptions(device=asked))

    def test_a_gpu_beyond_the_last_is_refused(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
        with pytest.raises(ConfigError, match="There is no device 'cuda:2': torch sees 2 CUDA devices"):
            devices_of(LoadOptions(device="cuda:1,cuda:2"))


def test_two_devices_give_the_vectors_and_failures_of_one(tmp_path):
    make(tmp_path, **{f"t{n}": 0.4 + 0.35 * n for n in range(12)})
    (tmp_path / "text.wav").write_text("no sound at all")
    paths = {name: f"{name}.wav" for name in [*(f"t{n}" for n in range(12)), "text", "missing"]} | {"nowhere": ""}
    one, two = library(tmp_path, paths, "one"), library(tmp_path, paths, "two")
    names = ["fake-signal", "fake-model"]
    embed(one, *names, options=LoadOptions(device="cpu"))
    for name, report in zip(names, embed(two, *names), strict=True):
        assert (report.encoder, report.embedded, set(report.failed)) == (name, 12, {"text", "missing", "nowhere"})
        same(vectors(one, name), vectors(two, name))
    folders = [root / "embeddings" / "audio" / "fake-model" for root in (one, two)]
    tags = [read_sound_tags(folder) for folder in folders]
    for found, folder in zip(tags, folders, strict=True):
        assert found.names == ("t:loud", "t:low")
        stored = open_vectors(folder).take(found.track_ids.tolist()).astype(np.float32)
        np.testing.assert_allclose(found.logits, stored[:, :2] + 1, atol=1e-5)
    assert not has_tags(two / "embeddings" / "audio" / "fake-signal")
    (report,) = embed(two, "fake-model")
    assert (report.already, report.embedded) == (12, 0)


@pytest.mark.slow
def test_a_real_model_too(tmp_path):
    weights = str(write_mert(tmp_path / "mert"))
    names = [f"t{n}" for n in range(3)]
    make(tmp_path, **dict.fromkeys(names, 1.0))
    found = []
    for device in ("cpu", "cpu,cpu"):
        root = library(tmp_path, {name: f"{name}.wav" for name in names}, device)
        (report,) = embed(root, "mert-95m", options=LoadOptions(weights=weights, device=device))
        assert report.failed == {}
        found.append(vectors(root, "mert-95m"))
    for name in names:
        np.testing.assert_allclose(found[1][name], found[0][name], atol=1e-3)


def test_what_one_device_has_begun_two_carry_on(tmp_path):
    make(tmp_path, a=1.0, b=1.5)
    embed(library(tmp_path, {"a": "a.wav"}), "fake-model", options=LoadOptions(device="cpu"))
    (report,) = embed(library(tmp_path, {"a": "a.wav", "b": "b.wav"}), "fake-model")
    assert (report.already, report.embedded) == (1, 1)


def test_a_process_that_dies_costs_nothing(tmp_path, fakes):  # noqa: F811
    make(tmp_path, **{f"t{n}": 0.5 + 0.2 * n for n in range(10)})
    level(tmp_path, "killer", ONCE)
    paths = {name: f"{name}.wav" for name in ["t0", "t1", "killer", *(f"t{n}" for n in range(2, 10))]}
    (report,) = embed(library(tmp_path, paths, "two"), "fake-deadly")
    assert (fakes / "died").exists()
    assert (report.embedded, report.failed) == (11, {})
    one = library(tmp_path, paths, "one")
    embed(one, "fake-deadly", options=LoadOptions(device="cpu"))
    same(vectors(one, "fake-deadly"), vectors(tmp_path / "two", "fake-deadly"))


def test_a_file_that_kills_every_process_is_recorded_and_the_others_are_not(tmp_path):
    make(tmp_path, **{f"t{n}": 0.5 + 0.2 * n for n in range(6)})
    level(tmp_path, "killer", ALWAYS)
    root = library(tmp_path, {name: f"{name}.wav" for name in ["t0", "killer", *(f"t{n}" for n in range(1, 6))]})
    (report,) = embed(root, "fake-deadly")
    assert report.embedded == 6
    assert set(report.failed) == {"killer"}
    assert report.failed["killer"].startswith("the process on cpu died at it twice (SIGKILL")


def test_a_process_that_dies_before_anything_is_done_stops_the_run(tmp_path):
    root = make(tmp_path, a=1.0)
    with pytest.raises(EncoderError, match=r"The process on cpu died \(SIGKILL.*\) before anything was done"):
        embed(root, "fake-stillborn")
    for number in range(4):
        level(tmp_path, f"k{number}", ALWAYS)
    deadly = library(tmp_path, {f"k{number}": f"k{number}.wav" for number in range(4)}, "deadly")
    with pytest.raises(EncoderError, match="before anything was done"):
        embed(deadly, "fake-deadly")


def test_an_encoder_that_cannot_be_loaded_stops_the_run_with_its_reason(tmp_path):
    root = make(tmp_path, a=1.0)
    with pytest.raises(EncoderError, match="could not be loaded: OSError: its weights fell off"):
        embed(root, "fake-unloadable", "fake-model")
    with pytest.raises(EncoderError, match=r"cpu: The weights of 'mert-95m' are not at .*nowhere"):
        embed(root, "mert-95m", options=LoadOptions(device="cpu,cpu", weights=str(tmp_path / "nowhere")))


def test_ctrl_c_stores_what_is_finished_and_the_same_command_carries_on(tmp_path, fakes):  # noqa: F811
    root = make(tmp_path, **{f"t{n}": 1.0 for n in range(60)})
    with start(root, "fake-model", fakes, "cpu,cpu") as process:
        until_done(process, 5)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=LONG_S)
    assert process.returncode == 130, errors
    stored = len(vectors(root, "fake-model"))
    assert 5 <= stored < 60
    assert f"Stopped: {stored} of 60" in rest
    (report,) = embed(root, "fake-model")
    assert (report.already, report.embedded) == (stored, 60 - stored)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_kill_9_loses_at_most_a_batch_and_leaves_no_process_behind(tmp_path, fakes):  # noqa: F811
    root = make(tmp_path, **{f"t{n}": 1.0 for n in range(60)})
    with start(root, "fake-model", fakes, "cpu,cpu", quick=24) as process:
        until_done(process, 45)  # some three seconds: more than one batch
        running = started_by(process.pid)
        process.kill()
        process.communicate(timeout=LONG_S)
    assert len(running) >= 4  # two devices, each with a decoder
    stored = vectors(root, "fake-model")
    assert 5 <= len(stored) < 60
    until(lambda: not any(map(runs, running)), f"{running} have ended")
    (report,) = embed(root, "fake-model")
    assert (report.already, report.embedded, report.failed) == (len(stored), 60 - len(stored), {})


def test_files_that_come_while_the_engine_runs_are_as_good_as_those_at_its_start(tmp_path):
    make(tmp_path, **{f"t{n}": 0.5 + 0.3 * n for n in range(6)})
    options = LoadOptions()
    tasks = [Task(n, str(tmp_path / f"t{n}.wav"), ("fake-signal", "fake-model")) for n in range(6)]
    engine = Engine(
        signal=["fake-signal"], models=load_models(["fake-model"], options), options=options, jobs=1, batch_seconds=60
    )
    waiting = [[task] for task in tasks[1:]]
    with engine:
        late = settled(engine.run(tasks[:1], lambda: waiting.pop(0) if waiting else []))
        early = settled(engine.run(tasks))
    assert waiting == []
    assert set(late) == set(early) == {(n, name) for n in range(6) for name in ("fake-signal", "fake-model")}
    for key, vector in late.items():
        np.testing.assert_array_equal(vector, early[key])


def settled(steps: Iterable[Step]) -> dict[tuple[int, str], np.ndarray]:
    return {(o.number, o.name): o.value for step in steps for o in step.outcomes}
