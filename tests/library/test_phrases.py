"""The rule by which captions fall into phrases."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from antiphon.library.phrases import LIST_WORDS, OFTEN, caption_phrases, peoples_phrases, recur
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.texts import normalised_text


@pytest.mark.parametrize(
    ("caption", "phrases"),
    [
        ("country, international, circular, greasy", ["country", "international", "circular", "greasy"]),
        ("rock,pop ;jazz|blues", ["rock", "pop", "jazz", "blues"]),
        ("A sad song. It feels cold!", ["A sad song", "It feels cold"]),
        ("Slow song with tender vocals, a piano and groovy, funky bass. It feels…", None),
        ("a slow piano", []),
        ("Uplifting music.", []),
        ("1,000 guitars, 3.5 drums", ["1,000 guitars", "3.5 drums"]),
        ("The 1,000 guitars of St. Louis feat. Dr. Who, No. 5 and e.g. Vol. 2 of it.", []),
        ("Loud approx. half of it. Then quiet.", ["Loud approx. half of it", "Then quiet"]),
        ("slow jazz. sad piano.", ["slow jazz", "sad piano"]),
        ("Slow jazz. sad piano.", []),
        ("jazz, Jazz, sad", ["jazz", "sad"]),
        ("ジャズ、悲しい。ピアノ", ["ジャズ", "悲しい", "ピアノ"]),
        ("медленно, грустно", ["медленно", "грустно"]),
        ("one\ntwo", ["one", "two"]),
        ("r&b, pop/rock, children's, soft-loud", ["r&b", "pop/rock", "children's", "soft-loud"]),
        (" ... , ; ", []),
        ("", []),
    ],
)
def test_the_rule_by_example(caption: str, phrases: list[str] | None) -> None:
    if phrases is None:
        phrases = ["Slow song with tender vocals, a piano and groovy, funky bass", "It feels"]
    assert caption_phrases(caption) == phrases


SIGNS = st.text(alphabet="ab Cé1,.;!?…|\n、。 &/'", max_size=60)


@settings(max_examples=300, deadline=None)
@example("a, b. A")
@given(SIGNS | st.text(max_size=60))
def test_phrases_are_different_pieces_of_the_caption_in_order(caption: str) -> None:
    found = caption_phrases(caption)
    forms = [normalised_text(phrase) for phrase in found]
    assert len(set(forms)) == len(forms)
    assert normalised_text(caption) not in forms
    where = 0
    for phrase in found:
        assert phrase == phrase.strip()
        assert any(character.isalnum() for character in phrase)
        where = caption.index(phrase, where)


@settings(max_examples=200, deadline=None)
@given(SIGNS)
def test_nothing_that_is_said_gets_lost(caption: str) -> None:
    def letters(text: str) -> str:
        return "".join(filter(str.isalnum, text.casefold()))

    found = {letters(phrase) for phrase in caption_phrases(caption)}
    rest = letters(caption)
    if found:  # what is left after taking out all phrases, each as often as it occurs, is nothing
        pieces = sorted(found, key=len, reverse=True)
        assert _covered(rest, pieces)


def _covered(text: str, pieces: list[str]) -> bool:
    reachable = [True] + [False] * len(text)
    for end in range(1, len(text) + 1):
        reachable[end] = any(end >= len(p) and reachable[end - len(p)] and text[:end].endswith(p) for p in pieces)
    return reachable[-1]


@given(st.lists(st.sampled_from(["slow", "soft rock", "a b c d", "1,000", "R&B"]), min_size=2, max_size=6, unique=True))
def test_a_list_of_short_items_is_its_items(items: list[str]) -> None:
    assert all(len(item.split()) <= LIST_WORDS for item in items)
    assert caption_phrases(", ".join(items)) == items


@pytest.mark.parametrize("run", [".", ". ", " .", "A. ", "e.g. ", ".'", "-", " ", ",", "!? "])
def test_long_runs_of_marks_are_read_in_one_pass(run: str) -> None:
    assert len(caption_phrases("slow" + run * 60_000 + "sad")) <= 2  # with the square of the length it took minutes


def test_peoples_phrases_are_counted_once_for_each_different_caption(tmp_path: Path) -> None:
    texts = ["slow, sad, piano", "sad, drum", "sad, drum", "One piece. It is slow.", "drum"]
    said = [(text, "human") for text in texts] + [("sad, flute", "machine"), ("sad, harp", "tags")]
    tracks = [Track(track_id=f"t{n}", group=f"t{n}", split="") for n in range(len(said))]
    captions = [Caption(caption_id=f"t{n}#0", track_id=f"t{n}", text=t, kind=k) for n, (t, k) in enumerate(said)]
    found = peoples_phrases(save_library(tmp_path, tracks, captions, {}))
    slow: dict[str, set[str]] = {}
    for text in texts:
        for phrase in caption_phrases(text):
            slow.setdefault(phrase, set()).add(text)
    assert dict(found) == {phrase: len(own) for phrase, own in slow.items()}
    assert list(found) == ["slow", "sad", "piano", "drum", "One piece", "It is slow"]


@pytest.mark.parametrize(
    ("captions", "shared"),
    [
        (["rock, slow", "rock, slow, sad", "slow, rock, old", "sad, rock", "sad, old, slow", "old, sad"], True),
        (["A sad song. It feels cold.", "A fast one. It feels warm.", "A song. It feels cold."], False),
        (["a sad song", "a fast one"], False),
        ([], False),
    ],
)
def test_lists_of_tags_share_their_phrases_and_sentences_do_not(captions: list[str], shared: bool) -> None:
    phrases = Counter(phrase for text in captions for phrase in caption_phrases(text))
    mean = sum(phrases.values()) / len(phrases) if phrases else 0
    assert recur(phrases) is (mean >= OFTEN) is shared
