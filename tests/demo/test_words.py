"""The demo's captions: natural, varied, and true to the recipe."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from antiphon.demo.catalogue import make_catalogue
from antiphon.demo.language.lexicon import WORDS
from antiphon.demo.language.lexicon_players import INSTRUMENTS, PLAYERS
from antiphon.demo.language.moods import MOODS, SCENES, moods_of
from antiphon.demo.language.words import WEIGHTS, facts_of, write_captions
from antiphon.demo.recipe import NOTE_NAMES, PieceRecipe
from antiphon.library.leakage.paraphrases import lexical_joins
from antiphon.texts import normalised_text

CATALOGUE = make_catalogue(640, 0)
CAPTIONS = [write_captions(p.recipe, np.random.default_rng([0, p.number, 4])) for p in CATALOGUE]
PAIRS = [(p.recipe, text) for p, texts in zip(CATALOGUE, CAPTIONS, strict=True) for text in texts]


def holders(pattern: str) -> list[PieceRecipe]:
    found = [recipe for recipe, text in PAIRS if re.search(pattern, text, re.IGNORECASE)]
    assert found, pattern
    return found


@pytest.mark.parametrize(
    ("pattern", "axis", "value"),
    [
        (r"vinyl|lo-fi|old radio", "colour", "lo-fi"),
        (r"mellow|treble rolled off", "colour", "warm"),
        (r"four-on-the-floor|house (beat|drums)", "groove", "four on the floor"),
        (r"conga", "groove", "latin"),
        (r"\btom-toms|pounding toms", "groove", "tom-toms"),
        (r"huge echoing hall|cathedral|drenched", "space", "hall"),
        (r"no reverb|close-miked", "space", "dry"),
        (r"crescendo|louder and louder", "dynamics", "swelling"),
        (r"diminuendo|softer and softer", "dynamics", "fading"),
        (r"staccato|clipped", "articulation", "staccato"),
        (r"legato", "articulation", "legato"),
        (r"unaccompanied", "texture", "solo"),
        (r"\bdrone\b", "texture", "drone"),
        (r"at a crawl|adagio|\bunhurried", "tempo", "slow"),
        (r"presto|races ahead|\brapid\b(?! running)", "tempo", "fast"),
        (r"phrygian", "mode", "phrygian"),
        (r"in a minor key|minor-key", "mode", "minor"),
        (r"in a major key|major-key", "mode", "major"),
        (r"sparse|minimal|uncluttered", "density", "sparse"),
        (r"thick and fast|flood of notes", "density", "busy"),
        (r"climb|ascending", "contour", "rising"),
        (r"deep in the low register", "register", "low"),
    ],
)
def test_a_word_is_only_said_of_pieces_that_have_what_it_names(pattern: str, axis: str, value: str) -> None:
    assert {getattr(recipe, axis) for recipe in holders(pattern)} == {value}


def test_waltzes_are_in_three() -> None:
    assert {recipe.metre for recipe in holders(r"waltz|three-four|3/4")} == {3}


def test_instruments_that_are_named_play() -> None:
    names = {n.lstrip("*"): key for key, line in INSTRUMENTS.items() for n in line.split("|")}
    pattern = re.compile("|".join(rf"\b{re.escape(n)}\b" for n in sorted(names, key=len, reverse=True)), re.IGNORECASE)
    by_lower = {name.lower(): key for name, key in names.items()}
    mentioned = 0
    for recipe, text in PAIRS:
        for name in pattern.findall(text):
            mentioned += 1
            assert by_lower[name.lower()] in (recipe.lead, recipe.backing), (name, text)
    assert mentioned > 0.9 * len(PAIRS)


def test_a_named_key_is_the_key_that_sounds() -> None:
    names = "|".join(sorted(NOTE_NAMES, key=len, reverse=True))
    seen = 0
    for recipe, text in PAIRS:
        for note in re.findall(rf"\bin ({names})(?: major| minor| dorian| phrygian)", text):
            assert NOTE_NAMES[(recipe.tonic + recipe.transpose) % 12] == note
            seen += 1
    assert seen > 50


def test_a_named_pace_is_within_three_beats_a_minute() -> None:
    found = [
        (r.bpm, int(n))
        for r, text in PAIRS
        for n in re.findall(r"(?:around|about|near) (\d+)|(\d+) bpm", text)[0:1]
        for n in n
        if n
    ]
    assert len(found) > 40
    assert all(abs(bpm - said) <= 2.6 for bpm, said in found)


def test_moods_follow_from_tempo_and_mode() -> None:
    for piece in CATALOGUE:
        recipe, moods = piece.recipe, moods_of(piece.recipe)
        assert set(moods) <= set(MOODS)
        if "sad" in moods:
            assert (recipe.tempo, recipe.minor_third) == ("slow", True)
        if "happy" in moods:
            assert (recipe.tempo, recipe.minor_third) == ("fast", False)


def test_every_mood_has_scenes_and_every_attribute_can_be_said_in_any_long_place() -> None:
    assert set(SCENES) == set(MOODS)
    for wording in (WORDS | PLAYERS | MOODS).values():
        assert wording.options("phrases")
        assert wording.options("sentences")
        assert wording.options("tags")


def test_every_axis_is_said_and_every_wording_can_occur() -> None:
    values = {(fact.axis, fact.value) for p in CATALOGUE for fact in facts_of(p.recipe, np.random.default_rng(0))}
    assert {axis for axis, _ in values} == set(WEIGHTS)
    # Middle values (a medium density, a steady loudness) are the ones that nobody would mention.
    assert {f"{axis}:{value}" for axis, value in values if axis != "mood"} == set(WORDS | PLAYERS)


def test_captions_are_clean_english() -> None:
    for _, text in PAIRS:
        assert not re.search(r"[{}@|*]|  |\.\.|,,| ,| \.", text), text
        assert not re.search(r"\ba [aeiou8]|\ban [^aeiou8\W]", text, re.IGNORECASE), text
        assert re.match(r"[A-Z0-9a-z]", text)
        if ". " in text or text.endswith("."):
            assert not text[0].islower(), text


def test_pieces_have_one_to_three_captions_and_two_on_average() -> None:
    counts = Counter(len(texts) for texts in CAPTIONS)
    assert set(counts) == {1, 2, 3}
    assert 1.85 < np.mean([len(texts) for texts in CAPTIONS]) < 2.15
    assert all(len(set(texts)) == len(texts) for texts in CAPTIONS)


def test_captions_are_varied_and_few_are_shared_verbatim() -> None:
    texts = [normalised_text(text) for _, text in PAIRS]
    assert len(set(texts)) > 0.97 * len(texts)
    assert len({word for text in texts for word in text.split()}) > 500
    assert 10 < np.mean([len(text.split()) for text in texts]) < 25


def test_captions_leave_the_library_in_many_groups() -> None:
    rows = [(p.track_id, t, p.artist) for p, texts in zip(CATALOGUE, CAPTIONS, strict=True) for t in texts]
    ids, texts, artists = zip(*rows, strict=True)
    found = lexical_joins(ids, texts, artists)
    assert len(found.joins) < 40
    assert not found.classes


def test_the_same_recipe_and_seed_give_the_same_captions() -> None:
    recipe = CATALOGUE[0].recipe
    first, second = (write_captions(recipe, np.random.default_rng(9)) for _ in range(2))
    assert first == second
    assert len({write_captions(recipe, np.random.default_rng(seed))[0] for seed in range(200)}) > 180
