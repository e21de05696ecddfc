"""A sentence model with mean pooling, run by transformers alone: sentence-transformers takes long to import."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antiphon.encoders._sentence.batches import batches
from antiphon.errors import EncoderError
from antiphon.registry import EncoderCard, LoadOptions

if TYPE_CHECKING:
    from antiphon.encoders._shared.tunable import Tunable

Float32 = NDArray[np.float32]

KINDS = {"bert": "Bert", "mpnet": "MPNet"}
"""``model_type`` of a model's config → how transformers begins the names of its classes."""
AGAIN = "Download the model again."


class MeanPooled:
    """A BERT or MPNet whose last hidden states are averaged; the model itself is loaded with the first text.

    Parameters
    ----------
    card : the encoder's.
    folder : its files, as sentence-transformers lays them out.
    weights_id : sha256 of ``model.safetensors`` in it.
    options : device and arithmetic.
    """

    def __init__(self, card: EncoderCard, folder: Path, weights_id: str, options: LoadOptions) -> None:
        self.card = card
        self.weights_id = weights_id
        self.folder = folder
        self._options = options

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        path = self.folder / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises nothing more particular
            raise EncoderError(f"{path} cannot be read: {error}", fix=AGAIN) from error
        tokenizer.enable_truncation(self._said("sentence_bert_config.json", "max_seq_length"))
        tokenizer.no_padding()
        return tokenizer

    def _said(self, name: str, key: str) -> Any:
        """What one of the model's files says of itself."""
        path = self.folder / name
        try:
            return json.loads(path.read_text(encoding="utf-8"))[key]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise EncoderError(f"{path} cannot be read: {error}", fix=AGAIN) from error

    @cached_property
    def _model(self) -> Any:
        from safetensors.torch import load_file

        config_file = self.folder / "config.json"
        kind = self._said("config.json", "model_type")
        classes = importlib.import_module(f"transformers.models.{kind}.modeling_{kind}")
        config = getattr(classes, f"{KINDS[kind]}Config").from_json_file(str(config_file))
        model = getattr(classes, f"{KINDS[kind]}Model")(config, add_pooling_layer=False)
        state = load_file(self.folder / "model.safetensors")
        missing, _ = model.load_state_dict(state, strict=False)  # the file also has a pooler that is not used
        if missing:
            raise EncoderError(f"{self.folder} lacks weights: {', '.join(missing)}.")
        return model.eval().to(self._place.device)

    @cached_property
    def _place(self) -> Any:
        from antiphon.encoders._shared import torch_model as _torch

        return _torch.place_for_texts(self._options)

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, d) float32 of unit length."""
        out = np.empty((len(texts), self.card.layout.size), np.float32)
        if not len(texts):
            return out
        tokens = self._ids(texts)
        for rows in batches(tokens):
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

        pad = int(self._model.config.pad_token_id)
        return Tunable(self.card.name, self._model, self._ids, mean_pool, pad, self._place)

    def _forward(self, tokens: list[list[int]]) -> Float32:
        import torch

        from antiphon.encoders._shared.tunable import mean_pool

        ids, mask = self.tunable().batch(tokens)
        with torch.inference_mode(), self._place.arithmetic():
            states = self._model(input_ids=ids, attention_mask=mask)
            unit: Float32 = mean_pool(states.last_hidden_state, mask).cpu().numpy()
        return unit
