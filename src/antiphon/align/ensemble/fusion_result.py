"""What a fusion came to, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.printed import Printed


@dataclass(frozen=True, kw_only=True)
class FuseResult(Printed):
    """What a fusion came to.

    Parameters
    ----------
    name : ``"muq,mert"``.
    encoders : names of the trainings, as given.
    weights : of each one's cosines, ≥ 0, sum 1.
    shares : of each one's scaled cosines, as they were chosen; equal as far as val cannot tell.
    val_mrr : mean of both directions on val (by cosines), None without one; a little too good, for it was chosen by.
    equal_mrr : the same with equal shares.
    alone_mrr : encoder → the same of each training alone, on the tracks that all have.
    tried : combinations of shares compared.
    left_out : val tracks that could not take part → reason.
    checkpoint : the file.
    """

    name: str
    encoders: tuple[str, ...]
    weights: tuple[float, ...]
    shares: tuple[float, ...]
    val_mrr: float | None
    equal_mrr: float | None
    alone_mrr: dict[str, float]
    tried: int
    left_out: dict[str, str]
    checkpoint: Path

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as in ``runs/muq,mert/fusion.json``."""
        return {**vars(self), "checkpoint": self.checkpoint.name}

    @property
    def parts(self) -> str:
        """Each training with its weight: ``"muq 0.61, mert 0.39"``."""
        return ", ".join(f"{name} {w:.2f}" for name, w in zip(self.encoders, self.weights, strict=True))

    def lines(self) -> list[str]:
        """The result for people."""
        said = [f"{self.name}: {self.parts} → {self.checkpoint}"]
        if self.val_mrr is None:
            return [*said, "  Equal shares: without a val split there is nothing to choose them by."]
        alone = ", ".join(f"{name} {mrr:.4f}" for name, mrr in self.alone_mrr.items())
        said.append(f"  val MRR {self.val_mrr:.4f}, with equal shares {self.equal_mrr:.4f}; alone: {alone}")
        if any(share == 0 for share in self.shares):
            unused = ", ".join(n for n, s in zip(self.encoders, self.shares, strict=True) if s == 0)
            said.append(f"  No share went to {unused}: fuse without.")
        return said
