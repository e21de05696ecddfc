"""What a sentence model reads at once."""

from __future__ import annotations

import numpy as np

from antiphon.encoders._sentence.batches import TEXTS, TOKENS, batches


def test_every_text_is_read_once_and_no_batch_is_larger_than_it_may_be() -> None:
    rng = np.random.default_rng(0)
    tokens = [[1] * int(n) for n in rng.integers(1, 500, 300)] + [[1] * (TOKENS + 1)]
    found = list(batches(tokens))
    assert sorted(place for some in found for place in some) == list(range(301))
    for some in found:
        longest = max(len(tokens[place]) for place in some)
        assert len(some) <= TEXTS
        assert len(some) * longest <= TOKENS or len(some) == 1


def test_a_long_text_does_not_stretch_short_ones() -> None:
    tokens = [[1] * 8] * 50 + [[1] * 512]
    assert [len(some) for some in batches(tokens)] == [50, 1]


def test_many_short_texts_fill_whole_batches() -> None:
    assert [len(some) for some in batches([[1] * 12] * (2 * TEXTS + 3))] == [TEXTS, TEXTS, 3]


def test_no_text_is_no_batch() -> None:
    assert list(batches([])) == []
