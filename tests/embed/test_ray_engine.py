"""Embedding on a Ray cluster: the numbers of one machine, and what happens when actors die.

The tests that need Ray are slow (pytest -m slow) and skipped where it is not installed: pip install 'antiphon[dist]'.
"""

from __future__ import annotations

import pickle
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from antiphon import registry
from antiphon.embed import embed_audio
from antiphon.embed.devices.actor import Actor, Orders, Refused, identities
from antiphon.embed.ray_engine import DIED, embed_audio_ray, share_of
from antiphon.embed.workers.messages import Task
from antiphon.errors import ConfigError, EmbeddingError, EncoderError, LibraryError
from antiphon.registry import LoadOptions
from tests.helpers.encoders.fake_plugin import ALWAYS, ONCE, SOURCE, install
from tests.helpers.encoders.interrupted import start, until_done
from tests.helpers.libraries.sounds import sweep, write
from tests.helpers.libraries.tone_library import RATE, level, library, same, vectors

DEADLY = SOURCE.replace('"fake-', '"ray-')


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ray-plugin")
    install(folder, DEADLY, "antiphon_ray_plugin")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        registry.scan.cache_clear()
        yield folder
    registry.scan.cache_clear()
    sys.modules.pop("antiphon_ray_plugin", None)


def songs(root: Path, count: int) -> dict[str, str]:
    for n in range(count):
        write(root / f"t{n}.wav", sweep(0.5 + 0.3 * n, RATE, channels=1, level=0.2 + 0.05 * (n % 13)), RATE)
    return {f"t{n}": f"t{n}.wav" for n in range(count)}


class TestWithoutRay:
    pytestmark = pytest.mark.usefixtures("plugin")

    def orders(self, *names: str) -> Orders:
        return Orders(names=names, options=LoadOptions(), jobs=1, batch_seconds=3)

    def test_an_actor_settles_every_file_of_every_batch_with_every_encoder(self, tmp_path):
        paths = [str(tmp_path / name) for name in [*songs(tmp_path, 5).values(), "missing.wav"]]
        names = ("ray-signal", "ray-model")
        made = [maker.provenance for maker in identities(names, LoadOptions())]
        expected = {p.encoder: p.fingerprint for p in made}
        actor = Actor(self.orders(*names), expected)
        settled = {}
        for numbers in ([0, 1, 2], [3, 4, 5]):
            batch = {"task": [pickle.dumps(Task(n, paths[n], names)) for n in numbers]}
            steps = [pickle.loads(step) for row in actor(batch) for step in row["step"]]
            found = {(o.number, o.name): o.value for step in steps for o in step.outcomes}
            assert set(found) == {(n, name) for n in numbers for name in names}
            settled |= found
        assert all(isinstance(settled[n, name], np.ndarray) for n in range(5) for name in names)
        assert "is missing" in settled[5, "ray-model"]

    def test_tags_come_from_where_the_weights_are(self):
        signal_encoder, model = identities(("ray-signal", "ray-model"), LoadOptions())
        assert signal_encoder.tags is None
        assert pickle.loads(pickle.dumps(model)).tags.names == ("t:loud", "t:low")

    def test_an_actor_with_other_weights_refuses_to_work(self):
        actor = Actor(self.orders("ray-model"), {"ray-model": "0" * 64})
        (row,) = actor({"task": []})
        refused = pickle.loads(row["step"][0])
        assert refused.problem == "The machines of the cluster hold different weights of 'ray-model'."

    def test_an_encoder_that_cannot_be_loaded_says_so_in_words(self):
        refused = identities(("no-such-encoder",), LoadOptions())
        assert isinstance(refused, Refused)
        assert "Unknown audio encoder 'no-such-encoder'" in refused.problem
        (row,) = Actor(self.orders("no-such-encoder"), {})({"task": []})
        assert pickle.loads(row["step"][0]) == refused

    def test_where_ray_is_not_installed_the_command_that_brings_it_is_named(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "ray", None)
        with pytest.raises(EmbeddingError, match=r"Ray is not installed") as caught:
            embed_audio_ray(library(tmp_path, songs(tmp_path, 1)), ["ray-signal"])
        assert "pip install 'antiphon[dist]'" in str(caught.value)

    def test_mistakes_are_found_before_ray_is_started(self, tmp_path):
        with pytest.raises(EncoderError, match="Unknown audio encoder 'ray-signall'"):
            embed_audio_ray(library(tmp_path, {"a": "a.wav"}), ["ray-signall"])
        with pytest.raises(LibraryError, match="has no audio files"):
            embed_audio_ray(library(tmp_path, {"a": ""}, "empty"), ["ray-signal"])

    @pytest.mark.parametrize(
        ("cluster", "asked", "cpus", "gpus"),
        [
            ({"CPU": 16}, {}, 1, 0),
            ({"CPU": 16, "GPU": 4}, {}, 4, 1),
            ({"CPU": 64, "GPU": 2}, {}, 8, 1),
            ({"CPU": 64, "GPU": 2}, {"jobs": 20}, 20, 1),
            ({"CPU": 16, "GPU": 4}, {"gpus": 0.5}, 2, 0.5),
            ({"CPU": 16, "GPU": 4}, {"gpus": 0.0}, 1, 0),
            ({"CPU": 16, "GPU": 4}, {"device": "cpu"}, 1, 0),
            ({"CPU": 16, "GPU": 4}, {"models": False}, 1, 0),
        ],
    )
    def test_an_actor_gets_a_gpu_for_models_and_cores_to_feed_it(self, cluster, asked, cpus, gpus):
        usual = {"models": True, "device": "auto", "gpus": None, "jobs": None}
        assert share_of(cluster, **{**usual, **asked}) == {"num_cpus": cpus, "num_gpus": gpus}

    @pytest.mark.parametrize("device", ["cuda:1", "cuda:0,cuda:1", "cpu,cpu"])
    def test_devices_are_for_ray_to_give_out(self, tmp_path, device):
        root = library(tmp_path, songs(tmp_path, 1))
        with pytest.raises(ConfigError, match=rf"Ray gives out the GPUs.*'{device}'"):
            embed_audio_ray(root, ["ray-model"], options=LoadOptions(device=device))
        with pytest.raises(ConfigError, match="one GPU at most, not 2"):
            embed_audio_ray(root, ["ray-model"], gpus=2)


