"""The sizes benchmark tells a default that is below from one that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from benchmarks.sizes import __main__ as sizes
from benchmarks.sizes.made import KINDS, make
from benchmarks.sizes.methods import Given

from antiphon.arrays import Embeddings, unit_length

NAMES = ("default", "ridge", "cca", "plain heads")


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_is_the_same_again_and_another_with_another_seed(kind: str) -> None:
    one, again, other = (make(kind, 30, seed=seed, size=300) for seed in (0, 0, 1))
    assert one.audio.shape == (30, one.layout.size) == (30, 300)
    np.testing.assert_array_equal(one.audio, again.audio)
    np.testing.assert_array_equal(one.text, again.text)
    assert not np.array_equal(one.audio, other.audio)


def test_tags_are_shared_and_the_same_text_has_the_same_vector() -> None:
    made = make("tags", 300, seed=0)
    assert len(np.unique(made.text_id)) < 250
    for text in np.unique(made.text_id)[:20]:
        assert len(np.unique(made.text[made.text_id == text], axis=0)) == 1


def test_no_group_lies_in_two_splits_and_no_track_is_lost() -> None:
    whole = make("clear", 200, seed=3, size=20)
    splits = sizes.split(whole, 150, 3)
    assert sum(len(each.audio) for each in splits) == 200
    assert len(splits[2].audio) >= 50
    groups = np.concatenate([np.unique(each.groups) for each in splits])
    assert len(groups) == len(np.unique(groups))


def _noisy(spread: float) -> Any:
    def make(given: Given) -> Embeddings:
        rng, test = np.random.default_rng(given.seed), given.test
        audio = np.random.default_rng(9).standard_normal((len(test.audio), 8)).astype(np.float32)
        text = audio[test.track_of_caption] + spread * rng.standard_normal((len(test.text), 8)).astype(np.float32)
        return Embeddings(unit_length(text), unit_length(audio))

    return make


@pytest.mark.parametrize(("spread", "worse"), [(0.4, []), (1.6, ["cca"])])
def test_below_is_what_the_interval_shows(spread: float, worse: list[str], tmp_path: Path) -> None:
    methods = dict.fromkeys(NAMES, _noisy(2.0)) | {"default": _noisy(spread), "cca": _noisy(0.8)}
    cell = sizes.Cell("clear", 60, 2)
    with patch.object(sizes, "METHODS", methods), patch.object(sizes, "TEST", 100):
        found = [sizes.judge(cell, number, tmp_path) for number in range(cell.sets)]
        row = sizes.row(cell, found)
        assert sizes.below(row) == worse
        assert ("**" in sizes.markdown([row]).split("| set |")[1]) == bool(worse)
        assert sizes.verdict([row]).startswith(f"The default is measurably below in {len(worse)} of 1 cells")
    with patch.object(sizes, "METHODS", dict.fromkeys(NAMES)), patch.object(sizes, "TEST", 100):
        again = sizes.judge(cell, 0, tmp_path)  # nothing is judged twice
    np.testing.assert_array_equal(again["cca"]["t2a"], found[0]["cca"]["t2a"])
