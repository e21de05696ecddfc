"""Splits: a pure hash of the group, precedence, conflicts, and what a split by rows would leak."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.library.splits import assign, earliest, group_number, row_wise_leak, split_counts

MANY = [f"track:{i}" for i in range(2000)]


def test_about_eighty_ten_ten() -> None:
    splits = list(assign(MANY, seed=0).split_of.values())
    assert [round(splits.count(s) / len(splits), 1) for s in ("train", "val", "test")] == [0.8, 0.1, 0.1]


def test_numbers_are_uniform_and_depend_on_the_seed() -> None:
    numbers = [group_number(0, group) for group in MANY]
    assert 0 <= min(numbers) < 0.01
    assert 0.99 < max(numbers) < 1
    assert group_number(1, "a") != group_number(0, "a")


@given(st.integers(10, 60), st.integers(0, 5))
def test_adding_tracks_moves_nobody(n: int, seed: int) -> None:
    small, large = assign(MANY[: 20 * n], seed=seed).split_of, assign(MANY, seed=seed).split_of
    assert all(large[group] == split for group, split in small.items())


def test_the_same_whatever_the_order() -> None:
    shuffled = random.Random(0).sample(MANY, len(MANY))
    assert assign(shuffled, seed=3).split_of == assign(MANY, seed=3).split_of


def test_the_manifest_says_more_than_the_library_and_the_library_more_than_the_hash() -> None:
    groups = ["a", "b", "c"]
    found = assign(groups, seed=0, explicit=[["test"], [], []], existing=["train", "test", ""]).split_of
    assert found["a"] == "test"
    assert found["b"] == "test"


def test_a_group_in_several_explicit_splits_goes_to_the_earliest_and_is_listed() -> None:
    done = assign(["g", "g", "v", "t", "x"], seed=0, explicit=[["test"], ["val"], ["val"], ["test"], ["train"]])
    assert done.split_of["g"] == "val"
    assert [(c.group, c.claimed, c.source) for c in done.conflicts] == [("g", ("val", "test"), "manifest")]


def test_merged_groups_of_an_existing_library_go_to_the_earliest() -> None:
    done = assign(["g", "g", "v"], seed=0, existing=["test", "train", "val"])
    assert done.split_of["g"] == "train"
    assert done.conflicts[0].source == "library"


def test_a_group_larger_than_a_fifth_goes_to_train() -> None:
    large = next(g for g in MANY if group_number(0, g) > 0.95)
    done = assign([large] * 30 + MANY[:100], seed=0)
    assert done.split_of[large] == "train"
    assert done.oversized == (large,)


def test_a_single_track_of_a_tiny_library_is_not_oversized() -> None:
    assert assign(["a", "b"], seed=0).oversized == ()


@pytest.mark.parametrize("seed", range(20))
def test_three_groups_are_enough_for_three_splits(seed: int) -> None:
    done = assign(["a", "b", "c"], seed=seed)
    assert set(done.split_of.values()) == {"train", "val", "test"}


def test_two_groups_are_not_torn_into_three_splits() -> None:
    assert assign(["a", "b"], seed=0).filled == {}


def test_filling_moves_no_track_that_the_library_had_in_train() -> None:
    done = assign(["a", "b", "c", "d"], seed=0, existing=["train", "train", "train", ""])
    assert [done.split_of[g] for g in "abc"] == ["train"] * 3


def test_a_manifest_without_val_gets_one_from_train_and_keeps_its_test() -> None:
    explicit = [["test"] if i % 5 == 0 else ["train"] for i in range(1000)]
    done = assign(MANY[:1000], seed=0, explicit=explicit)
    assert all(done.split_of[g] == "test" for g in MANY[:1000:5])
    assert 60 < len(done.filled) < 110
    assert set(done.filled.values()) == {"val"}


def test_filling_again_finds_the_same() -> None:
    explicit = [["test"] if i % 5 == 0 else ["train"] for i in range(1000)]
    first = assign(MANY[:1000], seed=0, explicit=explicit).split_of
    again = assign(MANY[:1000], seed=0, explicit=explicit, existing=[first[g] for g in MANY[:1000]]).split_of
    assert again == first


def test_a_manifest_of_test_only_stays_so() -> None:
    assert set(assign(MANY[:10], seed=0, explicit=[["test"]] * 10).split_of.values()) == {"test"}


def test_earliest() -> None:
    assert earliest(["test", "val"]) == "val"


def test_counts() -> None:
    counts = split_counts(["a", "a", "b"], ["train", "train", "test"], [2, 0, 1])
    assert counts["train"] == {"tracks": 2, "captions": 2, "asking": 2, "groups": 1}
    assert counts["test"] == {"tracks": 1, "captions": 1, "asking": 1, "groups": 1}
    assert counts["val"]["tracks"] == 0


def test_the_expected_leak_agrees_with_simulation() -> None:
    groups = [f"g{i // size}-{size}" for size in (1, 2, 3, 8) for i in range(size * 30)]
    rng = random.Random(0)
    leaked = tested = 0
    for _ in range(300):
        splits = [rng.choices(["train", "val", "test"], [8, 1, 1])[0] for _ in groups]
        train = {g for g, s in zip(groups, splits, strict=True) if s == "train"}
        test = [g for g, s in zip(groups, splits, strict=True) if s == "test"]
        tested += len(test)
        leaked += sum(g in train for g in test)
    assert row_wise_leak(groups, [0] * len(groups))["tracks"] == pytest.approx(leaked / tested, abs=0.01)


def test_two_captions_of_one_track_leak_into_one_another() -> None:
    leak = row_wise_leak(["a", "b"], [2, 2])
    assert leak == {"tracks": 0.0, "captions": pytest.approx(0.8)}
    assert row_wise_leak([], []) == {"tracks": 0.0, "captions": 0.0}
