"""Identical texts share a number, as a dictionary of normalised texts would number them."""

from __future__ import annotations

import random

from antiphon.library.leakage.identical_texts import distinct_texts
from antiphon.texts import normalised_text


def test_it_numbers_as_a_dictionary_does() -> None:
    rng = random.Random(0)
    texts = [
        f"{rng.choice(['Slow', 'slow', 'fast'])} {rng.choice(['piano', ' PIANO', 'ｐｉａｎｏ'])} {i % 7}"
        for i in range(300)
    ]
    numbers: dict[str, int] = {}
    slow = [numbers.setdefault(normalised_text(text), len(numbers)) for text in texts]
    found = distinct_texts(texts)
    assert found.number.tolist() == slow
    assert found.first.tolist() == [slow.index(number) for number in range(len(numbers))]
    assert found.counts.tolist() == [slow.count(number) for number in range(len(numbers))]


def test_no_text_and_half_a_character() -> None:
    assert distinct_texts([]).number.tolist() == []
    assert distinct_texts(["\ud800", "", "\ud800"]).number.tolist() == [0, 1, 0]
