import json
import shutil
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from antiphon.align.training.results.history import (
    EpochRecord,
    TensorBoard,
    append_history,
    console_block,
    console_line,
    read_history,
    write_history,
)
from antiphon.errors import AntiphonError
from antiphon.metrics.figures import METRICS


def record(epoch: int = 10, *, val: bool = True) -> EpochRecord:
    rest = dict.fromkeys(METRICS, 0.5)
    t2a = rest | {"R@1": 12.45, "R@5": 31.22, "R@10": 42.18, "MRR": 0.2156, "median_rank": 14.5}
    a2t = rest | {"R@1": 10.0, "R@5": 30.0, "R@10": 40.0, "MRR": 0.2, "median_rank": 16.0}
    return EpochRecord(
        epoch=epoch,
        train_loss=1.8234,
        val_loss=1.9012 if val else None,
        loss_chance=6.2,
        step_loss=3.1,
        val={"t2a": t2a, "a2t": a2t} if val else None,
        lr=1e-3,
        temperature=0.07,
        grad_norm=0.5,
        steps=5,
        seconds=1.5,
        pairs_per_second=1e4,
    )


def test_a_line_holds_losses_what_matters_of_retrieval_and_seconds() -> None:
    assert console_line(record(9), 20) == (
        "Epoch  9/20  train loss 1.8234  val loss 1.9012  t2a R@1 12.45% R@10 42.18%  MRR t2a 0.2156 a2t 0.2000  1.5 s"
    )
    assert console_line(record(val=False), 20) == "Epoch 10/20  train loss 1.8234  1.5 s"


def test_the_console_block_has_the_training_guides_shape() -> None:
    assert console_block(record(), 20) == (
        "Epoch 10/20:\n"
        "  Train loss: 1.8234\n"
        "  Val loss: 1.9012\n"
        "  Val t2a R@1: 12.45%\n"
        "  Val t2a R@5: 31.22%\n"
        "  Val t2a R@10: 42.18%\n"
        "  Val t2a MRR: 0.2156\n"
        "  Val a2t R@1: 10.00%\n"
        "  Val a2t R@5: 30.00%\n"
        "  Val a2t R@10: 40.00%\n"
        "  Val a2t MRR: 0.2000\n"
        "  Val t2a median rank: 14.5\n"
        "  Val a2t median rank: 16"
    )


def test_without_a_val_split_the_block_says_so() -> None:
    assert console_block(record(val=False), 20).endswith("Val: none (the val split is empty)")


@pytest.mark.parametrize("val", [True, False])
def test_records_survive_the_file(tmp_path: Path, val: bool) -> None:
    path = tmp_path / "history.jsonl"
    write_history(path, [record(1, val=val)])
    append_history(path, record(2, val=val))
    assert read_history(path) == [record(1, val=val), record(2, val=val)]


def test_the_file_has_the_agreed_fields(tmp_path: Path) -> None:
    write_history(tmp_path / "h", [record()])
    line = json.loads((tmp_path / "h").read_text())
    names = ("R@1", "R@5", "R@10", "MRR", "median_rank")
    wanted = {f"val_{way}_{name}" for way in ("t2a", "a2t") for name in names}
    wanted |= {"epoch", "train_loss", "val_loss", "lr", "temperature", "grad_norm", "seconds", "pairs_per_second"}
    assert wanted <= set(line)


def test_a_torn_last_line_is_left_out_and_an_earlier_one_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    write_history(path, [record(1)])
    whole = path.read_text()
    path.write_text(whole + whole[:40])
    assert [r.epoch for r in read_history(path)] == [1]
    path.write_text(whole[:40] + "\n" + whole)
    with pytest.raises(AntiphonError, match="line 1: not an epoch"):
        read_history(path)
    with pytest.raises(AntiphonError, match="antiphon train"):
        read_history(tmp_path / "nothing")


def test_tensorboard_has_the_agreed_tags_and_a_new_run_hides_the_old(tmp_path: Path) -> None:
    for epochs in (range(1, 5), range(1, 3)):
        board = TensorBoard(tmp_path, first_epoch=epochs[0])
        for epoch in epochs:
            board.add(record(epoch))
        board.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    tags = set(events.Tags()["scalars"])
    wanted = {"train/loss", "val/loss", "val/t2a_R@1", "val/a2t_median_rank", "train/lr", "train/temperature"}
    assert wanted <= tags
    assert [event.step for event in events.Scalars("val/t2a_MRR")] == [1, 2]


def test_curves_are_on_disk_after_each_epoch(tmp_path: Path) -> None:
    board = TensorBoard(tmp_path, first_epoch=1)
    board.add(record(1))
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [event.step for event in events.Scalars("train/loss")] == [1]
    board.close()


def test_a_training_goes_on_without_curves_that_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    board = TensorBoard(tmp_path / "logs", first_epoch=1)
    shutil.rmtree(tmp_path / "logs")
    board.add(record(1))
    board.add(record(2))
    board.close()
    assert caplog.text.count("No more TensorBoard curves") == 1


def test_a_history_with_a_byte_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").write_bytes(b'{"epoch": \xff}\n')
    with pytest.raises(AntiphonError, match=r"history\.jsonl cannot be read"):
        read_history(tmp_path / "history.jsonl")
