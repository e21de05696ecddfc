import json
from pathlib import Path

import pytest

from antiphon.align.training.results.history import (
    append_history,
    console_block,
    console_line,
    read_history,
    write_history,
)
from antiphon.errors import AntiphonError
from tests.helpers.trained.epochs import epoch_record as record


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
    wanted |= {
        "format",
        "epoch",
        "train_loss",
        "val_loss",
        "lr",
        "temperature",
        "grad_norm",
        "seconds",
        "pairs_per_second",
    }
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


def test_a_history_with_a_byte_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").write_bytes(b'{"epoch": \xff}\n')
    with pytest.raises(AntiphonError, match=r"history\.jsonl cannot be read"):
        read_history(tmp_path / "history.jsonl")
