"""Sentence models by id or folder in the forms of well-known ones: equal to sentence-transformers, or refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.embed import load_text_encoder
from antiphon.embed.target import provenance_of
from antiphon.encoders import sentence
from antiphon.encoders._sentence.recipe import POOLINGS, THEIRS, Prompts
from antiphon.errors import EmbeddingError, EncoderError
from antiphon.library.vectors.provenance import Provenance
from antiphon.registry import LoadOptions, TextEncoder, TextPooling, encode_queries
from tests.helpers.checkpoints.sentence import Form, write_sentence_model, write_transformer

CPU = LoadOptions(device="cpu")
TEXTS = ["piano", "a fast happy rock song with guitars", "slow sad piano and violin", "", "drums " * 60]
WELL_KNOWN = {
    "Qwen3-Embedding-0.6B": ("qwen3", "lasttoken", {"query": "Instruct: retrieve the track Query:", "document": ""}),
    "multilingual-e5-small": ("bert", "mean", {}),
    "bge-m3": ("xlm-roberta", "cls", {}),
    "bge-small-en-v1.5": ("bert", "cls", {}),
    "nomic-embed-text-v1.5": ("bert", "mean", {}),
    "paraphrase-multilingual-MiniLM-L12-v2": ("bert", "mean", {}),
    "all-mpnet-base-v2": ("mpnet", "mean", {}),
}
"""Name → form, pooling and prompts as the model's files have them."""
ASKED = {
    "Qwen3-Embedding-0.6B": Prompts(query="Instruct: retrieve the track Query:"),
    "multilingual-e5-small": Prompts(caption="passage: ", query="query: "),
    "bge-small-en-v1.5": Prompts(query="Represent this sentence for searching relevant passages: "),
    "nomic-embed-text-v1.5": Prompts(caption="search_document: ", query="search_query: "),
}


def written(folder: Path, name: str) -> Path:
    form, pooling, prompts = WELL_KNOWN[name]
    made = write_sentence_model(folder, form, pooling=pooling, prompts=prompts)  # type: ignore[arg-type]
    return made.rename(folder / name)


def loaded(folder: Path, options: LoadOptions = CPU) -> TextEncoder:
    return sentence.load(sentence.card_for(str(folder)), options)


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_captions_and_queries_are_read_as_the_model_asks_for(name: str, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    folder = written(tmp_path, name)
    encoder, asked = loaded(folder), ASKED.get(name, Prompts())
    reference = SentenceTransformer(str(folder), device="cpu")
    for read, prompt in ((encoder.encode, asked.caption), (lambda t: encode_queries(encoder, t), asked.query)):
        one_by_one = np.concatenate([reference.encode([prompt + text]) for text in TEXTS])
        np.testing.assert_allclose(read(TEXTS), one_by_one, atol=1e-6)
    assert (encoder.card.prompt, encoder.card.query_prompt) == (asked.caption, asked.query)
    assert np.allclose(encoder.encode(TEXTS), encode_queries(encoder, TEXTS), atol=1e-3) == (name not in ASKED)


@pytest.mark.parametrize("form", ["qwen3", "xlm-roberta"])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_transformer_alone_is_read_with_the_pooling_that_is_stated(
    form: Form, pooling: TextPooling, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = write_transformer(tmp_path, form)
    with pytest.raises(EncoderError, match=r"does not say how token vectors become one vector.*no modules\.json") as no:
        loaded(folder)
    assert "--pooling mean, cls or last" in str(no.value.fix)
    encoder = loaded(folder, replace(CPU, pooling=pooling))
    assert encoder.card.pooling == pooling
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    for text, vector in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        with torch.no_grad():
            states = model(**tokenizer(text, return_tensors="pt", truncation=True)).last_hidden_state[0]
        expected = {"mean": states.mean(0), "cls": states[0], "last": states[-1]}[pooling].numpy()
        np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "cls", "lasttoken", "max"])
@pytest.mark.parametrize("until_2025", [False, True], ids=["one key", "a switch each"])
def test_a_pooling_that_contradicts_the_files_is_refused(pooling: str, until_2025: bool, tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path, pooling=pooling)
    if until_2025:
        switches = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens", "lasttoken": "lasttoken"}
        old = {f"pooling_mode_{switch}": mode == pooling for mode, switch in switches.items()}
        settings = folder / "1_Pooling" / "config.json"
        settings.write_text(json.dumps({"word_embedding_dimension": 16, **old}))
    for stated in POOLINGS:
        if THEIRS[stated] == pooling:
            assert loaded(folder, replace(CPU, pooling=stated)).card.pooling == "none", "the files say it"
        else:
            with pytest.raises(EncoderError, match=rf"pooling of its own, .*; --pooling {stated} contradicts it"):
                loaded(folder, replace(CPU, pooling=stated))


def test_modules_without_a_pooling_are_refused_and_damaged_files_named(tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path)
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps(modules[:1]))
    with pytest.raises(EncoderError, match=r"no pooling in its modules\.json"):
        loaded(folder)
    assert loaded(folder, replace(CPU, pooling="last")).encode(["piano"]).shape == (1, 16)
    (folder / "modules.json").write_text("[")
    with pytest.raises(EncoderError, match=r"modules\.json cannot be read"):
        loaded(folder)


