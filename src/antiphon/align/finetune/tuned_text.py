"""Caption vectors from a text encoder that learns: what stands in a step where stored vectors stand otherwise.

A step takes the batch's captions through the encoder in chunks (:mod:`antiphon.align.finetune.grad_cache`), identical
texts once, and when the loss has been differentiated hands the gradient on to the additions
(:mod:`antiphon.align.finetune.lora`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from antiphon.align.checkpoint.adapter import Adapter
from antiphon.align.config import TrainConfig
from antiphon.align.finetune.grad_cache import CachedPass
from antiphon.align.finetune.lora import adapter_of, put_lora
from antiphon.align.heads.standardise import Standardise
from antiphon.align.training.schedule import CLIP
from antiphon.encoders._shared.text_layers import AT_ONCE, Texts, embed_states, embed_texts
from antiphon.encoders._shared.tunable import require_alike, tunable
from antiphon.registry import TextEncoder

Index = NDArray[np.int64]
CHECKED = 8
"""Texts on which the encoder's own vectors are compared with those of its parts."""


class TunedText:
    """Captions, the text encoder that reads them, and the optimizer of what learns in it.

    Parameters
    ----------
    encoder : loaded for this purpose: low-rank additions are put into it.
    texts : (n,) all captions that training and measuring will ask for, by number; identical ones are read once.
    config : resolved.
    standardise : of the text head, fitted on the frozen encoder's vectors.
    dtype : of the upper layers' matrix products in a step; measuring is done in float32.

    Raises
    ------
    EncoderError : the encoder cannot be taken apart.
    ConfigError : peft is not installed.
    """

    def __init__(
        self,
        encoder: TextEncoder,
        texts: Sequence[str],
        config: TrainConfig,
        *,
        standardise: Standardise,
        dtype: torch.dtype,
    ) -> None:
        parts = tunable(encoder)
        self.config = config
        self.standardise = standardise
        self.dtype = dtype
        self.device = parts.place.device
        self.lower = max(0, parts.n_layers - config.finetune_layers)
        distinct, number = np.unique(np.asarray(texts, dtype=object), return_inverse=True)
        self.number: Index = number.astype(np.int64)
        """(n,) number of each caption's text among the distinct ones."""
        self.texts = Texts(
            parts,
            self.lower,
            list(distinct),
            at_once=AT_ONCE,
            memory_bytes=config.memory_gb * 1e9,
        )
        self.upper = self.texts.upper.eval()
        sample = np.arange(min(CHECKED, len(distinct)))
        require_alike(encoder, lambda _: embed_texts(self.texts, self.upper, sample), list(distinct[sample]))
        self.parameters = put_lora(self.upper, config)
        self.optimizer = torch.optim.AdamW(self.parameters, lr=config.finetune_lr, weight_decay=0.0)
        self._pass: CachedPass[Index] | None = None

    def take(self, captions: Index) -> Tensor:
        """(len(captions), d) standardised vectors, with dropout; follow up with :meth:`learn`."""
        wanted, where = np.unique(self.number[captions], return_inverse=True)
        chunks = self.texts.chunks(wanted)
        place = np.empty(len(self.texts), np.int64)
        place[np.concatenate(chunks)] = np.arange(len(wanted))
        self._dropping(True)
        self._pass = CachedPass(self._embed, chunks, device=self.device)
        rows = torch.from_numpy(place[wanted][where]).to(self.device)
        standardised: Tensor = self.standardise(self._pass.features[rows])
        return standardised

    def _embed(self, chunk: Index) -> Tensor:
        states, mask = self.texts.states(chunk)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            return embed_states(self.texts.parts, self.upper, states, mask)

    def learn(self, share: float) -> None:
        """One optimizer step from the loss's gradient.

        Parameters
        ----------
        share : learning rate as a share of the highest one.
        """
        if self._pass is None:
            return
        self.optimizer.zero_grad(set_to_none=True)
        self._pass.backward()
        self._pass = None
        nn.utils.clip_grad_norm_(self.parameters, CLIP)
        for group in self.optimizer.param_groups:
            group["lr"] = share * self.config.finetune_lr
        self.optimizer.step()

    def vectors(self, captions: Index) -> NDArray[np.float32]:
        """(len(captions), d) float32 of unit length as they are now, without dropout, in float32."""
        wanted, where = np.unique(self.number[captions], return_inverse=True)
        self._dropping(False)
        return embed_texts(self.texts, self.upper, wanted)[where]

    def _dropping(self, on: bool) -> None:
        """Dropout of the additions only: the encoder's own would blur what it knows already."""
        for name, module in self.upper.named_modules():
            if name.endswith("lora_dropout"):
                module.train(on)

    def adapter(self) -> Adapter:
        """What has been learned so far."""
        return adapter_of(self.upper, lower=self.lower)

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on."""
        return {
            "parameters": [parameter.detach().clone() for parameter in self.parameters],
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Inverse of :meth:`state_dict`."""
        with torch.no_grad():
            for parameter, value in zip(self.parameters, state["parameters"], strict=True):
                parameter.copy_(value)
        self.optimizer.load_state_dict(state["optimizer"])
