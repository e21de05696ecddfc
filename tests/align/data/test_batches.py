from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.align.data.batches import Captions, batches_per_epoch, epoch_batches, spans

OWNERS = np.array([0, 0, 1, 2, 2, 2, 3, 4])
TEXTS = np.array([0, 1, 1, 2, 3, 0, 4, 4])


def slow_positives(captions: np.ndarray, tracks: np.ndarray, owners: np.ndarray, texts: np.ndarray) -> list[list[int]]:
    """The obvious double loop: a track is right for a caption if any of the track's captions says the same."""
    rows = []
    for caption in captions:
        row = []
        for column, track in enumerate(tracks):
            if any(texts[c] == texts[caption] for c in range(len(owners)) if owners[c] == track):
                row.append(column)
        rows.append(row)
    return rows


def as_lists(positives) -> list[list[int]]:
    pointer, indices = positives.indptr.tolist(), positives.indices.tolist()
    return [indices[a:b] for a, b in pairwise(pointer)]


def test_spans_are_concatenated_ranges() -> None:
    assert spans(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert spans(np.array([], np.int64), np.array([], np.int64)).tolist() == []


def test_tracks_with_identical_text_are_positives_of_one_another() -> None:
    tracks = np.array([0, 1, 3, 4])
    captions = np.array([1, 2, 6, 7])
    found = as_lists(Captions(OWNERS, TEXTS).positives(captions, tracks))
    assert found == [[0, 1], [0, 1], [2, 3], [2, 3]]


def test_a_text_counts_even_if_the_other_track_did_not_bring_it() -> None:
    # track 2 brings "2", but it also carries text 0, which track 0 brings
    found = as_lists(Captions(OWNERS, TEXTS).positives(np.array([0, 3]), np.array([0, 2])))
    assert found == [[0, 1], [1]]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_positives_equal_the_slow_twin(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 9))
    owners = np.array([*range(n), *data.draw(st.lists(st.integers(0, n - 1), max_size=12))])
    owners = owners[np.random.default_rng(data.draw(st.integers(0, 99))).permutation(len(owners))]
    texts = np.array(data.draw(st.lists(st.integers(0, 6), min_size=len(owners), max_size=len(owners))))
    tracks = np.array(sorted(data.draw(st.sets(st.integers(0, n - 1), min_size=1))))
    captions = np.flatnonzero(np.isin(owners, tracks))
    assert as_lists(Captions(owners, texts).positives(captions, tracks)) == slow_positives(
        captions, tracks, owners, texts
    )


def test_an_epoch_visits_every_track_equally_often() -> None:
    captions = Captions(np.repeat(np.arange(50), 3), np.arange(150))
    batches = list(epoch_batches(captions, np.random.default_rng(0), batch_size=16, epoch_steps=6))
    visits = Counter(int(t) for b in batches for t in b.tracks)
    assert len(batches) == 8  # two passes of four: one pass would not make six steps
    assert set(visits.values()) == {2}
    assert {len(b.tracks) for b in batches} == {12, 13}


def test_each_visit_brings_one_caption_of_the_track_and_all_come_up() -> None:
    owners = np.array([1, 0, 1, 2, 1, 0])
    captions = Captions(owners, np.arange(6))
    drawn: Counter[int] = Counter()
    for batch in epoch_batches(captions, np.random.default_rng(0), batch_size=3, epoch_steps=300):
        assert owners[batch.captions].tolist() == batch.tracks.tolist()
        drawn.update(batch.captions.tolist())
    assert drawn[3] == 300
    assert drawn[1] + drawn[5] == 300
    assert min(drawn[0], drawn[2], drawn[4]) > 70


def test_the_same_seed_gives_the_same_batches() -> None:
    captions = Captions(OWNERS, TEXTS)
    runs = [
        [b.captions.tolist() for b in epoch_batches(captions, np.random.default_rng(3), batch_size=2, epoch_steps=9)]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


@pytest.mark.parametrize(("n", "size", "steps", "expected"), [(300, 300, 5, (5, 1)), (5000, 1024, 5, (1, 5))])
def test_batches_per_epoch(n: int, size: int, steps: int, expected: tuple[int, int]) -> None:
    assert batches_per_epoch(n, size, steps) == expected
