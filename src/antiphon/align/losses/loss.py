"""What every contrastive loss is: one function of a batch, and two facts about it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from antiphon.align.losses.process_group import ProcessGroup
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets


class Loss(ABC):
    """A contrastive loss: how wrong the cosines of a batch are. It holds nothing; the space has scale and bias."""

    takes_soft_targets: ClassVar[bool]
    """Whether a share of the target may follow text-to-text similarity."""
    chance_is_fixed: ClassVar[bool]
    """Whether a model that knows nothing always has the same loss on the same pairs, whatever scale and bias are."""

    @abstractmethod
    def __call__(
        self,
        text: Tensor,
        audio: Tensor,
        scale: Tensor,
        bias: Tensor,
        positives: Positives,
        *,
        soft: SoftTargets | None = None,
        exclude: Exclusion | None = None,
        group: ProcessGroup | None = None,
    ) -> Tensor:
        """The loss in nats, a scalar of float32 or better that can be differentiated once.

        Parameters
        ----------
        text, audio : (m, k), (n, k) embeddings of unit length; of the process's own rows where a ``group`` is given.
        scale, bias : of the logits, ``scale · cosine + bias``; scalars that may ask for their gradient.
        positives : for each text the columns that are correct.
        soft : None where ``takes_soft_targets`` is False.
        exclude : cells that count neither as correct nor as wrong.
        group : the processes that share the batch; the loss is that of the joint batch.

        Raises
        ------
        ValueError : shapes do not fit.
        """
