"""What stands before a caption and before a query, on every path, against sentence-transformers itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import antiphon
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.sealed import MANIFEST
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.api.loading import load
from antiphon.arrays import Float32, unit_length
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.search.bundle.sealing import seal_checkpoint
from antiphon.search.light.opening import light_searcher
from antiphon.search.light.preparing import prepare
from antiphon.search.light.text_side import sealed_text_side
from antiphon.search.searcher import Searcher
from antiphon.search.zero_shot.ways.query_reader import QueryReader
from tests.helpers.encoders.tiny_sentence_model import make_described_library, save_sentence_model

QUERIES = ["slow sad piano", "drums", "words about t003"]
CAPTION, QUERY = "words ", "about "
Read = Callable[[list[str]], Float32]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_sentence_model(tmp_path_factory.mktemp("model"))
    path = folder / "config_sentence_transformers.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**settings, "prompts": {"passage": CAPTION, "query": QUERY}}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def by_hand(model: Path) -> Read:
    """Texts as they stand, read by sentence-transformers one by one, unit length."""
    from sentence_transformers import SentenceTransformer

    made = SentenceTransformer(str(model), device="cpu")
    return lambda texts: unit_length(np.concatenate([made.encode([text], prompt="") for text in texts]))


@pytest.fixture(scope="module")
def library(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("lib") / "lib"
    text = make_described_library(root, model)
    train(root, "made", text=text, name="made", config=TrainConfig(epochs=1, dim=16, hubness="always"))
    prepare(Searcher(root, root / "checkpoints" / "made_best_r1.pt"))
    return root


@pytest.fixture(scope="module")
def asked(library: Path, by_hand: Read) -> Float32:
    """The queries in the trained space, with what stood before the captions that the heads learned from."""
    bundle = Bundle.load(library / "checkpoints" / "made_best_r1.pt")
    return bundle.embed_text(by_hand([CAPTION + query for query in QUERIES]))


def test_captions_are_stored_as_passages(library: Path, by_hand: Read) -> None:
    pairs = load_pairs(Library(library), "made", "tiny-words", "train")
    expected = by_hand([CAPTION + text for text in pairs.texts])
    np.testing.assert_allclose(unit_length(np.asarray(pairs.text, np.float32)), expected, atol=2e-3)  # half precision


def test_a_search_before_any_training_compares_the_query_as_a_query(library: Path, by_hand: Read) -> None:
    folder = library / "embeddings" / "text" / "tiny-words"
    for _ in range(2):  # by torch, and then by the graph that this prepared
        reader = QueryReader()
        read = np.stack([reader.vector(open_vectors(folder).provenance, query) for query in QUERIES])
        np.testing.assert_allclose(read, by_hand([QUERY + query for query in QUERIES]), atol=1e-4)


def test_a_trained_search_reads_the_query_as_it_read_captions(library: Path, asked: Float32) -> None:
    checkpoint = library / "checkpoints" / "made_best_r1.pt"
    np.testing.assert_allclose(Searcher(library, checkpoint).model.embed_text(QUERIES), asked, atol=1e-5)
    np.testing.assert_allclose(load(checkpoint).embed_text(QUERIES), asked, atol=1e-5)
    np.testing.assert_allclose(antiphon.open(library).model(checkpoint).embed_text(QUERIES), asked, atol=1e-5)


def test_so_does_the_search_without_torch(library: Path, asked: Float32) -> None:
    light = light_searcher(library, library / "checkpoints" / "made_best_r1.pt")
    assert light is not None
    np.testing.assert_allclose(light.text_side.embed(QUERIES), asked, atol=1e-4)


def test_and_so_does_a_bundle_with_torch_and_without(library: Path, asked: Float32, tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    seal_checkpoint(library, library / "checkpoints" / "made_best_r1.pt", sealed)
    np.testing.assert_allclose(load(sealed).embed_text(QUERIES), asked, atol=1e-4)
    side = sealed_text_side(sealed / MANIFEST)
    assert side is not None
    np.testing.assert_allclose(side.embed(QUERIES), asked, atol=1e-4)