@pytest.fixture(scope="module")
def cluster(plugin):
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'antiphon[dist]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        elsewhere = {"env_vars": {"PYTHONPATH": str(plugin)}}  # as if the plugin were installed on every machine
        ray.init(num_cpus=3, runtime_env=elsewhere, log_to_driver=False, include_dashboard=False, logging_level="ERROR")
        yield ray
        ray.shutdown()


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
class TestOnALocalCluster:
    def test_several_actors_give_the_vectors_and_failures_of_one_machine(self, tmp_path):
        paths = {**songs(tmp_path, 12), "missing": "missing.wav", "nowhere": "", "copy": "t3.wav"}
        (tmp_path / "text.wav").write_text("no sound at all")
        names = ["ray-signal", "ray-model", "timbre"]
        here, there = library(tmp_path, paths, "here"), library(tmp_path, paths | {"text": "text.wav"}, "there")
        embed_audio(here, names, jobs=1)
        seen = []
        reports = embed_audio_ray(there, names, actors=3, on_progress=seen.append)
        for name, report in zip(names, reports, strict=True):
            assert (report.encoder, report.total, report.embedded) == (name, 16, 13)
            assert set(report.failed) == {"missing", "nowhere", "text"}
            assert "it is text" in report.failed["text"]
            same(vectors(here, name), vectors(there, name))
        assert (seen[-1].done, seen[-1].total, seen[-1].failed) == (48, 48, 9)

    def test_what_one_machine_has_begun_the_cluster_carries_on_and_the_other_way_round(self, tmp_path):
        paths = songs(tmp_path, 9)
        some, more = dict(list(paths.items())[:3]), dict(list(paths.items())[:6])
        embed_audio(library(tmp_path, some), ["ray-signal"], jobs=1)
        (report,) = embed_audio_ray(library(tmp_path, more), ["ray-signal"], actors=2)
        assert (report.already, report.embedded) == (3, 3)
        (report,) = embed_audio(library(tmp_path, paths), ["ray-signal"], jobs=1)
        assert (report.already, report.embedded) == (6, 3)
        (report,) = embed_audio_ray(library(tmp_path, paths), ["ray-signal"])
        assert (report.already, report.embedded) == (9, 0)

    def test_addresses_are_opened_where_the_actors_are(self, tmp_path):
        paths = songs(tmp_path, 3)
        here = library(tmp_path, paths, "here")
        there = library(tmp_path, paths, "there", audio_root=f"file://{tmp_path}")
        embed_audio(here, ["ray-signal"], jobs=1)
        (report,) = embed_audio_ray(there, ["ray-signal"], actors=2)
        assert report.failed == {}
        same(vectors(here, "ray-signal"), vectors(there, "ray-signal"))

    def test_an_actor_that_is_killed_in_mid_run_costs_nothing(self, tmp_path, plugin):
        paths = songs(tmp_path, 16)
        level(tmp_path, "killer", ONCE)
        root = library(tmp_path, {**paths, "killer": "killer.wav"})
        (report,) = embed_audio_ray(root, ["ray-deadly"], actors=3, batch_seconds=1)
        assert (plugin / "died").exists()
        assert (report.embedded, report.failed) == (17, {})
        twin = library(tmp_path, {**paths, "killer": "killer.wav"}, "twin")
        embed_audio(twin, ["ray-deadly"], jobs=1)
        same(vectors(root, "ray-deadly"), vectors(twin, "ray-deadly"))

    def test_a_file_that_kills_every_actor_is_recorded_and_the_others_are_not(self, tmp_path):
        paths = songs(tmp_path, 8)
        level(tmp_path, "killer", ALWAYS)
        root = library(tmp_path, {"killer": "killer.wav", **paths})
        (report,) = embed_audio_ray(root, ["ray-deadly"], actors=1, batch_seconds=1)
        assert report.failed == {"killer": DIED}
        assert report.embedded == 8

    def test_ctrl_c_loses_nothing_that_was_finished(self, tmp_path, plugin):
        """In a process of its own, with a cluster of its own."""
        root = library(tmp_path, songs(tmp_path, 40))
        with start(root, "ray-model", plugin, "ray") as process:
            until_done(process, 5)
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=120)
        assert process.returncode == 130, errors
        stored = vectors(root, "ray-model")
        assert 5 <= len(stored) < 40
        assert f"Stopped: {len(stored)} of 40 files are done and stored. The same command carries on." in rest
        (report,) = embed_audio(root, ["ray-model"], jobs=1)
        assert (report.already, report.embedded, report.failed) == (len(stored), 40 - len(stored), {})

    def test_an_encoder_that_no_actor_can_load_stops_the_run_with_its_reason(self, tmp_path):
        root = library(tmp_path, songs(tmp_path, 1))
        with pytest.raises(EncoderError, match="could not be loaded: OSError: its weights fell off"):
            embed_audio_ray(root, ["ray-unloadable"])
