"""What a training was given: each illness planted, each measurement against its slow twin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from antiphon.arrays import unit_length
from antiphon.evaluate.doctor.examinations.pairs import PairFigures, near_twins, negatives, shift, still_numbers
from antiphon.evaluate.doctor.examinations.space import measure_space
from antiphon.evaluate.doctor.rules.vectors import FAR
from tests.helpers.evaluated.made_course import found, healthy, one

WELL = PairFigures(
    still=0, size=100, text_rank=40.0, audio_rank=40.0, shift=1.0, text_shift=1.0, twins=0.0, shown=(), fewest=200
)


def test_still_numbers_are_counted():
    rows = np.random.default_rng(0).standard_normal((20, 6))
    rows[:, [1, 4]] = 3.0
    assert still_numbers(rows) == 2
    assert one(healthy(pairs=replace(WELL, still=33)), "33 of 100 numbers").severity == "warning"


def test_splits_of_one_source_are_about_one_apart_and_moved_ones_are_far():
    rng = np.random.default_rng(0)
    train, val = rng.standard_normal((2000, 40)), rng.standard_normal((60, 40))
    each = np.arange(2000), 2000 + np.arange(60)
    assert shift(train, val, *each) == pytest.approx(1.0, abs=0.3)
    assert shift(train, val + 1.0, *each) > 4
    assert one(healthy(pairs=replace(WELL, shift=9.0)), "lie elsewhere").severity == "warning"
    assert not found(healthy(pairs=replace(WELL, shift=1.4)), "lie elsewhere")
    assert one(healthy(pairs=replace(WELL, text_shift=9.0)), "captions' vectors lie elsewhere").severity == "warning"


@pytest.mark.parametrize("n_groups", [1, 2, 12])
@pytest.mark.parametrize("causes", [1, 3, 40])
def test_few_artists_are_not_called_another_source_whatever_columns_share(n_groups, causes):
    """Artists differ, and many columns say the same: one artist's mean is then far away in all of them at once."""
    rng = np.random.default_rng(n_groups)
    artists = rng.standard_t(3, size=(200 + n_groups, causes)) @ rng.standard_normal((causes, 40))
    songs = np.repeat(artists, 10, axis=0) + 0.2 * rng.standard_normal((10 * len(artists), 40))
    group = np.repeat(np.arange(len(artists)), 10)
    train, val = group < 200, group >= 200
    assert shift(songs[train], songs[val], group[train], group[val]) < FAR
    elsewhere = songs[val] + 25 * songs.std(0)
    assert shift(songs[train], elsewhere, group[train], group[val]) > FAR


def test_of_few_training_groups_it_is_not_said_what_is_usual():
    rng = np.random.default_rng(0)
    train, val = rng.standard_normal((40, 5)), 9 + rng.standard_normal((10, 5))
    assert shift(train, val, np.arange(40) % 4, np.full(10, 7)) == 0


def test_near_twins_are_found_on_other_tracks_only_and_equal_texts_are_none():
    rng = np.random.default_rng(0)
    text = rng.standard_normal((5, 32)).astype(np.float32)
    text[1] = text[0] + 0.01  # the same track
    text[3] = text[2] + 0.01  # another track: a twin
    text = np.concatenate([text, text[4:]])  # equal words on another track
    words = ["a", "b", "c", "d", "e", "e"]
    share, shown = near_twins(text, words, np.array([0, 0, 1, 2, 3, 4]), np.array([0, 1, 2, 3, 4, 4]))
    assert share == pytest.approx(2 / 6)
    assert [set(pair) for pair in shown] == [{"c", "d"}]
    note = one(healthy(pairs=replace(WELL, twins=0.4, shown=shown)), "40% of training captions have a near twin")
    assert "“c” and “d”" in note.evidence or "“d” and “c”" in note.evidence
    assert note.command.startswith("antiphon review --split train")


def test_negatives_of_a_step_are_what_a_batch_leaves():
    rng = np.random.default_rng(0)
    text_id = np.repeat(np.arange(10), 30)  # ten captions, each on thirty tracks
    tracks = np.arange(300)
    slow = []
    for _ in range(300):
        batch = rng.choice(300, 64, replace=False)
        slow.append(sum(text_id[batch[0]] != text_id[other] for other in batch[1:]))
    assert negatives(64, 300, text_id, tracks) == pytest.approx(np.mean(slow), abs=1.5)
    assert one(healthy(pairs=replace(WELL, fewest=4)), "only about 4 other tracks").severity == "warning"


def test_healthy_pairs_have_no_finding():
    ids = {f.id for f in found(healthy(pairs=WELL), "")}
    assert not ids & {"dead-features", "shifted", "false-negatives", "few-negatives"}


def test_a_val_of_another_source_is_told_once_with_what_became_of_it_in_the_shared_space():
    rng = np.random.default_rng(0)
    text, audio = (unit_length(rng.normal(size=(80, 16)).astype(np.float32)) for _ in range(2))
    audio = unit_length(audio + 4 * np.eye(16, dtype=np.float32)[:1])
    elsewhere = healthy(pairs=replace(WELL, shift=5.0), space=measure_space(text, audio, np.arange(80)))
    told = one(elsewhere, "lie elsewhere than those of training")
    assert told.evidence.endswith("; val's tracks lie close together in a corner of the space")
    assert not found(elsewhere, "Val's tracks lie close together")


def test_vectors_on_a_line_are_a_problem_that_stands_for_what_comes_of_it():
    narrow = healthy(pairs=replace(WELL, text_rank=1.2))
    assert "training captions' vectors" in one(narrow, "hardly more than a line").title


@pytest.mark.parametrize(
    ("n_train", "rank", "ill"), [(4, 2.9, False), (2, 1.0, False), (4, 1.2, True), (400, 2.9, True)]
)
def test_few_tracks_have_few_directions_without_lying_on_a_line(n_train, rank, ill):
    case = replace(healthy(pairs=replace(WELL, text_rank=rank)), n_train=n_train)
    assert any(f.id == "narrow-vectors" for f in found(case, "")) == ill
