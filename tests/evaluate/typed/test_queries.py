"""Queries as people type them: what is made of a split, what counts as correct, and that nothing is drawn by luck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from antiphon.evaluate.typed.queries import COMMON, Source, make_queries
from antiphon.evaluate.typed.terms import Carried, caption_terms, words_of
from antiphon.library.pairs import Pairs, text_ids
from tests.helpers.libraries.made_vectors import provenance

TEXTS = (
    "sad, jazz, piano", "jazz, piano, drums", "rock, drums, guitar", "rock, guitar", "sad, choir", "techno, synth",
    "A sad piano and a violin that never hurry.", "piano, drums, techno",
)  # fmt: skip


def pairs_of(texts: tuple[str, ...]) -> Pairs:
    n = len(texts)
    names = np.array(texts, dtype=object)
    ids = np.array([f"t{i}" for i in range(n)], dtype=object)
    return Pairs(
        track_ids=ids, audio=np.empty((n, 0), np.float16), caption_ids=ids + "#0", texts=names,
        text=np.zeros((n, 4), np.float16), track_of_caption=np.arange(n), text_id=text_ids(names),
        kinds=np.full(n, "human", dtype=object), audio_provenance=provenance("made", "audio", 4),
        text_provenance=provenance("words", "text", 4), left_out={},
    )  # fmt: skip


def source_of(texts: tuple[str, ...]) -> Source:
    pairs = pairs_of(texts)
    return Source(pairs, Carried(tuple(tuple(caption_terms(text)) for text in texts)), words_of(pairs))


@pytest.fixture(scope="module")
def source() -> Source:
    return source_of(TEXTS)


@pytest.fixture(scope="module")
def made(source):
    return make_queries(source, 100)


def test_every_kind_is_made(made):
    assert {kind: bool(queries) for kind, queries in made.items()} == dict.fromkeys(made, True)


def test_correct_are_all_tracks_that_carry_the_tags_and_only_these(source, made):
    for query in made["tags"]:
        terms = set(query.text.split(", "))
        assert query.correct == {row for row in range(source.n) if terms <= set(source.terms.of_track[row])}


def test_two_words_stand_in_the_captions_of_every_correct_track(source, made):
    for query in made["two_words"]:
        one, two = query.text.split()
        assert query.correct == {row for row, text in enumerate(TEXTS) if one in text and two in text}


def test_an_exclusion_wants_one_tag_without_the_other(source, made):
    holders = source.terms.holders
    for query in made["exclusion"]:
        wanted, unwanted = query.text.split(", no ")
        assert query.plain == wanted
        assert query.correct == holders[wanted] - holders[unwanted]
        assert query.excluded == holders[unwanted]
        assert int(source.pairs.track_of_caption[query.caption]) in query.correct


def test_a_question_asks_for_tags_in_words(made):
    assert all(query.text.endswith("?") for query in made["question"])
    assert {query.correct for query in made["question"]} == {query.correct for query in made["tags"]}


def test_a_query_that_most_tracks_answer_is_no_test():
    same = source_of(("piano, calm", "piano, loud", "piano, odd", "drums, odd"))
    every = [query for queries in make_queries(same, 100).values() for query in queries]
    assert every
    assert all(len(query.correct) <= COMMON * same.n for query in every)


def test_the_same_library_gives_the_same_queries_in_any_order(source):
    turned = source_of(TEXTS[::-1])
    ids = source.pairs.caption_ids[::-1]
    again = Source(replace(turned.pairs, caption_ids=ids), turned.terms, turned.words)
    for kind, queries in make_queries(source, 4).items():
        if kind != "exclusion":  # tags that are as frequent as one another count in the order of the table
            assert sorted(q.text for q in queries) == sorted(q.text for q in make_queries(again, 4)[kind])


def test_no_more_than_asked_for_and_no_text_twice(source):
    for queries in make_queries(source_of(TEXTS * 3), 5).values():
        texts = [query.text for query in queries]
        assert len(texts) <= 5
        assert len(set(texts)) == len(texts)


def test_labels_that_stand_beside_nothing_are_excluded_all_the_same():
    labels = source_of(("flute", "flute", "cello", "cello", "harp"))
    assert {query.text for query in make_queries(labels, 10)["exclusion"]}
