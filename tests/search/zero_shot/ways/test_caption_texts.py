"""Captions against queries: by their vectors, and by their words."""

from pathlib import Path

import numpy as np
import pytest

from antiphon.library.captions import CaptionKind
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.library.vectors.store import Row, VectorWriter
from antiphon.library.vectors.texts import text_signature
from antiphon.search.zero_shot.ways.caption_texts import CaptionVectors, CaptionWords
from antiphon.search.zero_shot.ways.query_reader import QueryReader
from antiphon.search.zero_shot.ways.way import MOST, in_spreads
from tests.helpers.libraries.made_vectors import provenance

CAPTIONS: list[tuple[str, str, CaptionKind]] = [
    ("a", "slow piano", "human"),
    ("a", "fast drums", "human"),
    ("b", "loud guitar", "human"),
    ("c", "soft harp", "machine"),
]


class Reads:
    """A text encoder that knows one query."""

    def __init__(self, vector: list[float]) -> None:
        self.card = None
        self.weights_id = "none"
        self._vector = vector

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([self._vector for _ in texts], np.float32)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Tracks a, b, c and d; d has no caption."""
    tracks = [Track(track_id=t, group=t, split="train") for t in "abcd"]
    captions = [
        Caption(caption_id=f"{track}#{n}", track_id=track, text=text, kind=kind)
        for n, (track, text, kind) in enumerate(CAPTIONS)
    ]
    return save_library(tmp_path, tracks, captions, {})


def write_texts(library: Library, vectors: dict[str, list[float]], *, other: str = "") -> None:
    """Vectors of the captions; that of caption ``other`` was made of a text that it no longer has."""
    texts = dict(zip(library.caption_column("caption_id"), library.caption_column("text"), strict=True))
    rows = [Row(i, "ok", "", text_signature("another text" if i == other else texts[i])) for i in vectors]
    with VectorWriter(library.embedding_folder("text", "words"), provenance("words", "text", 2)) as writer:
        writer.write(rows, np.array(list(vectors.values())))


def by_vectors(library: Library, kind: CaptionKind, monkeypatch: pytest.MonkeyPatch) -> CaptionVectors:
    """The way, with a reader whose queries are all [1, 0]."""
    monkeypatch.setattr(
        "antiphon.search.zero_shot.ways.query_reader.load_text_encoder", lambda wanted: Reads([2.0, 0.0])
    )
    return CaptionVectors(library, kind, open_embedding(library, "text", "words"), QueryReader())


def test_a_track_scores_as_its_best_caption(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    write_texts(library, {"a#0": [3, 4], "a#1": [0, 1], "b#2": [4, 3], "c#3": [1, 0]})
    way = by_vectors(library, "human", monkeypatch)
    expected = in_spreads(np.array([0.6, 0.8, np.nan, np.nan]))
    np.testing.assert_allclose(way.scores("anything"), expected, atol=2e-3)
    assert way.known.tolist() == [True, True, False, False]


def test_kinds_are_ways_of_their_own(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    write_texts(library, {"a#0": [3, 4], "c#3": [1, 0]})
    way = by_vectors(library, "machine", monkeypatch)
    assert way.known.tolist() == [False, False, True, False]
    assert way.name == "machine captions"


def test_a_vector_of_another_text_takes_no_part(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    write_texts(library, {"a#0": [1, 0], "b#2": [1, 0]}, other="a#0")
    assert by_vectors(library, "human", monkeypatch).known.tolist() == [False, True, False, False]


def test_a_damaged_vector_takes_no_part(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    write_texts(library, {"a#0": [1, 0], "b#2": [1, 0]})
    stored = np.load(library.embedding_folder("text", "words") / "vectors.npy", mmap_mode="r+")
    stored[0] = np.nan
    stored.flush()
    assert by_vectors(library, "human", monkeypatch).known.tolist() == [False, True, False, False]


def test_without_vectors_captions_match_by_their_words(library: Library) -> None:
    way = CaptionWords(library, "human")
    found = way.scores("some piano, slow")
    assert found[0] == MOST
    assert np.isnan(found[1:]).all()
    assert way.known.tolist() == [True, True, False, False]
