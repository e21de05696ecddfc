"""A sentence model of random weights, saved in the format of the hub, and a library whose captions it reads."""

from __future__ import annotations

from pathlib import Path

from antiphon.embed import embed_text
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.sentence import Form, tiny_transformer
from tests.helpers.libraries.made_vectors import make_library

WORDS = ["slow", "sad", "piano", "with", "drums", "words", "about", "0", "1", *(f"t{i:03d}" for i in range(80))]


def save_sentence_model(
    folder: Path, *, words: list[str] = WORDS, layers: int = 3, size: int = 16, form: Form = "bert"
) -> Path:
    """``layers`` layers and a pooling, as sentence-transformers saves it; the weights are always the same.

    The pooling is the last token's where ``form`` is Qwen3, else the mean.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as models
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    causal = form == "qwen3"
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words]
    reader = Tokenizer(WordLevel({word: i for i, word in enumerate(tokens)}, unk_token="[UNK]"))
    reader.pre_tokenizer = Whitespace()
    single = "$A [SEP]" if causal else "[CLS] $A [SEP]"
    reader.post_processor = TemplateProcessing(single=single, special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=reader, model_max_length=32, **special)
    tokenizer.padding_side = "left" if causal else "right"
    tokenizer.save_pretrained(folder / "bert")
    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        model = tiny_transformer(
            form, len(tokens), layers=layers, size=size, pad=0, positions=33 if form == "mpnet" else 32,
            initializer_range=0.4,
        )  # fmt: skip
        model.save_pretrained(folder / "bert")
    transformer = models.Transformer(str(folder / "bert"))
    pooling = models.Pooling(size, "lasttoken" if causal else "mean")
    SentenceTransformer(modules=[transformer, pooling], device="cpu").save(str(folder / "tiny-words"))
    return folder / "tiny-words"


def make_described_library(root: Path, model: Path) -> str:
    """40 train, 12 val and 10 test tracks whose captions ``model`` has read; returns the text vectors' name."""
    make_library(root, test=10)
    return embed_text(root, str(model), options=LoadOptions(device="cpu")).encoder
