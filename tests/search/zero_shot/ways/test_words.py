"""Words of queries and of names, and how well they match."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.search.zero_shot.ways.words import WordIndex, query_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Guitars, GUITAR!", ["guitar", "guitar"]),
        ("Beyoncé", ["beyonce"]),
        ("Ёлка под дождём", ["елка", "под", "дождем"]),
        ("夜曲 piano", ["夜", "曲", "piano"]),
        ("bass blues tennis", ["bass", "blue", "tennis"]),
        ("AC/DC 90s", ["ac", "dc", "90s"]),
        ("", []),
    ],
)
def test_words_have_no_case_no_accents_and_no_plural(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_fillers_count_only_where_there_is_nothing_else() -> None:
    assert query_words("some music for a rainy evening, rainy") == ["rainy", "evening"]
    assert query_words("the the") == ["the"]


def slow_match(query: str, fields: list[tuple[float, list[str]]]) -> list[float]:
    """Every word against every field of every item, one by one."""
    n = len(fields[0][1])
    asked = query_words(query)
    rarity = {}
    for word in asked:
        having = sum(any(word in words_of(texts[item]) for _, texts in fields) for item in range(n))
        rarity[word] = math.log1p(n / max(1, having))
    found = []
    for item in range(n):
        score = 0.0
        for word in asked:
            score += rarity[word] * max((w for w, texts in fields if word in words_of(texts[item])), default=0.0)
        found.append(score / (sum(rarity.values()) or 1))
    return found


VOCABULARY = st.lists(st.sampled_from(["piano", "Night", "the", "blues", "jazz", "Cafés"]), max_size=4).map(" ".join)


@given(
    query=VOCABULARY,
    first=st.lists(VOCABULARY, min_size=5, max_size=5),
    second=st.lists(VOCABULARY, min_size=5, max_size=5),
)
def test_a_match_is_the_share_of_the_querys_words_weighted_by_rarity_and_place(
    query: str, first: list[str], second: list[str]
) -> None:
    index = WordIndex(5)
    index.add(enumerate(first), 1.0)
    index.add(enumerate(second), 0.5)
    np.testing.assert_allclose(index.match(query), slow_match(query, [(1.0, first), (0.5, second)]), atol=1e-6)


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    index = WordIndex(4)
    index.add(enumerate(["rock", "rock", "rock", "zydeco"]))
    common, *_, rare = index.match("rock zydeco")
    assert rare > common > 0
