"""Figures of what people type: equal to a plain loop, and true of spaces whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.evaluate.typed.lines import typed_lines
from antiphon.evaluate.typed.measure import FEWEST, MOST, affordable, figures_of_queries
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.metrics.retrieval import chance
from tests.evaluate.typed.test_queries import pairs_of
from tests.helpers.evaluated.in_use import TAGS


def read_tags(texts):
    """A vector a text: one number a tag that is named; what is denied counts like what is wanted."""
    found = np.array([[float(tag in text) for tag in TAGS] for text in texts], np.float32)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    """Forty tracks of two tags each, whose audio is what their captions say."""
    root = tmp_path_factory.mktemp("typed")
    texts = tuple(f"{TAGS[i % 10]}, {TAGS[(i // 10 + i + 1) % 10]}" for i in range(40))
    pairs = pairs_of(texts)
    tracks = [Track(track_id=t, group=t, split="test") for t in pairs.track_ids]
    captions = [
        Caption(caption_id=f"{t}#0", track_id=t, text=text) for t, text in zip(pairs.track_ids, texts, strict=True)
    ]
    save_library(root, tracks, captions, {})
    vectors = read_tags(texts)
    return Library(root), SplitVectors(text=vectors, audio=vectors, pairs=pairs, clusters=np.arange(40), raw=None)


@pytest.fixture(scope="module")
def found(split):
    return figures_of_queries(*split, read_tags, resamples=200)


def test_a_reader_of_tags_loses_nothing_by_tags(found):
    tags = found["kinds"]["tags"]
    assert tags["MRR"] == 1
    assert tags["as_caption"]["MRR"] == 1
    assert tags["as_caption"]["share"] == tags["as_caption"]["difference"] == 0


def test_chance_is_that_of_as_many_correct_tracks(split, found):
    tags = found["kinds"]["tags"]
    assert tags["n_queries"] == len(set(split[1].pairs.texts))
    counts = np.array([(split[1].pairs.texts == text).sum() for text in set(split[1].pairs.texts)])
    assert tags["chance"]["MRR"] == pytest.approx(chance(40, counts)["MRR"])


def test_who_does_not_read_no_finds_more_of_what_was_excluded(split, found):
    excluded = found["kinds"]["exclusion"]["excluded"]
    assert excluded["plain"] < excluded["share"] <= 1
    assert excluded["ci95"][0] > 0

    def read_no(texts):
        signed = [[float(tag in text) * (1 - 2 * (f"no {tag}" in text)) for tag in TAGS] for text in texts]
        return np.array(signed, np.float32)

    better = figures_of_queries(*split, read_no, resamples=200)["kinds"]["exclusion"]["excluded"]
    assert better["share"] < 0.05  # where fewer than ten tracks are left, some of the excluded fill the ten
    assert better["plain"] == excluded["plain"]


def test_who_is_lost_without_a_sentence_is_found_out(split):
    library, vectors = split
    rng = np.random.default_rng(0)
    noisy = figures_of_queries(library, vectors, lambda texts: rng.normal(size=(len(texts), 10)).astype(np.float32))
    beside = noisy["kinds"]["tags"]["as_caption"]
    assert beside["share"] < -0.3
    assert beside["ci95"][1] < 0


def test_the_table_says_what_was_asked_and_what_counts(found):
    lines = typed_lines(found)
    text = "\n".join(lines)
    assert max(map(len, lines[:6])) <= 80
    for word in (
        "whole caption",
        "tags",
        "two words",
        "question",
        "exclusion",
        "every track that carries all",
        "by chance",
    ):
        assert word in text


def test_what_cannot_be_made_or_read_is_said(split):
    library, vectors = split
    silent = replace(vectors.pairs, texts=np.array([f"x{i}y" for i in range(40)], dtype=object))
    library = Library(library.root)
    found = figures_of_queries(library, replace(vectors, pairs=silent), read_tags, resamples=0)
    assert found["kinds"]["two_words"]["n_queries"] == 0
    assert any("no such query" in line for line in typed_lines(found))
    assert typed_lines({"missing": "it was imported."}) == [
        "No table of what people type (tags, two words, a question): it was imported."
    ]
    assert typed_lines(None) == []


def test_a_slow_text_encoder_is_asked_less():
    assert affordable(0) == affordable(7) == MOST
    assert FEWEST < affordable(45) < MOST
    assert affordable(5000) == FEWEST