def test_a_prompt_for_every_text_stands_before_captions_and_queries(tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path, prompts={"music": "music : "})
    settings = json.loads((folder / "config_sentence_transformers.json").read_text())
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({**settings, "prompts": {"music": "music : "}, "default_prompt_name": "music"})
    )
    card = loaded(folder).card
    assert (card.prompt, card.query_prompt) == ("music : ", "music : ")


def test_a_half_precision_file_is_read_in_float32(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel

    folder = write_sentence_model(tmp_path, "qwen3", pooling="lasttoken")
    AutoModel.from_pretrained(folder).to(torch.bfloat16).save_pretrained(folder)
    encoder = loaded(folder)
    assert {p.dtype for p in encoder._model.parameters()} == {torch.float32}  # type: ignore[attr-defined]


class TestWhatMadeVectors:
    """Provenance knows prompts and a stated pooling, and brings the same reader back."""

    @staticmethod
    def made(folder: Path, options: LoadOptions = CPU) -> tuple[TextEncoder, Provenance]:
        encoder = load_text_encoder(str(folder), options)
        made = provenance_of(encoder.card, encoder, options)
        return encoder, Provenance.from_dict(json.loads(json.dumps(made.to_dict())))

    def test_the_same_reader_comes_back(self, tmp_path: Path) -> None:
        encoder, made = self.made(written(tmp_path, "multilingual-e5-small"))
        again = load_text_encoder(made, CPU)
        np.testing.assert_array_equal(again.encode(TEXTS), encoder.encode(TEXTS))
        np.testing.assert_array_equal(encode_queries(again, TEXTS), encode_queries(encoder, TEXTS))

    def test_prompts_of_then_count_whatever_the_folder_is_called_now(self, tmp_path: Path) -> None:
        encoder, made = self.made(written(tmp_path, "multilingual-e5-small"))
        moved = shutil.move(tmp_path / "multilingual-e5-small", tmp_path / "moved")
        again = load_text_encoder(made, replace(CPU, weights=str(moved)))
        np.testing.assert_array_equal(encode_queries(again, TEXTS), encode_queries(encoder, TEXTS))

    def test_a_stated_pooling_comes_back_and_another_one_does_not_mix(self, tmp_path: Path) -> None:
        folder = write_transformer(tmp_path, "qwen3")
        encoder, made = self.made(folder, replace(CPU, pooling="last"))
        np.testing.assert_array_equal(load_text_encoder(made, CPU).encode(TEXTS), encoder.encode(TEXTS))
        _, other = self.made(folder, replace(CPU, pooling="mean"))
        with pytest.raises(EmbeddingError, match="pooling: last in mine, mean in theirs"):
            made.require_same(other, mine="mine", theirs="theirs")

    def test_vectors_from_before_queries_had_a_prompt_of_their_own_keep_the_one_they_had(self, tmp_path: Path) -> None:
        _, made = self.made(write_sentence_model(tmp_path, prompts={"query": "query : "}))
        before = {**made.to_dict(), "prompt": "query : "}
        before.pop("query_prompt")
        encoder = load_text_encoder(Provenance.from_dict(before), CPU)
        np.testing.assert_array_equal(encode_queries(encoder, TEXTS), encoder.encode(TEXTS))

    def test_a_query_prompt_is_no_part_of_what_vectors_are(self, tmp_path: Path) -> None:
        _, made = self.made(written(tmp_path, "Qwen3-Embedding-0.6B"))
        assert replace(made, query_prompt="other").fingerprint == made.fingerprint
        assert replace(made, prompt="other").fingerprint != made.fingerprint


def test_a_registered_encoder_takes_no_pooling() -> None:
    for name in ("minilm", "use-multilingual"):
        with pytest.raises(EncoderError, match=f"'{name}' has a pooling of its own"):
            load_text_encoder(name, LoadOptions(pooling="cls"))


def test_a_folder_that_was_named_from_where_it_lay_is_found_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_sentence_model(tmp_path)
    monkeypatch.chdir(folder.parent)
    encoder = load_text_encoder("./model", CPU)
    made = provenance_of(encoder.card, encoder, CPU)
    assert made.source == str(folder)
    monkeypatch.chdir("/")
    np.testing.assert_array_equal(load_text_encoder(made).encode(TEXTS), encoder.encode(TEXTS))


def test_a_folder_that_is_gone_is_asked_back_and_a_link_to_it_does(tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path)
    encoder = load_text_encoder(str(folder), CPU)
    made = provenance_of(encoder.card, encoder, CPU)
    moved = shutil.move(folder, tmp_path / "moved")
    with pytest.raises(EncoderError, match=rf"'model' was read from {folder}, which is not there") as gone:
        load_text_encoder(made)
    assert gone.value.fix.endswith(f"ln -s FOLDER {folder}")
    folder.symlink_to(moved)
    np.testing.assert_array_equal(load_text_encoder(made).encode(TEXTS), encoder.encode(TEXTS))
