"""Words of tags, synonyms put together."""

from __future__ import annotations

import numpy as np

from antiphon.captions.sound.reference import tag_reference
from antiphon.captions.sound.vocabulary import WORDS, tags_of_word, word_strengths
from antiphon.encoders._musicnn.tags import TAGS

NAMES = [f"{model}:{tag}" for model, tags in TAGS.items() for tag in tags]


def test_every_tag_says_exactly_one_word_and_every_word_has_a_tag() -> None:
    known = set(NAMES)
    said = [tag for word in WORDS for tag in tags_of_word(word.text) if tag in known]
    assert sorted(said) == sorted(known)
    assert all(known & set(tags_of_word(word.text)) for word in WORDS)
    assert 65 <= len(WORDS) <= 80


def test_no_synonym_is_misspelt() -> None:
    listed = [tag for word in WORDS for tag in tags_of_word(word.text) if len(tags_of_word(word.text)) != 2]
    assert set(listed) <= set(NAMES)


def test_a_words_strength_is_the_mean_of_its_tags() -> None:
    values = np.zeros((2, len(NAMES)), np.float32)
    values[1, NAMES.index("mtt:choir")] = 3.0
    values[1, NAMES.index("mtt:choral")] = 1.0
    known, strengths = word_strengths(NAMES, values)
    assert len(known) == len(WORDS)
    choir = [word.text for word in known].index("choir")
    assert strengths[:, choir].tolist() == [0.0, 2.0]
    assert np.flatnonzero(strengths[1]).tolist() == [choir]


def test_tags_of_another_tagger_say_the_words_that_they_share() -> None:
    known, strengths = word_strengths(["msd:jazz", "other:zither"], np.ones((3, 2), np.float32))
    assert [word.text for word in known] == ["jazz"]
    assert strengths.shape == (3, 1)


def test_the_reference_knows_every_tag_and_has_a_guess_for_others() -> None:
    spread = tag_reference([*NAMES, "other:zither"])
    assert spread.centre.shape == (101,)
    assert len({*zip(spread.centre.tolist(), spread.sigma.tolist(), strict=True)}) > 60
    assert (spread.sigma > 0).all()
