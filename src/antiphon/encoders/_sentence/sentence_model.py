"""Any sentence-transformers model, by its hub id or a local folder."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antiphon.encoders._sentence.languages import languages_named
from antiphon.encoders._sentence.recipe import THEIRS, Prompts, pooling_to_add, prompts_of
from antiphon.encoders._shared import weights as _weights
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, LoadOptions, TextPooling

if TYPE_CHECKING:
    from antiphon.encoders._shared.torch_model import Place
    from antiphon.encoders._shared.tunable import Tunable

Float32 = NDArray[np.float32]

BATCH = 64
"""Texts that the model reads at once."""


class SentenceModel:
    """Any model that sentence-transformers can load; ``card`` has its dimension, prompts and languages.

    Parameters
    ----------
    card : the encoder's.
    weights : its files.
    options : device, arithmetic, and the pooling if the files have none.
    prompts : in place of those that the model asks for.

    Raises
    ------
    EncoderError : the files are no such model, or do not say how it is to be used.
    """

    def __init__(
        self, card: EncoderCard, weights: _weights.Weights, options: LoadOptions, prompts: Prompts | None = None
    ) -> None:
        from antiphon.encoders._shared import torch_model as _torch

        added = pooling_to_add(weights.folder, options.pooling)
        own = prompts or prompts_of(weights.folder, weights.source)
        self._place = _torch.place_for_texts(options)
        self._turn = threading.Lock()  # its tokenizer is told anew for each text where to cut, and has one such setting
        try:
            with _no_bars():
                self._model = _loaded(weights.folder, added, self._place)
            _keep_to_positions(self._model)
        except Exception as error:  # whatever is wrong with a folder that someone named
            raise EncoderError(
                f"{weights.source} cannot be loaded as a sentence-transformers model: {error}", fix=_way_out(error)
            ) from error
        self.folder = weights.folder
        self.weights_id = _weights.weights_id(_all_weight_files(weights.folder))
        self.revision = weights.revision
        languages = languages_named(weights.folder)
        self.card = replace(
            card, prompt=own.caption, query_prompt=own.query, pooling=added or "none", languages=languages
        )
        self.card = replace(self.card, layout=Layout.flat(self.encode(["a"]).shape[1]))
        self.unused_prompts = own.unused

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
                fix="Fine-tune minilm or another sentence model of the BERT, RoBERTa, MPNet or Qwen3 kind.",
            )
        return Tunable(self.card.name, getattr(first, "auto_model", None), self._ids, self._pool, pad, self._place)

    @property
    def mean_pooled(self) -> bool:
        """Whether it is a transformer whose token vectors are averaged, and nothing more."""
        kinds = [type(module).__name__ for module in self._model]
        alone = kinds[:2] == ["Transformer", "Pooling"] and set(kinds[2:]) <= {"Normalize"}
        return alone and self._model[1].pooling_mode == "mean" and self._model[1].include_prompt

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        ids: list[list[int]] = []
        for start in range(0, len(texts), BATCH):
            with self._turn:
                read = self._model.preprocess([self.card.prompt + text for text in texts[start : start + BATCH]])
            both = zip(read["input_ids"], read["attention_mask"], strict=True)
            ids += [row[mask.bool()].tolist() for row, mask in both]
        return ids

    @property
    def most_tokens(self) -> int | None:
        """Tokens of a text that are read; None where the model does not say."""
        most = getattr(self._model, "max_seq_length", None)  # of one that looks words up, infinity
        return int(most) if most and math.isfinite(most) else None

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Whether a text is longer than what is read of it; False for all where that cannot be told."""
        tokenizer, most = getattr(self._model, "tokenizer", None), self.most_tokens
        if most is None or not callable(tokenizer):
            return [False] * len(texts)
        with self._turn:
            read = tokenizer([self.card.prompt + text for text in texts], truncation=False, verbose=False)
        return [len(ids) > most for ids in read["input_ids"]]

    def _pool(self, states: Any, mask: Any) -> Any:
        from torch.nn.functional import normalize

        features = {"token_embeddings": states, "attention_mask": mask}
        for module in list(self._model)[1:]:
            features = module(features)
        return normalize(features["sentence_embedding"].float(), dim=1)

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, d) float32 of unit length: captions."""
        return self._encoded(texts, self.card.prompt, task="document")

    def encode_queries(self, texts: Sequence[str]) -> Float32:
        """(n, d) float32 of unit length: queries, to be compared with captions."""
        return self._encoded(texts, self.card.query_prompt or "", task="query")

    def _encoded(self, texts: Sequence[str], prompt: str, *, task: str) -> Float32:
        if not len(texts):
            return np.empty((0, self.card.layout.size), np.float32)
        with self._turn, self._place.arithmetic():
            vectors = self._model.encode(
                list(texts),
                batch_size=BATCH,
                prompt=prompt,
                task=task,  # a model may have two sides, one for each kind of text
                convert_to_numpy=True,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        result: Float32 = np.asarray(vectors, dtype=np.float32)
        return result


@contextmanager
def _no_bars() -> Iterator[None]:
    """No bar of transformers among the answers of a search: such a model is read in a second or two."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _way_out(error: Exception) -> str:
    if "trust_remote_code" in str(error):
        return (
            "It comes with code of its own, which Antiphon never runs. Take a model that needs none, or read the "
            "captions with it elsewhere and bring the vectors (antiphon import-embeddings)"
        )
    return "Name a hub id or the folder of such a model; if this is one, download it again."


def _loaded(folder: Path, added: TextPooling | None, place: Place) -> Any:
    """The model in float32, whatever its file is in; with a pooling where it has none of its own."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    device, arithmetic = str(place.device), {"dtype": "float32"}
    if added is None:
        return SentenceTransformer(str(folder), device=device, local_files_only=True, model_kwargs=arithmetic)
    transformer = Transformer(str(folder), model_kwargs={**arithmetic, "local_files_only": True})
    joined = Pooling(int(transformer.get_embedding_dimension()), THEIRS[added])
    return SentenceTransformer(modules=[transformer, joined, Normalize()], device=device)


def _keep_to_positions(model: Any) -> None:
    """Cut texts where a model's table of positions ends, which not every tokenizer's files know.

    RoBERTa and its relatives count positions from behind the padding's number: a table of 514 holds 512 tokens.
    """
    embeddings = getattr(getattr(model[0], "auto_model", None), "embeddings", None)
    table = getattr(embeddings, "position_embeddings", None)
    if table is None:
        return
    room = table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    if model.max_seq_length is None or model.max_seq_length > room:
        model.max_seq_length = room


def _all_weight_files(folder: Path) -> list[Path]:
    """Weight files of all modules, which sentence-transformers keeps in folders below; each in its safest format."""
    safe = sorted(folder.rglob("*.safetensors"))
    if not safe:
        return sorted(folder.rglob("*.bin"))
    held = {path.parent for path in safe}
    older = (path for path in sorted(folder.glob("[0-9]*_*/*.bin")) if path.parent not in held)
    return [*safe, *older]
