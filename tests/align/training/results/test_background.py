"""Saving beside the next epoch: in order, one piece at a time, and no failure is lost."""

from __future__ import annotations

import threading

import pytest
import torch

from antiphon.align.training.results.background import Background, copied


def test_work_is_done_in_order_and_beside_whoever_gave_it() -> None:
    done, may_go_on = [], threading.Event()
    background = Background()

    def first() -> None:
        assert may_go_on.wait(60)
        done.append(1)

    background.start(first)
    assert done == []  # the giver went on
    may_go_on.set()
    background.start(lambda: done.append(2))
    background.finish()
    assert done == [1, 2]


def test_a_failure_is_told_once_by_whatever_comes_next() -> None:
    background, done = Background(), []

    def fail() -> None:
        raise OSError(28, "No space left on device", "made_last.pt")

    background.start(fail)
    with pytest.raises(OSError, match=r"No space left.*made_last\.pt"):
        background.start(lambda: done.append(1))
    background.finish()
    assert done == []


def test_a_copy_does_not_change_with_what_it_was_made_of() -> None:
    weights = torch.ones(3, requires_grad=True)
    state = {"a": [weights, 5], "b": (weights, "text"), "c": {"d": weights}}
    kept = copied(state)
    with torch.no_grad():
        weights.zero_()
    assert kept["b"][1] == "text"
    assert kept["a"][1] == 5
    for tensor in (kept["a"][0], kept["b"][0], kept["c"]["d"]):
        assert torch.equal(tensor, torch.ones(3))
        assert not tensor.requires_grad
