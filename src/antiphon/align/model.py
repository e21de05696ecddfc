"""Both heads and the temperature: everything that training changes."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from antiphon.align.closed_form.scaling import SQUASH
from antiphon.align.config import TrainConfig
from antiphon.align.heads.head import HeadSpec, native_dim
from antiphon.align.heads.kinds import make_head
from antiphon.align.heads.projection_head import ProjectionSpec
from antiphon.align.losses.find import find_loss
from antiphon.align.losses.process_group import ProcessGroup
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets
from antiphon.layout import Layout

SIGLIP_BIAS = -10.0
"""Start of SigLIP's bias (Zhai et al. 2023, arXiv:2303.15343)."""
RELEVANCE_SIZE = 16_384
"""Numbers in a vector up to which they are weighed by relevance: a second of work."""
AS_THEY_ARE: dict[str, Any] = {"squash": 0.0, "relevance": False}
"""Of an identity audio head: an index that exists holds the encoder's numbers."""


class SharedSpace(nn.Module):
    """Text and audio head into one space, and the temperature of their loss.

    Parameters
    ----------
    audio, text : specs with the same ``dim``.
    temperature : at the start.
    """

    def __init__(self, audio: HeadSpec, text: HeadSpec, *, temperature: float = 0.07) -> None:
        super().__init__()
        self.audio = make_head(audio)
        self.text = make_head(text)
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))
        self.bias = nn.Parameter(torch.tensor(SIGLIP_BIAS))

    @property
    def temperature(self) -> float:
        """Divisor of the cosines in the loss."""
        return math.exp(-float(self.log_scale.detach()))

    def bound_temperature(self, low: float, high: float) -> None:
        """Put the temperature back into [low, high]."""
        with torch.no_grad():
            self.log_scale.clamp_(-math.log(high), -math.log(low))

    def loss(
        self,
        text: Tensor,
        audio: Tensor,
        positives: Positives,
        *,
        kind: str,
        soft: SoftTargets | None = None,
        exclude: Exclusion | None = None,
        group: ProcessGroup | None = None,
    ) -> Tensor:
        """The loss of (m, dim) texts against (n, dim) tracks, both of unit length; of the whole ``group``."""
        loss = find_loss(kind)
        return loss(text, audio, self.log_scale.exp(), self.bias, positives, soft=soft, exclude=exclude, group=group)


def build_space(audio: Layout, text: Layout, config: TrainConfig) -> SharedSpace:
    """Heads for two layouts; initial weights come from torch's global generator.

    Parameters
    ----------
    config : resolved (:func:`antiphon.align.training.setup.resolve_settings`), so that nothing is left open.
    """
    dim = native_dim(audio, config.layers) if config.audio_head == "identity" else config.dim
    shared: dict[str, Any] = {
        "dim": dim,
        "hidden": config.hidden,
        "dropout": config.dropout or 0.0,
        "squash": SQUASH,
        "layers": config.layers,
        "relevance": max(audio.size, text.size) <= RELEVANCE_SIZE,
    }
    own_space = config.audio_head == "identity"
    return SharedSpace(
        ProjectionSpec(kind=config.audio_head, layout=audio, **({**shared, **AS_THEY_ARE} if own_space else shared)),
        ProjectionSpec(kind=config.text_head, layout=text, **shared),
        temperature=config.temperature or 0.07,
    )
