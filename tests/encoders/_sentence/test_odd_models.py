"""Sentence models in odd but real forms: equal to sentence-transformers, prompts by their names, nothing guessed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from antiphon.embed.report import reading_in_words
from antiphon.encoders import sentence
from antiphon.encoders._sentence.recipe import Prompts, prompts_of
from antiphon.errors import EncoderError
from antiphon.registry import LoadOptions, TextEncoder, encode_queries
from antiphon.search.light.graphs.sources import is_sentence_model
from tests.helpers.checkpoints.sentence import Form, write_sentence_model, write_transformer

TEXTS = ["piano", "a fast happy rock song with guitars", "slow sad piano and violin", "", "drums " * 60]
TWO = {"query": "query : ", "document": "passage : "}


def loaded(folder: Path) -> TextEncoder:
    return sentence.load(sentence.card_for(str(folder)), LoadOptions(device="cpu"))


@pytest.mark.parametrize("form", ["bert", "qwen3"])
@pytest.mark.parametrize("pooling", ["mean", "cls", "lasttoken", "max", "weightedmean", "mean_sqrt_len_tokens"])
@pytest.mark.parametrize("dense", [None, 8], ids=["no dense", "dense"])
def test_every_pooling_and_a_dense_layer_give_what_sentence_transformers_gives(
    form: Form, pooling: str, dense: int | None, tmp_path: Path
) -> None:
    folder = write_sentence_model(tmp_path, form, pooling=pooling, dense=dense, prompts=TWO)
    encoder = loaded(folder)
    captions, queries = by_the_library(folder)
    np.testing.assert_allclose(encoder.encode(TEXTS), captions, atol=1e-6)
    np.testing.assert_allclose(encode_queries(encoder, TEXTS), queries, atol=1e-6)
    assert np.abs(captions - queries).max() > 1e-4  # the test would see one prompt taken for the other


def by_the_library(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Captions and queries as sentence-transformers itself reads documents and queries, one by one."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    read = model.encode_document, model.encode_query
    captions, queries = (np.concatenate([of([t], normalize_embeddings=True) for t in TEXTS]) for of in read)
    return captions, queries


@pytest.mark.parametrize(
    ("prompts", "default", "expected"),
    [
        (TWO, "query", ("passage : ", "query : ")),
        ({"query": "q"}, "query", ("", "q")),
        ({"passage": "p"}, "passage", ("p", "")),
        ({"query": "q", "passage": "p"}, None, ("p", "q")),
        ({"query": "q", "corpus": "c"}, None, ("c", "q")),
        ({"music": "m", "query": "q"}, "music", ("m", "q")),
        ({"search_query": "q", "search_document": "d", "clustering": "c"}, None, ("d", "q")),
        ({"retrieval.query": "q", "retrieval.passage": "p", "text-matching": "t"}, None, ("p", "q")),
        ({"s2p_query": "q", "s2s_query": "s"}, None, ("", "q")),
        ({"web_search_query": "q", "sts_query": "s", "summarization_query": "u"}, None, ("", "q")),
        ({"query": "q", "Retrieval-query": "r", "STS": "s"}, None, ("", "q")),
    ],
)
def test_prompts_are_told_by_their_names(
    prompts: dict[str, str], default: str | None, expected: tuple[str, str], tmp_path: Path
) -> None:
    settings = {"prompts": prompts, "default_prompt_name": default}
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(settings))
    assert prompts_of(tmp_path, "a/model") == Prompts(caption=expected[0], query=expected[1])
    filled = {
        "prompts": {"query": "", "document": "", **prompts},
        "default_prompt_name": default,
    }  # as it is saved today
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(filled))
    caption = "" if default == "music" else expected[0]  # an own prompt that is empty leaves no room for the default
    assert prompts_of(tmp_path, "a/model") == Prompts(caption=caption, query=expected[1])


def test_an_empty_prompt_of_its_own_is_none_beside_a_default_as_in_sentence_transformers(tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path, prompts={"query": "query : ", "music": "music : "})
    path = folder / "config_sentence_transformers.json"
    settings = {**json.loads(path.read_text()), "default_prompt_name": "music"}
    assert settings["prompts"]["document"] == ""
    path.write_text(json.dumps(settings))
    assert prompts_of(folder, "a/model") == Prompts(caption="", query="query : ")
    captions, queries = by_the_library(folder)
    encoder = loaded(folder)
    np.testing.assert_allclose(encoder.encode(TEXTS), captions, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), queries, atol=1e-5)


def test_prompts_of_which_none_is_known_are_named_and_not_guessed(tmp_path: Path) -> None:
    prompts = {"clustering": "c ", "sts_query": "a ", "summary_query": "b "}
    encoder = loaded(write_sentence_model(tmp_path, prompts=prompts))
    assert (encoder.card.prompt, encoder.card.query_prompt) == ("", "")
    assert encoder.unused_prompts == ("clustering", "sts_query", "summary_query")  # type: ignore[attr-defined]
    assert "(clustering, sts_query, summary_query) are for other uses" in reading_in_words(encoder, TEXTS)
    assert reading_in_words(loaded(write_sentence_model(tmp_path / "plain")), TEXTS) == ""


@pytest.mark.parametrize("content", ['["a"]', '{"prompts": ["a"]}', '{"prompts": {"query": 1}}'])
def test_prompts_that_are_none_are_damage(content: str, tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path)
    (folder / "config_sentence_transformers.json").write_text(content)
    with pytest.raises(EncoderError, match=r"config_sentence_transformers\.json"):
        loaded(folder)


def test_a_snapshot_in_the_hubs_cache_is_known_by_its_models_name(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--intfloat--e5-small" / "snapshots" / "0123abcd"
    snapshot.mkdir(parents=True)
    (tmp_path / "link").symlink_to(snapshot)
    for place in (snapshot, tmp_path / "link"):
        assert prompts_of(place, str(place)) == Prompts(caption="passage: ", query="query: ")


def test_a_model_with_a_side_for_each_kind_of_text_reads_queries_with_the_side_for_queries(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Router

    sides = [SentenceTransformer(str(write_sentence_model(tmp_path / str(i), seed=i)), device="cpu") for i in (1, 2)]
    router = Router.for_query_document(query_modules=list(sides[0]), document_modules=list(sides[1]))
    SentenceTransformer(modules=[router], device="cpu").save(str(tmp_path / "both"))
    encoder = loaded(tmp_path / "both")
    np.testing.assert_allclose(encode_queries(encoder, TEXTS), sides[0].encode(TEXTS), atol=1e-6)
    np.testing.assert_allclose(encoder.encode(TEXTS), sides[1].encode(TEXTS), atol=1e-6)


def test_a_model_that_looks_tokens_up_reads_texts_of_any_length(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(write_transformer(tmp_path / "made", "bert"))
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer._tokenizer, embedding_dim=8)], device="cpu")
    model.save(str(tmp_path / "model"))
    encoder = loaded(tmp_path / "model")
    expected = model.encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-6)
    assert encoder.most_tokens is None  # type: ignore[attr-defined]
    assert encoder.cut(TEXTS) == [False] * len(TEXTS)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("form", "room"), [("bert", 34), ("xlm-roberta", 32), ("mpnet", 32)])
def test_a_text_is_cut_where_the_models_positions_end_though_no_file_says_how_long_it_may_be(
    form: Form, room: int, tmp_path: Path
) -> None:
    folder = write_sentence_model(tmp_path, form)
    (folder / "sentence_bert_config.json").unlink()
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings.pop("model_max_length")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    encoder = loaded(folder)
    assert encoder.most_tokens == room  # type: ignore[attr-defined]
    whole, longer = encoder.encode(["drums " * (room - 2), "drums " * 99])
    np.testing.assert_allclose(whole, longer, atol=1e-6)
    assert encoder.cut(["drums " * (room - 2), "drums " * 99]) == [False, True]  # type: ignore[attr-defined]


def test_weights_in_several_files_and_formats_are_all_part_of_what_a_model_is(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModel

    folder = write_sentence_model(tmp_path, "qwen3", pooling="lasttoken", dense=8)
    expected = loaded(folder).encode(TEXTS)
    whole = AutoModel.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    whole.save_pretrained(folder, max_shard_size="4KB")
    dense = load_file(folder / "2_Dense" / "model.safetensors")
    (folder / "2_Dense" / "model.safetensors").unlink()
    torch.save(dense, folder / "2_Dense" / "pytorch_model.bin")
    encoder = loaded(folder)
    assert len(list(folder.glob("model-*.safetensors"))) > 2
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-6)
    torch.save({name: tensor + 1 for name, tensor in dense.items()}, folder / "2_Dense" / "pytorch_model.bin")
    assert loaded(folder).weights_id != encoder.weights_id


def test_code_that_comes_with_a_model_is_not_run_and_the_way_out_is_said(tmp_path: Path) -> None:
    folder, mark = write_sentence_model(tmp_path), tmp_path / "it ran"
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["type"] = "own.Transformer"
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "own.py").write_text(f"open({str(mark)!r}, 'w')\n")
    with pytest.raises(EncoderError, match=r"own\.Transformer") as refused:
        loaded(folder)
    assert "antiphon import-embeddings" in refused.value.fix
    assert not mark.exists()


def test_a_pooling_that_leaves_the_prompt_out_is_followed_and_has_no_graph_that_would_not(tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path, prompts=TWO)
    settings = json.loads((folder / "1_Pooling" / "config.json").read_text())
    with_prompt = loaded(folder)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({**settings, "include_prompt": False}))
    encoder, (captions, queries) = loaded(folder), by_the_library(folder)
    np.testing.assert_allclose(encoder.encode(TEXTS), captions, atol=1e-6)
    np.testing.assert_allclose(encode_queries(encoder, TEXTS), queries, atol=1e-6)
    assert is_sentence_model(with_prompt)
    assert not is_sentence_model(encoder)


def test_loading_draws_no_bar_and_leaves_the_switch_of_bars_as_it_was(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from transformers.utils import logging

    folder = write_sentence_model(tmp_path)
    capfd.readouterr()
    for switch, shown in ((logging.enable_progress_bar, True), (logging.disable_progress_bar, False)):
        switch()
        loaded(folder)
        assert logging.is_progress_bar_enabled() == shown
    logging.enable_progress_bar()
    assert "Loading weights" not in capfd.readouterr().err
