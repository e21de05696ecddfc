"""The most doubtful wrong answers come first: those that were planted do."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.evaluate.review.candidates import find_candidates, standing_above
from antiphon.evaluate.review.doubt import RANDOM_PAIRS, Likeness, deviations, doubts
from tests.helpers.evaluated.planted import planted_split

FIRST = 20


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("paraphrase", "other_sound", "least"), [(0.25, 0.0, 1.0), (0.75, 0.0, 1.0), (0.5, 1.0, 0.9)])
def test_captions_said_again_in_other_words_come_first(
    seed: int, paraphrase: float, other_sound: float, least: float
) -> None:
    vectors, planted = planted_split(paraphrase=paraphrase, other_sound=other_sound, seed=seed)
    found = find_candidates(vectors)
    right = [(each.query, each.track_id) in planted for each in found]
    assert np.mean(right[:FIRST]) >= least
    by_score = sorted(found, key=lambda each: each.right_score - each.score)  # what the model alone would put first
    assert np.mean([(each.query, each.track_id) in planted for each in by_score[:FIRST]]) <= 0.2


def test_candidates_fall_in_doubt_each_pair_stands_once_and_none_is_labelled() -> None:
    vectors, _ = planted_split()
    found = find_candidates(vectors)
    assert [each.doubt for each in found] == sorted((each.doubt for each in found), reverse=True)
    assert len({each.key for each in found}) == len(found)
    assert all(each.track_id != each.written_for for each in found)
    assert {way for each in found for way in each.found_by} == {"t2a", "a2t"}


def test_what_was_judged_is_not_shown_again_and_a_limit_keeps_the_first() -> None:
    vectors, _ = planted_split()
    all_of_them = find_candidates(vectors)
    judged = {each.key for each in all_of_them[:5]}
    assert [each.key for each in find_candidates(vectors, judged)] == [each.key for each in all_of_them[5:]]
    assert find_candidates(vectors, limit=3) == all_of_them[:3]


def test_reasons_name_what_is_remarkable() -> None:
    vectors, _ = planted_split(paraphrase=0.1)
    first = find_candidates(vectors)[0]
    assert any(why.startswith("it scores") for why in first.why)
    assert any("sound nearly the same" in why or "says nearly the same" in why for why in first.why)


def test_standing_above_is_what_a_slow_look_at_every_score_finds() -> None:
    rng = np.random.default_rng(0)
    queries, items = rng.normal(size=(40, 5)).astype(np.float32), rng.normal(size=(30, 5)).astype(np.float32)
    own = np.repeat(np.arange(40), 2), rng.permuted(np.tile(np.arange(30), (40, 1)), axis=1)[:, :2].ravel()
    scores = queries @ items.T
    expected = set()
    for query in range(40):
        right = set(own[1][own[0] == query])
        order = [int(item) for item in np.argsort(-scores[query]) if item not in right]
        best = max(scores[query, item] for item in right)
        above = [item for item in order if scores[query, item] >= best][:4]
        expected |= {(query, item) for item in above or order[:1]}
    rows, columns = standing_above(queries, items, own, most=4)
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == expected


def test_nothing_is_found_where_everything_is_right() -> None:
    ones = np.ones((2, 3), np.float32)
    rows, _ = standing_above(ones, ones, (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])))
    assert len(rows) == 0


def test_random_pairs_have_the_doubt_that_the_docstring_says() -> None:
    vectors, _ = planted_split(400, 0)
    likeness = Likeness(vectors, np.arange(400))
    rng = np.random.default_rng(1)
    texts, tracks = rng.integers(400, size=(2, RANDOM_PAIRS))
    doubt = doubts(deviations(likeness.of(texts, tracks), likeness.background()))
    assert 0.4 < doubt.mean() < 0.6
