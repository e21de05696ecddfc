"""What every contrastive loss is: one function of a batch, and what is known of it without a batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from antiphon.align.losses.process_group import ProcessGroup
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets


class TiledLoss(ABC):
    """A loss while the tiles of its matrix of cosines go by, each once and in any order."""

    @abstractmethod
    def add(self, rows: slice, columns: slice, cosines: Tensor) -> None:
        """Take in the float32 products of some texts and tracks; they are left as they are."""

    @abstractmethod
    def finish(self) -> float:
        """The loss in nats, once all tiles were there."""


class Loss(ABC):
    """A contrastive loss: how wrong the cosines of a batch are. It holds nothing; the space has scale and bias."""

    takes_soft_targets: ClassVar[bool]
    """Whether a share of the target may follow text-to-text similarity."""

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

    @abstractmethod
    def of_tiles(
        self, m: int, n: int, scale: Tensor, bias: Tensor, positives: Positives, *, block: int, longest: float
    ) -> TiledLoss:
        """The loss of m texts and n tracks whose cosines somebody else computes; nothing is differentiated.

        Parameters
        ----------
        block : texts, and tracks, in a tile.
        longest : no product of a text and a track is larger in magnitude; 1 for unit length.
        """

    @abstractmethod
    def chance(self, m: int, n: int, bias: Tensor, positives: Positives) -> float:
        """The loss where all cosines are 0, as for a model that knows nothing; parameters as :meth:`__call__`."""
