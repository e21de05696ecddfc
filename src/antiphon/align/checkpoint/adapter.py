"""What fine-tuning changed in a text encoder: low-rank additions to some of its weights, as plain tensors.

LoRA (Hu et al. 2021, arXiv:2106.09685): a weight W of a frozen layer becomes W + scale · B A, with A (rank × in) and
B (out × rank). Reading an adapter takes nothing but torch: it is added to the weights, and the encoder is as fast as
before.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from antiphon.errors import CheckpointError


@dataclass(frozen=True, kw_only=True, eq=False)
class Adapter:
    """Low-rank additions to the upper layers of a text encoder.

    Parameters
    ----------
    lower : layers that stay as they are; names count from the first one above them.
    scale : factor of every addition (alpha / rank).
    weights : name of a linear map in the upper layers → (A, B), float32.
    """

    lower: int
    scale: float
    weights: dict[str, tuple[Tensor, Tensor]]

    @property
    def id(self) -> str:
        """sha256 over all of it: adapters of one id make the same vectors."""
        digest = hashlib.sha256(f"{self.lower} {self.scale!r}".encode())
        for name in sorted(self.weights):
            digest.update(name.encode())
            for part in self.weights[name]:
                digest.update(part.detach().cpu().float().contiguous().numpy().tobytes())
        return digest.hexdigest()

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""
        return sum(a.numel() + b.numel() for a, b in self.weights.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain values and tensors for a checkpoint."""
        weights = {name: [a.detach().cpu(), b.detach().cpu()] for name, (a, b) in self.weights.items()}
        return {"lower": self.lower, "scale": self.scale, "weights": weights}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Adapter:
        """Inverse of :meth:`to_dict`."""
        weights = {name: (a, b) for name, (a, b) in data["weights"].items()}
        return cls(lower=int(data["lower"]), scale=float(data["scale"]), weights=weights)

    def merged(self, upper: nn.Module) -> nn.Module:
        """A copy of a text encoder's upper layers with the additions in their weights.

        Raises
        ------
        CheckpointError : the layers are not those that were fine-tuned.
        """
        changed = copy.deepcopy(upper)
        for name, (a, b) in self.weights.items():
            try:
                weight = changed.get_submodule(name).weight
                with torch.no_grad():
                    weight += (self.scale * b @ a).to(weight)  # type: ignore[operator, arg-type]
            except (AttributeError, RuntimeError) as error:
                raise CheckpointError(
                    f"The fine-tuned part '{name}' does not fit the text encoder: {error}",
                    fix="Use the text encoder that the checkpoint was trained with.",
                ) from error
        return changed.eval().requires_grad_(False)
