"""Several encoders in one head: their vectors side by side, balanced.

Conventions
-----------
A vector consists of the sources of its :class:`antiphon.layout.Layout`, each standardised channel by channel. One of
several layers is reduced to a learned mean of them, as for that encoder alone. Each source is then scaled so that all
have the same total variance, however many numbers they hold (else 76,800 would drown 500), and by a learned gain that
starts at 1. A linear map of sources side by side is the sum of one map a source.
"""

from __future__ import annotations

import math
from itertools import accumulate

import torch
from torch import Tensor, nn

from antiphon.align.heads.fast_ops import mix_layers
from antiphon.layout import Layout


class Sources(nn.Module):
    """Standardised vectors of several encoders → one balanced vector.

    Parameters
    ----------
    layout : with sources.
    layers : ``"mixture"`` or ``"all"``, for sources of several layers.
    """

    balance: Tensor

    def __init__(self, layout: Layout, layers: str) -> None:
        super().__init__()
        self.layouts = layout.sources
        ends = list(accumulate(source.size for source in self.layouts))
        self.columns = [slice(end - source.size, end) for end, source in zip(ends, self.layouts, strict=True)]
        mixed = [layers == "mixture" and source.layers > 1 for source in self.layouts]
        self.layer_logits = nn.ParameterDict(
            {str(i): nn.Parameter(torch.zeros(self.layouts[i].layers)) for i, yes in enumerate(mixed) if yes}
        )
        sizes = [source.size // (source.layers if yes else 1) for source, yes in zip(self.layouts, mixed, strict=True)]
        mean = sum(sizes) / len(sizes)
        self.register_buffer("balance", torch.tensor([math.sqrt(mean / size) for size in sizes]))
        self.log_gain = nn.Parameter(torch.zeros(len(sizes)))

    def forward(self, standardised: Tensor) -> Tensor:
        """(b, layout.size) → (b, sum of the sources' sizes after their layers are mixed), of the same type."""
        gains = (self.balance * self.log_gain.exp()).to(standardised.dtype)
        found = []
        for i, (source, columns) in enumerate(zip(self.layouts, self.columns, strict=True)):
            x = standardised[:, columns]
            if str(i) in self.layer_logits:
                x = mix_layers(x.view(len(x), source.layers, -1), self.layer_logits[str(i)].softmax(0))
            found.append(x * gains[i])
        return torch.cat(found, dim=1)

    def shares(self) -> list[float]:
        """How strongly each source enters, beside its start of one each; they sum to 1."""
        gains: list[float] = self.log_gain.detach().softmax(0).tolist()
        return gains

    def layer_weights(self) -> list[list[float] | None]:
        """For each source: share of each layer in its mixture, None where its layers are not mixed."""
        logits = [self.layer_logits.get(str(i), None) for i in range(len(self.layouts))]
        return [None if own is None else own.detach().softmax(0).tolist() for own in logits]
