"""Gradients of a large batch through a model that only fits in chunks.

GradCache (Gao, Zhang, Han & Callan 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup",
arXiv:2101.06983). A contrastive loss needs all of a batch's features at once, but not all of the model's activations:

1. every chunk goes through the model without a graph, and its features are kept;
2. the loss is computed on all features and differentiated with respect to them;
3. every chunk goes through the model again, now with a graph, and receives the gradient of its features.

The random state before each chunk is kept and restored, so that dropout draws the same masks in 3 as in 1: the outcome
is the gradient of a single pass. Memory is that of one chunk. The last chunk keeps its graph from 1, so a batch of one
chunk costs no more than without all this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import torch
from torch import Tensor

Chunk = TypeVar("Chunk")


class CachedPass(Generic[Chunk]):
    """One batch's way through a model and back.

    Parameters
    ----------
    embed : chunk → (b, d) features. Called again in :meth:`backward`, and must then do the same.
    chunks : what the batch consists of, at least one.
    device : where ``embed`` draws random numbers, beside the CPU.
    """

    def __init__(self, embed: Callable[[Chunk], Tensor], chunks: Sequence[Chunk], *, device: torch.device) -> None:
        self._embed = embed
        self._chunks = chunks[:-1]
        self._device = device
        self._states: list[tuple[Tensor, Tensor | None]] = []
        found = []
        for chunk in self._chunks:
            self._states.append(self._random_state())
            with torch.no_grad():
                found.append(embed(chunk))
        self._last = embed(chunks[-1])
        self._sizes = [len(features) for features in (*found, self._last)]
        self.features = torch.cat([*found, self._last.detach()]).requires_grad_()
        """(n, d) features of all chunks in order, a leaf: differentiate the loss with respect to it."""

    def backward(self) -> None:
        """Give the model's parameters the gradient that the loss left in ``features.grad``; once only.

        The random generators go on from where they were.
        """
        if self.features.grad is None:
            return
        *gradients, last = torch.split(self.features.grad, self._sizes)
        self._last.backward(last)  # type: ignore[no-untyped-call]
        devices = [] if self._device.type != "cuda" else [self._device]
        with torch.random.fork_rng(devices), torch.enable_grad():
            for chunk, state, gradient in zip(self._chunks, self._states, gradients, strict=True):
                self._restore(state)
                self._embed(chunk).backward(gradient)  # type: ignore[no-untyped-call]

    def _random_state(self) -> tuple[Tensor, Tensor | None]:
        own = torch.cuda.get_rng_state(self._device) if self._device.type == "cuda" else None
        return torch.get_rng_state(), own

    def _restore(self, state: tuple[Tensor, Tensor | None]) -> None:
        torch.set_rng_state(state[0])
        if state[1] is not None:
            torch.cuda.set_rng_state(state[1], self._device)
