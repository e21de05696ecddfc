"""TensorBoard reads one run a training: each epoch once, settings and final figures, however often it was stopped."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams.api_pb2 import ListSessionGroupsRequest, Status
from tensorboard.plugins.hparams.backend_context import Context
from tensorboard.plugins.hparams.list_session_groups import Handler

from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.results.trackers.tensorboard import TensorBoard, add_test, is_complete
from antiphon.align.training.results.trackers.tracker import Setting, TrackedRun, final_figures
from tests.helpers.trained.epochs import curves
from tests.helpers.trained.epochs import epoch_record as record

AGREED = {"train/loss", "val/loss", "val/t2a_R@1", "val/a2t_median_rank", "train/lr", "train/temperature"}


def board(root: Path, history: Sequence[EpochRecord] = (), *, name: str = "muq", **settings: Setting) -> TensorBoard:
    return TensorBoard(TrackedRun(root=root, name=name, settings=settings, history=history))


def folder(root: Path, name: str = "muq") -> Path:
    return root / "logs" / "tensorboard" / name


def draw(root: Path, epochs: range, *, before: int = 0, **settings: Setting) -> TensorBoard:
    drawn = board(root, [record(n) for n in range(1, before + 1)], **settings)
    for epoch in epochs:
        drawn.add(record(epoch))
    drawn.close()
    return drawn


def sessions(root: Path) -> dict[str, Any]:
    """Name of a training → what the HParams tab shows of it, by the tab's own code."""
    logs = root / "logs" / "tensorboard"
    events = EventMultiplexer().AddRunsFromDirectory(str(logs))
    events.Reload()
    context = Context(TBContext(data_provider=MultiplexerDataProvider(events, str(logs)), multiplexer=events))
    asked = ListSessionGroupsRequest(start_index=0, slice_size=100, allowed_statuses=Status.values())
    found = Handler(RequestContext(), context, "", asked).run()
    return {group.name: group for group in found.session_groups}


def shown(group: Any) -> dict[str, float]:
    return {metric.name.tag: metric.value for metric in group.metric_values}


def test_every_epoch_is_on_disk_when_it_has_been_added_under_the_agreed_tags(tmp_path: Path) -> None:
    drawn = board(tmp_path)
    drawn.add(record(1))
    assert set(curves(folder(tmp_path))) >= AGREED
    drawn.add(record(2))
    assert curves(folder(tmp_path))["train/loss"] == [(1, pytest.approx(1.8234)), (2, pytest.approx(1.8234))]
    drawn.close()


@pytest.mark.parametrize("written", [1, 2, 3, 4])
def test_going_on_gives_each_epoch_once_whatever_was_drawn_before_the_stop(tmp_path: Path, written: int) -> None:
    """A kill may come between a checkpoint and its point, or between a point and its checkpoint."""
    draw(tmp_path, range(1, written + 1))
    draw(tmp_path, range(4, 6), before=3)
    assert all([step for step, _ in points] == [1, 2, 3, 4, 5] for points in curves(folder(tmp_path)).values())


def test_a_torn_end_of_the_file_that_was_being_written_loses_nothing(tmp_path: Path) -> None:
    draw(tmp_path, range(1, 4))
    (path,) = folder(tmp_path).iterdir()
    path.write_bytes(path.read_bytes()[:-11])
    draw(tmp_path, range(3, 5), before=2)
    assert [step for step, _ in curves(folder(tmp_path))["val/loss"]] == [1, 2, 3, 4]


def test_a_training_in_place_of_another_leaves_nothing_of_it(tmp_path: Path) -> None:
    draw(tmp_path, range(1, 9), lr=0.1)
    draw(tmp_path, range(1, 3), lr=0.2)
    assert [step for step, _ in curves(folder(tmp_path))["val/t2a_MRR"]] == [1, 2]
    assert sessions(tmp_path)["muq"].hparams["lr"].number_value == 0.2


def test_stopped_before_its_first_epoch_it_leaves_the_other_whole(tmp_path: Path) -> None:
    draw(tmp_path, range(1, 4))
    board(tmp_path).close()
    assert [step for step, _ in curves(folder(tmp_path))["val/loss"]] == [1, 2, 3]


def test_the_hparams_tab_shows_settings_and_final_figures_of_every_training(tmp_path: Path) -> None:
    for name, lr in (("muq", 0.1), ("mert", 0.2)):
        drawn = board(tmp_path, name=name, lr=lr, text_encoder="minilm", resumed=False)
        drawn.add(record(1))
        drawn.conclude({"final/val_t2a_R@1": 100 * lr})
        drawn.close()
    found = sessions(tmp_path)
    assert set(found) == {"muq", "mert"}
    settings = found["mert"].hparams
    assert settings["lr"].number_value == 0.2
    assert settings["text_encoder"].string_value == "minilm"
    assert settings["resumed"].bool_value is False
    assert shown(found["mert"])["final/val_t2a_R@1"] == pytest.approx(20.0)
    assert [session.status for session in found["mert"].sessions] == [Status.Value("STATUS_SUCCESS")]


def test_figures_of_the_test_split_join_the_tab_and_replace_earlier_ones(tmp_path: Path) -> None:
    draw(tmp_path, range(1, 4), lr=0.1)
    assert not is_complete(tmp_path, "muq")
    drawn = board(tmp_path, [record(1)], lr=0.1)
    drawn.conclude(final_figures(record(3).to_dict()))
    drawn.close()
    assert is_complete(tmp_path, "muq")
    for r1 in (40.0, 35.0):
        figures = {"t2a": {"R@1": r1, "MRR": 0.5}, "a2t": {"R@1": 30.0}, "loss": 2.0, "epoch": 3}
        add_test(tmp_path, "muq", figures)
    found = shown(sessions(tmp_path)["muq"])
    assert found["final/test_t2a_R@1"] == 35.0
    assert found["final/val_t2a_R@1"] == pytest.approx(12.45)
    assert curves(folder(tmp_path))["final/test_t2a_R@1"] == [(3, 35.0)]


def test_without_curves_of_a_training_its_test_figures_make_none(tmp_path: Path) -> None:
    add_test(tmp_path, "muq", {"t2a": {"R@1": 1.0}, "a2t": {}, "loss": 2.0, "epoch": 3})
    assert not folder(tmp_path).exists()


def test_closed_forms_alone_are_one_point_without_what_only_steps_have(tmp_path: Path) -> None:
    drawn = board(tmp_path, [record(0, steps=0)], epochs=0)
    drawn.conclude({"final/epoch": 0.0})
    drawn.close()
    found = curves(folder(tmp_path))
    assert found["val/t2a_MRR"] == [(0, pytest.approx(0.2156))]
    assert not {"train/lr", "train/step_loss", "train/grad_norm"} & set(found)


def test_curves_that_are_lost_are_told(tmp_path: Path) -> None:
    drawn = board(tmp_path)
    drawn.add(record(1))
    shutil.rmtree(tmp_path / "logs")
    with pytest.raises(FileNotFoundError):
        drawn.add(record(2))
