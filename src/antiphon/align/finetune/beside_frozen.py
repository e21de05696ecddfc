"""What is fine-tuned, beside the recipe on frozen text vectors that it started from.

That recipe (closed forms included) stays in the checkpoint as it is. The heads that are fine-tuned start from its
trained heads (Kumar et al. 2022, arXiv:2202.10054: first the heads, then what lies below them), and read the vectors of
the adapted text encoder. With a weight of 1 for the frozen recipe the checkpoint *is* the frozen recipe.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from antiphon.align.checkpoint.adapter import Adapter
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.ensemble.ensemble import Ensemble, embed_members
from antiphon.align.ensemble.weights import FROZEN_WEIGHT
from antiphon.align.finetune.adapted_pairs import AdaptedPairs
from antiphon.align.finetune.tuned_text import TunedText
from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.model import SharedSpace
from antiphon.metrics.retrieval import mean_mrr


@dataclass(frozen=True, kw_only=True, eq=False)
class FrozenRecipe:
    """What was trained on frozen text vectors.

    Parameters
    ----------
    space : heads, beside closed forms where there are any.
    closed_form_mrr : mean-of-directions val MRR of the closed forms alone, None without any or without a val split.
    """

    space: SharedSpace
    closed_form_mrr: float | None

    @classmethod
    def from_checkpoint(cls, bundle: Bundle) -> FrozenRecipe:
        """Of a training on frozen text vectors, or of a fine-tuning that started from one."""
        space = bundle.space if bundle.adapter is None else Ensemble(bundle.space).member(0)
        return cls(space=space, closed_form_mrr=bundle.val.get("closed_form_val_MRR"))


class BesideFrozen:
    """What fine-tuning delivers (:class:`antiphon.align.training.results.product.Product`).

    Parameters
    ----------
    frozen : stays as it is.
    tuned : what the loop trains; taken over by :meth:`update`.
    text : the text encoder that learns with it.
    measured : pairs that :meth:`update` brings up to date.
    """

    def __init__(self, frozen: FrozenRecipe, tuned: SharedSpace, text: TunedText, measured: AdaptedPairs) -> None:
        members, weight = [frozen.space.to(tuned.log_scale.device), tuned], FROZEN_WEIGHT.value
        self._ensemble = Ensemble.from_members(members, [weight, 1 - weight], own_text=True)
        self._tuned, self._text, self._measured = tuned, text, measured
        self._closed_form_mrr = frozen.closed_form_mrr
        val = measured.pairs.val
        self._frozen_mrr = None if val is None else mean_mrr(embed_members(self._ensemble, val)[0], val)

    @property
    def space(self) -> SharedSpace:
        """The frozen recipe and the fine-tuned heads as one; texts are *frozen | adapted*."""
        return self._ensemble.space

    @property
    def figures(self) -> dict[str, float | None]:
        """Val MRR of the frozen recipe alone and its weight until val is asked, and the closed forms' val MRR."""
        return {
            "frozen_val_MRR": self._frozen_mrr,
            FROZEN_WEIGHT.name: FROZEN_WEIGHT.value,
            "closed_form_val_MRR": self._closed_form_mrr,
        }

    @property
    def adapter(self) -> Adapter:
        """What has been learned in the text encoder."""
        return self._text.adapter()

    def update(self) -> None:
        """Take over what has been fine-tuned, and make the adapted text vectors anew."""
        self._measured.refresh()
        self._ensemble.update(1, self._tuned)


def start_from(tuned: SharedSpace, frozen: SharedSpace) -> None:
    """Give ``tuned`` the trained heads and the temperature of the frozen recipe."""
    ensemble = isinstance(frozen.audio, EnsembleHead)
    trained = Ensemble(frozen).member(-1) if ensemble else frozen
    with torch.no_grad():
        tuned.load_state_dict(trained.state_dict())
