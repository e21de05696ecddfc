"""A checkpoint with its text encoder: deployment."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import antiphon
from antiphon.align.checkpoint.text_encoder import AdaptedEncoder
from antiphon.errors import ArgumentError, CheckpointError, EmbeddingError
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from tests.api.conftest import SETTINGS, TEXT
from tests.helpers.libraries.made_vectors import make_library

QUERY = "slow sad piano with drums"


def test_words_and_vectors_land_in_the_shared_space(library: antiphon.Library) -> None:
    model = antiphon.load(library.root / "checkpoints" / "one_best_r1.pt")
    raw = library.vectors("one")
    words, sound = model.embed_text([QUERY, "piano"]), model.embed_audio(raw.take(raw.ids))
    assert words.shape == (2, model.dim)
    assert sound.shape == (62, model.dim)
    for vectors in (words, sound):
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_captions_embed_as_training_saw_them(library: antiphon.Library) -> None:
    model = library.model("one")
    pairs = load_pairs(Library(library.root), "one", TEXT, "test")
    own = model.embed_text(list(pairs.texts))
    stored = model.bundle.embed_text(pairs.text)
    assert (own * stored).sum(axis=1).min() > 0.9995  # cosines: stored vectors are float16


def test_scores_rank_as_search_does(library: antiphon.Library) -> None:
    model, raw = library.model("one"), library.vectors("one")
    scores = (model.score_text([QUERY]) @ model.score_audio(raw.take(raw.ids)).T)[0]
    best = np.argsort(-scores)[:5]
    hits = library.search(QUERY, k=5, checkpoint=model)
    assert [hit.track_id for hit in hits] == raw.ids[best].tolist()
    np.testing.assert_allclose([hit.score for hit in hits], scores[best], atol=1e-5)


def test_texts_may_be_any_sequence_of_them_and_none(library: antiphon.Library) -> None:
    model = library.model("one")
    expected = model.embed_text(["slow", "sad"])
    np.testing.assert_array_equal(model.embed_text(np.array(["slow", "sad"])), expected)  # type: ignore[arg-type]
    np.testing.assert_array_equal(model.embed_text(("slow", "sad")), expected)
    assert model.embed_text([]).shape == (0, model.dim)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("slow piano", "Texts are a list of them, not str"),
        (3, "Texts are a list of them, not int"),
        (["slow", None], "Text number 1 is of type NoneType"),
        (["slow", " "], "Text number 1 is blank"),
    ],
)
def test_what_are_no_texts_says_so(library: antiphon.Library, texts: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        library.model("one").embed_text(texts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ("slow", "Vectors are a matrix of numbers"),
        (np.ones(24), r"not float64 of shape \(24,\)"),
        ([[1.0, 2.0], [3.0]], "The vectors are no matrix"),
        (np.full((3, 24), np.nan), "row 0 .and 2 more."),
        (None, "Vectors are a matrix of numbers"),
    ],
)
def test_what_is_no_matrix_says_so(library: antiphon.Library, vectors: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        library.model("one").embed_audio(vectors)  # type: ignore[arg-type]


def test_vectors_of_another_encoder_are_refused(library: antiphon.Library) -> None:
    with pytest.raises(CheckpointError, match=r"takes one vectors of shape \(n, 24\), not \(2, 7\)"):
        library.model("one").embed_audio(np.ones((2, 7)))


def test_a_text_encoder_that_is_not_the_one_of_training_is_refused(own: antiphon.Library, made: Path) -> None:
    other = shutil.copytree(made.parent / "model", own.root.parent / "model")
    model = antiphon.load(own.checkpoints["one_best_r1"])
    provenance = model.bundle.text_provenance
    object.__setattr__(provenance, "weights_id", "0" * 64)
    object.__setattr__(provenance, "source", str(other / "tiny-words"))
    with pytest.raises(EmbeddingError, match="weights_id"):
        model.embed_text(["slow piano"])
    assert model.embed_audio(np.ones((1, 24))).shape == (1, model.dim)


def test_imported_text_vectors_have_no_encoder_and_say_so(tmp_path: Path) -> None:
    make_library(tmp_path / "library")
    library = antiphon.open(tmp_path / "library")
    ids = np.array(library.captions["caption_id"].to_pylist())
    np.savez(tmp_path / "own.npz", ids=ids, vectors=np.random.default_rng(0).normal(size=(len(ids), 16)))
    library.import_embeddings("own", tmp_path / "own.npz", kind="text")
    training = library.train("made", text="own", **SETTINGS)
    with pytest.raises(EmbeddingError, match="were imported"):
        library.model(training).embed_text(["slow piano"])


def test_a_fusion_loads_like_any_other(own: antiphon.Library) -> None:
    fusion = own.fuse(["one", "two"], shares=np.array([2, 1]))
    model = antiphon.load(fusion.checkpoint)
    assert model.encoder == "one,two"
    assert model.embed_text([QUERY]).shape == (1, model.dim)
    raw = own.vectors("one,two")
    assert model.embed_audio(raw.take(raw.ids[:3])).shape == (3, model.dim)
    assert own.evaluate(fusion, baselines=False, resamples=0).figures["checkpoint"] == "one,two_best_r1"


def test_a_fine_tuned_text_encoder_comes_along(own: antiphon.Library) -> None:
    pytest.importorskip("peft")
    settings = {"finetune_text": "lora", "finetune_epochs": 1, "finetune_layers": 2}
    training = own.train("one", text=TEXT, name="tuned", **SETTINGS, **settings)
    model = antiphon.load(training.checkpoints["last"])
    assert isinstance(model.load_text_encoder(), AdaptedEncoder)
    assert model.embed_text([QUERY]).shape == (1, model.dim)
    assert own.search(QUERY, k=2, checkpoint=model)[0].rank == 1
