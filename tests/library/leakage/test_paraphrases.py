"""Captions that are nearly the same join tracks; labels, tags and stock phrases do not, and nothing chains."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from antiphon.library.leakage.groups import merge
from antiphon.library.leakage.paraphrases import (
    ALIKE,
    MAX_GROUPS,
    alike,
    alike_pairs,
    content_words,
    is_sentence,
    lexical_joins,
    likeness,
    words_of,
)
from antiphon.texts import normalised_text

WORDS = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in "rstvz"]


def sentences(n: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    found: list[str] = []
    for i in range(n):
        if i % 4 == 3:
            words = found[-1].split()
            words[rng.randrange(len(words))] = rng.choice(WORDS)
            found.append(" ".join(words))
        else:
            found.append(" ".join(rng.choice(WORDS) for _ in range(rng.randint(7, 14))))
    return found


def groups_of(texts: list[str]) -> list[str]:
    ids = [str(i) for i in range(len(texts))]
    return merge(ids, ids, lexical_joins(ids, texts, ids).joins)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cello", False),
        ("happy funky pop music", False),
        ("jazz, bright, elegant, warm, slow, calm, late night", False),
        ("A slow sad piano piece in a minor key", True),
        ("electronic; drum and bass; nervous; dark; fast; loud", False),
        ("静かなピアノ曲", False),
        ("夜の街を歩くような静かで悲しいピアノの曲です", True),
        ("", False),
    ],
)
def test_what_is_a_sentence(text: str, sentence: bool) -> None:
    assert is_sentence(text) == sentence


def test_words_are_case_folded_and_apostrophes_kept() -> None:
    assert words_of("The 70's, ROCK’s best!") == ["the", "70's", "rock's", "best"]
    assert content_words("a song of the like") == ["a", "song", "of", "the", "like"]


def test_one_word_exchanged_is_a_paraphrase() -> None:
    texts = [
        "A mid-tempo R&B song featuring a catchy hook with smooth male vocals.",
        "A mid-tempo R&B song featuring a catchy hook with smooth female vocals.",
        "A fast, complicated, technical song that sounds like a video game boss battle.",
    ]
    found = lexical_joins(["a", "b", "c"], texts, ["a", "b", "c"])
    assert [(j.a, j.b, j.reason) for j in found.joins] == [("a", "b", "paraphrased caption")]
    assert "female" in found.joins[0].evidence


def test_different_descriptions_in_the_same_stock_words_stay_apart() -> None:
    texts = [
        "Song that sounds like rock music from the 70's, with bass, drum, guitar and vocals.",
        "Song that sounds like pop dance music from the 70's, with female vocals.",
    ]
    assert likeness(*texts) < ALIKE
    assert not lexical_joins(["a", "b"], texts, ["a", "b"]).joins


def test_the_same_sentence_joins_and_the_same_label_does_not() -> None:
    texts = ["A flute plays a salsa in the rain", "a flute plays a salsa  in the rain", "cello", "cello"]
    found = lexical_joins(list("abcd"), texts, list("abcd"))
    assert [(j.a, j.b, j.reason) for j in found.joins] == [("a", "b", "identical caption")]


def test_tracks_of_one_group_need_no_join() -> None:
    text = "A flute plays a salsa in the rain"
    assert not lexical_joins(["a", "b"], [text, text], ["g", "g"]).joins


@pytest.mark.parametrize("at_once", [100, 1 << 20])
def test_fast_search_agrees_with_all_pairs(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "SORTED_AT_ONCE", at_once)  # runs in many blocks, or in one
    keys = [normalised_text(text) for text in sentences(200, seed=1)]
    pairs, scores = alike_pairs(keys)
    slow = {
        (i, j): likeness(keys[i], keys[j])
        for i, j in itertools.combinations(range(len(keys)), 2)
        if likeness(keys[i], keys[j]) >= ALIKE
    }
    assert {(i, j): pytest.approx(s) for (i, j), s in zip(pairs.tolist(), scores, strict=True)} == slow
    assert len(slow) >= 45


def test_a_sentence_that_many_groups_share_is_a_description_not_a_leak() -> None:
    texts = ["this is a recording of an acoustic guitar"] * (MAX_GROUPS + 1)
    ids = [str(i) for i in range(len(texts))]
    found = lexical_joins(ids, texts, ids)
    assert not found.joins
    assert found.classes == [(texts[0], MAX_GROUPS + 1)]


@pytest.mark.parametrize("n", [100, 300, 600, 2000])
def test_sentences_of_a_grammar_do_not_chain(n: int) -> None:
    rng = random.Random(n)
    slots = [
        ["slow", "fast", "mid-tempo", "driving"],
        ["sad", "happy", "calm", "angry", "dreamy"],
        ["piano", "guitar", "violin", "synth", "flute", "organ"],
        ["minor", "major"],
        ["soft strings", "a steady beat", "heavy drums", "a walking bass", "a drone"],
    ]
    texts = ["a {} {} {} piece in a {} key with {}".format(*(rng.choice(s) for s in slots)) for _ in range(n)]
    assert max(Counter(groups_of(texts)).values()) <= MAX_GROUPS


def test_a_chain_of_small_changes_does_not_become_one_group() -> None:
    words = [f"word{i}" for i in range(200)]
    texts = [" ".join(words[i : i + 12]) for i in range(100)]  # each overlaps the next by eleven of twelve
    assert max(Counter(groups_of(texts)).values()) < 12


def test_tracks_with_several_captions_do_not_chain() -> None:
    rng = random.Random(0)
    base = [" ".join(rng.choice(WORDS) for _ in range(10)) for _ in range(200)]
    track_ids = [str(i + half) for i in range(200) for half in (0, 1)]  # caption i stands on tracks i and i + 1
    texts = [text for text in base for _ in (0, 1)]
    found = lexical_joins(track_ids, texts, track_ids)
    names = sorted(set(track_ids))
    assert max(Counter(merge(names, names, found.joins)).values()) <= MAX_GROUPS
    assert found.refused > 0


def test_nothing_to_compare() -> None:
    assert lexical_joins([], [], []).joins == []
    assert lexical_joins(["a"], ["cello"], ["a"]).sentences == 0
