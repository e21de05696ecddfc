"""Tags that were heard, matched to words."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from antiphon.arrays import unit_length
from antiphon.library.tag_strengths import TagStrengths
from antiphon.library.tracks import Library
from antiphon.search.zero_shot.ways.sound_tags import RIDGE, Meaning, SoundTags, pieces_of
from tests.helpers.libraries.plain import plain_library

TAGS = ("mtt:piano", "mtt:guitar", "mtt:drums", "msd:jazz", "mtt:slow")


class Letters:
    """A text encoder that counts letters: alike words are alike."""

    weights_id = "none"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[text.casefold().count(chr(c)) + 1e-3 for c in range(97, 123)] for text in texts], np.float32)


def tags(ids: Sequence[str], logits: np.ndarray) -> TagStrengths:
    return TagStrengths(track_ids=np.array(ids, object), names=TAGS, logits=np.asarray(logits, np.float32))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Five tracks, of which d was not heard."""
    return plain_library(tmp_path, dict.fromkeys("abcde", "train"))


HEARD = tags(
    ["e", "a", "b", "c", "gone"],
    [[0, 0, 0, 0, 0], [5, 0, 0, 0, 0], [0, 5, 0, 0, 0], [0, 0, 5, 5, 0], [9, 9, 9, 9, 9]],
)


@pytest.mark.parametrize("encoder", [None, Letters()])
@pytest.mark.parametrize(("query", "track"), [("a piano", "a"), ("some guitar music", "b"), ("jazz with drums", "c")])
def test_the_track_in_which_a_word_was_heard_comes_first(
    library: Library, encoder: Letters | None, query: str, track: str
) -> None:
    found = SoundTags(library, HEARD, encoder).scores(query)  # type: ignore[arg-type]
    assert library.column("track_id")[np.nanargmax(found)] == track


def test_tracks_that_were_not_heard_and_tags_of_tracks_that_left_take_no_part(library: Library) -> None:
    way = SoundTags(library, HEARD, None)
    assert way.known.tolist() == [True, True, True, False, True]
    assert np.isnan(way.scores("piano")[3])
    assert np.nanmean(way.scores("piano")) == pytest.approx(0, abs=1e-6)


def test_numbers_that_are_none_take_no_part(library: Library) -> None:
    logits = HEARD.logits.copy()
    logits[1, 2] = np.nan
    assert SoundTags(library, tags(HEARD.track_ids.tolist(), logits), None).known.tolist()[0] is False


def test_a_library_of_one_track_answers(library: Library) -> None:
    found = SoundTags(library, tags(["a"], np.ones((1, 5))), Letters()).scores("piano")  # type: ignore[arg-type]
    assert found[0] == 0.0


def test_a_library_that_nothing_was_heard_of_has_no_such_way(library: Library) -> None:
    assert not SoundTags(library, tags([], np.empty((0, 5))), Letters()).known.any()  # type: ignore[arg-type]


def test_meaning_is_the_cosine_of_whitened_sums_of_word_vectors() -> None:
    """The slow way: a text vector for each track, their covariance, its inverse root, cosines."""
    rng = np.random.default_rng(0)
    words = unit_length(rng.normal(size=(7, 10)))
    strengths = rng.normal(size=(30, 7)).astype(np.float32)
    query = unit_length(rng.normal(size=(1, 10)))[0]
    texts = strengths @ (words - words.mean(axis=0))
    texts = texts - texts.mean(axis=0)
    variances, axes = np.linalg.eigh(texts.T @ texts / len(texts))
    root = axes @ np.diag((np.maximum(variances, 0) + RIDGE * variances[-1]) ** -0.5) @ axes.T
    expected = [
        (text @ root)
        @ (root @ (query - words.mean(axis=0)))
        / np.linalg.norm(text @ root)
        / np.linalg.norm(root @ (query - words.mean(axis=0)))
        for text in texts
    ]
    np.testing.assert_allclose(Meaning(words, strengths).scores(query), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("A calm piano, for evenings!", ["calm", "piano", "evenings", "calm piano"]),
        ("hip-hop", ["hip-hop"]),
        ("the the", ["the the"]),
        ("drum 'n' bass", ["drum", "n", "bass", "drum n", "n bass"]),
    ],
)
def test_pieces_are_words_and_pairs_without_fillers_at_their_ends(text: str, pieces: list[str]) -> None:
    assert pieces_of(text) == pieces
