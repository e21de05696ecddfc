"""Split names are read together."""

from __future__ import annotations

import pytest

from antiphon.library.splits.names import name_splits, split_name


@pytest.mark.parametrize(
    ("text", "split"),
    [("Training", "train"), ("validation", "val"), ("dev", "val"), ("Eval", "test"), ("test set", "test"), ("x", None)],
)
def test_usual_names(text: str, split: str | None) -> None:
    assert split_name(text) == split


@pytest.mark.parametrize(
    ("names", "means"),
    [
        (["development", "validation", "evaluation"], ["train", "val", "test"]),
        (["development", "evaluation"], ["train", "test"]),
        (["dev", "valid", "test"], ["train", "val", "test"]),
        (["train", "dev", "test"], ["train", "val", "test"]),
        (["dev", "test"], ["val", "test"]),
        (["train", "development", "validation"], ["train", "val", "val"]),
        (["train", "eval", "test"], ["train", "val", "test"]),
        (["train", "val", "eval"], ["train", "val", "test"]),
        (["train", "val", "eval", "test"], ["train", "val", "test", "test"]),
        (["train", "eval"], ["train", "test"]),
        (["Training_Set", "TEST"], ["train", "test"]),
    ],
)
def test_names_are_read_together(names: list[str], means: list[str]) -> None:
    assert name_splits(names) == dict(zip(names, means, strict=True))


def test_what_is_no_split_is_left_out() -> None:
    assert name_splits(["fold1", "train", "unlabelled", "test_clean"]) == {"train": "train"}
