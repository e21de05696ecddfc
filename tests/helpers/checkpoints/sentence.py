"""Tiny sentence models of random weights in the forms of well-known ones, saved as sentence-transformers saves them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Form = Literal["bert", "mpnet", "xlm-roberta", "qwen3"]
SENTENCE = "an energetic rock song with guitars drums and voice slow sad piano a fast happy violin"
PROMPTS = "query passage : Instruct Query Given description of music retrieve the track search_query search_document"
MARKS = ("[CLS]", "[PAD]", "[SEP]", "[UNK]")
SPECIAL = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]"}
MOST_TOKENS = 32


def write_transformer(folder: Path, form: Form, *, seed: int = 0) -> Path:
    """The transformer and its tokenizer alone, as transformers saves them; two layers of 16 numbers."""
    import torch

    tokenizer = _tokenizer(form)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    tiny_transformer(form, len(tokenizer)).save_pretrained(folder)
    return folder


def write_sentence_model(
    folder: Path,
    form: Form = "bert",
    *,
    pooling: str = "mean",
    prompts: Mapping[str, str] | None = None,
    dense: int | None = None,
    seed: int = 0,
) -> Path:
    """A whole sentence-transformers model.

    Parameters
    ----------
    pooling : ``"mean"``, ``"cls"`` or ``"lasttoken"``.
    prompts : by name, as its config is to have them.
    dense : size of a dense layer after the pooling, None for none.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as models

    transformer = models.Transformer(str(write_transformer(folder / "made", form, seed=seed)))
    modules: list[Any] = [transformer, models.Pooling(16, pooling_mode=pooling)]
    modules += [] if dense is None else [models.Dense(16, dense)]
    model = SentenceTransformer(modules=[*modules, models.Normalize()], device="cpu", prompts=dict(prompts or {}))
    model.save(str(folder / "model"))
    return folder / "model"


def _tokenizer(form: Form) -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    vocabulary = {
        word: number for number, word in enumerate(dict.fromkeys([*MARKS, *SENTENCE.split(), *PROMPTS.split()]))
    }
    words = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    ends = [(mark, vocabulary[mark]) for mark in ("[CLS]", "[SEP]")]
    single = "$A [SEP]" if form == "qwen3" else "[CLS] $A [SEP]"
    words.post_processor = TemplateProcessing(single=single, pair=None, special_tokens=ends)
    side = "left" if form == "qwen3" else "right"
    return PreTrainedTokenizerFast(
        tokenizer_object=words, model_max_length=MOST_TOKENS, padding_side=side, eos_token="[SEP]", **SPECIAL
    )


def tiny_transformer(
    form: Form, vocabulary: int, *, layers: int = 2, size: int = 16, pad: int = 1, positions: int = 34, **settings: Any
) -> Any:
    """A transformer of random weights, with two heads of attention."""
    import transformers

    shape = {"vocab_size": vocabulary, "hidden_size": size, "num_hidden_layers": layers, "num_attention_heads": 2}
    shape |= {"intermediate_size": 2 * size, "pad_token_id": pad, "max_position_embeddings": positions, **settings}
    if form == "qwen3":
        config = transformers.Qwen3Config(**shape, num_key_value_heads=1, head_dim=8, bos_token_id=None, eos_token_id=2)
        return transformers.Qwen3Model(config)
    names = {"bert": "Bert", "mpnet": "MPNet", "xlm-roberta": "XLMRoberta"}
    config = getattr(transformers, f"{names[form]}Config")(**shape)
    return getattr(transformers, f"{names[form]}Model")(config)


CHECKPOINTS = {"mpnet": lambda folder: write_sentence_model(folder, "mpnet")}
