"""What tracks carry: lists, labels, sentences and metadata become the same tags."""

from __future__ import annotations

import pyarrow as pa
import pytest

from antiphon.captions.words.lexicon import music_words
from antiphon.evaluate.typed.terms import Carried, caption_terms, terms_of, words_of
from antiphon.library.files import write_atomically
from antiphon.library.metadata.store import METADATA_FILE, metadata_file
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_vectors import make_library


@pytest.mark.parametrize(
    ("caption", "terms"),
    [
        ("rock, Hip_Hop, guitars", ["rock", "hip-hop", "guitars"]),
        ("hi hat", ["hi hat"]),
        ("Suspenseful orchestral music.", ["suspenseful", "orchestral"]),
        ("A song that nobody described", []),
        ("Pop, rock and a very long walk along the road of last Tuesday", ["pop", "rock"]),
    ],
)
def test_tags_of_a_caption(caption, terms):
    assert caption_terms(caption) == terms


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("piano, without any drums or bass, and a choir", ["piano", "choir"]),
        ("no drums and a loud piano", ["loud", "piano"]),
        ("no vocals", ["instrumental"]),
        ("electric guitar", ["electric guitar"]),
        ("pop, rock", ["pop", "rock"]),
    ],
)
def test_what_is_denied_is_not_carried(caption, words):
    assert music_words(caption) == words


def test_tracks_that_carry_all_of_some_terms():
    carried = Carried((("sad", "piano"), ("sad",), ("piano", "sad", "rain")))
    assert carried.all_of(["sad"]) == {0, 1, 2}
    assert carried.all_of(["piano", "sad"]) == {0, 2}
    assert carried.all_of(["piano", "drums"]) == set()


def test_metadata_and_captions_of_the_same_track_are_put_together(tmp_path):
    library = make_library(tmp_path, train=3, val=0, captions=1)
    ids = library.column("track_id").tolist()
    metadata = pa.table({"track_id": ids, "genre": ["jazz", "rock", "jazz"]})
    write_atomically(tmp_path / METADATA_FILE, metadata_file(metadata))
    opened = Library(tmp_path)
    pairs = load_pairs(opened, "made", "words", "train")
    assert terms_of(opened, pairs).holders["jazz"] == {0, 2}
    assert words_of(pairs).holders["about"] == {0, 1, 2}
