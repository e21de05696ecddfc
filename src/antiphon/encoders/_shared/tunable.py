"""A text encoder taken apart, so that its upper layers can learn: tokens, lower layers, upper layers, one vector.

Works with transformers that hold their embeddings in ``embeddings`` and their layers in ``encoder.layer`` (BERT,
RoBERTa, XLM-RoBERTa, MPNet, …), and with those that hold them in ``embed_tokens`` and ``layers``, with a last ``norm``
(Qwen3, Llama, Mistral, …): nearly every sentence model. Such a model is cut by copies of it that share all weights: one
with the lower layers only, and one with the upper layers only that takes hidden states in place of words. Masks,
positions and position biases remain the model's own business.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from antiphon.encoders._shared.torch_model import Place
from antiphon.errors import EncoderError

ALIKE = 1e-3
"""Largest difference between a number of the encoder's own vector and that of its parts put together again."""


@dataclass(frozen=True, eq=False)
class Tunable:
    """What a text encoder hands out of itself.

    Parameters
    ----------
    name : for messages.
    model : the transformer.
    tokens : texts → their token ids, special ones included, cut to what the model can read.
    pool : (b, l, d) last hidden states and (b, l) mask, 1 where there is a token → (b, k) vectors of unit length.
    pad : token id that fills up a batch.
    place : where the model runs.
    """

    name: str
    model: Any
    tokens: Callable[[Sequence[str]], list[list[int]]]
    pool: Callable[[Tensor, Tensor], Tensor]
    pad: int
    place: Place

    def __post_init__(self) -> None:
        if _layers(self.model) is None:
            raise EncoderError(
                f"'{self.name}' is a {type(self.model).__name__}, whose layers Antiphon cannot take apart.",
                fix="Fine-tune minilm or another sentence model of the BERT, RoBERTa, MPNet or Qwen3 kind.",
            )

    @property
    def n_layers(self) -> int:
        """Layers of the transformer."""
        return len(self._layers)

    @property
    def _layers(self) -> nn.ModuleList:
        found = _layers(self.model)
        assert found is not None  # or it could not have been made
        return found

    def cut(self, lower: int) -> tuple[nn.Module, nn.Module]:
        """The model as two, which share its weights: embeddings with the first ``lower`` layers, and the rest."""
        if isinstance(getattr(self.model, "encoder", None), nn.Module):
            below = _with(self.model, self.model.embeddings, self._layers[:lower])
            return below, _with(self.model, PassThrough(), self._layers[lower:])
        below = _decoder_with(self.model, slice(lower), norm=nn.Identity())
        return below, _decoder_with(self.model, slice(lower, None), embed_tokens=nn.Identity())

    def batch(self, tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Token ids and mask, each (b, longest), on the model's device."""
        longest = max(len(ids) for ids in tokens)
        ids = torch.tensor([[*row, *[self.pad] * (longest - len(row))] for row in tokens])
        return ids.to(self.place.device), mask_of(torch.tensor([len(row) for row in tokens])).to(self.place.device)


class PassThrough(nn.Module):
    """Stands where a model has its embeddings and hands on the hidden states it is given."""

    def forward(self, inputs_embeds: Tensor, **_: Any) -> Tensor:
        """The states as they are."""
        return inputs_embeds


def _with(model: Any, embeddings: nn.Module, layers: nn.ModuleList) -> nn.Module:
    encoder, twin = copy.copy(model.encoder), copy.copy(model)
    encoder._modules = {**model.encoder._modules, "layer": layers}
    twin._modules = {**model._modules, "embeddings": embeddings, "encoder": encoder}
    if "pooler" in twin._modules:
        twin._modules["pooler"] = None
    whole: nn.Module = twin
    return whole


def _layers(model: Any) -> nn.ModuleList | None:
    """The layers of a transformer that is built in one of the two ways; None of any other."""
    encoder = getattr(model, "encoder", None)
    found = getattr(encoder, "layer", None) if encoder is not None else getattr(model, "layers", None)
    around = ("embeddings",) if encoder is not None else ("embed_tokens", "norm")
    whole = all(isinstance(getattr(model, name, None), nn.Module) for name in around)
    return found if whole and isinstance(found, nn.ModuleList) else None


def _decoder_with(model: Any, some: slice, **changed: nn.Module) -> nn.Module:
    """A decoder with some of its layers; it counts them from 0, so its config's list of their kinds is cut as well."""
    twin, layers = copy.copy(model), model.layers[some]
    twin._modules = {**model._modules, "layers": layers, **changed}
    twin.config = copy.copy(model.config)
    twin.config.num_hidden_layers = len(layers)
    twin.config.use_cache = False
    if getattr(model.config, "layer_types", None):
        twin.config.layer_types = model.config.layer_types[some]
    whole: nn.Module = twin
    return whole


def mask_of(lengths: Tensor) -> Tensor:
    """(b, longest) int64, 1 for each of a row's first ``lengths`` places."""
    return (torch.arange(int(lengths.max()), device=lengths.device) < lengths[:, None]).long()


def mean_pool(states: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens, scaled to unit length: (b, l, d) and (b, l) → (b, d) float32."""
    weight = mask[:, :, None].float()
    mean = (states.float() * weight).sum(1) / weight.sum(1)
    return nn.functional.normalize(mean, dim=1)


def tunable(encoder: Any) -> Tunable:
    """Take a loaded text encoder apart.

    Raises
    ------
    EncoderError : it cannot be.
    """
    apart = getattr(encoder, "tunable", None)
    if apart is None:
        raise EncoderError(
            f"The text encoder '{encoder.card.name}' cannot be fine-tuned.",
            fix="Those that can: minilm, and sentence-transformers models by id or folder "
            "(antiphon embed --text NAME, then antiphon train --text NAME --finetune-text lora).",
        )
    parts: Tunable = apart()
    return parts


def require_alike(encoder: Any, embed: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> None:
    """Refuse an encoder that is more than its parts put together again.

    Parameters
    ----------
    embed : texts → (n, k) array, through the parts.

    Raises
    ------
    EncoderError : the two differ.
    """
    own, ours = encoder.encode(texts), embed(texts)
    apart = float(abs(own - ours).max()) if own.shape == ours.shape else float("inf")
    if not apart <= ALIKE:
        raise EncoderError(
            f"'{encoder.card.name}' makes its vectors in a way that Antiphon cannot repeat with gradients "
            f"(a difference of {apart:.2g}).",
            fix="Fine-tune minilm, or train without --finetune-text.",
        )
