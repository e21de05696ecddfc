"""What a checkpoint consists of, each component as a system of its own.

Closed forms and trained heads; or, where the text encoder was fine-tuned, the whole recipe on frozen text vectors and
the heads that were fine-tuned with it. An ensemble's vectors are its members' side by side, each scaled by the root of
its weight: so some columns of them rank as the component alone does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.ensemble import Ensemble, embed_members, joined
from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.hubness.correction import scored
from antiphon.arrays import Embeddings, unit_length
from antiphon.metrics.ranks import Columns

COMPONENTS = ("closed_forms", "trained_heads")
TUNED_COMPONENTS = ("frozen_recipe", "fine_tuned_heads")
COMPONENT_NAMES = {
    "closed_forms": "its closed forms",
    "trained_heads": "its trained heads",
    "frozen_recipe": "its frozen recipe",
    "fine_tuned_heads": "fine-tuned alone",
}
"""For people."""


class Component(NamedTuple):
    """A part of the checkpoint.

    Parameters
    ----------
    share : in the whole, 0 … 1.
    columns : of the whole's vectors that are its own.
    """

    share: float
    columns: range


class Columned:
    """Vectors to which columns are added, so that systems may share some and have others of their own."""

    def __init__(self, embedded: Embeddings) -> None:
        self._sides = [embedded]
        self._width = embedded.text.shape[1]

    def add(self, embedded: Embeddings) -> range:
        """More columns of the same texts and tracks, and where they stand."""
        start, self._width = self._width, self._width + embedded.text.shape[1]
        self._sides.append(embedded)
        return range(start, self._width)

    def embeddings(self) -> Embeddings:
        """All columns side by side."""
        if len(self._sides) == 1:
            return self._sides[0]
        return Embeddings(*(np.concatenate(side, axis=1) for side in zip(*self._sides, strict=True)))


def components(bundle: Bundle) -> dict[str, Component]:
    """Each of ``COMPONENTS``, or of ``TUNED_COMPONENTS``.

    Empty for a checkpoint of trained heads alone, and for a fusion, whose components are checkpoints of their own.
    """
    audio, text = bundle.space.audio, bundle.space.text
    named = bundle.adapter is not None or "closed_form_weight" in bundle.val
    if not (named and isinstance(audio, EnsembleHead) and isinstance(text, EnsembleHead)) or audio.spec.layout.sources:
        return {}
    share, border = 1 - float(audio.weights[-1]), audio.spec.dim - audio.spec.members[-1].dim
    rest, last = COMPONENTS if bundle.adapter is None else TUNED_COMPONENTS
    return {rest: Component(share, range(border)), last: Component(1 - share, range(border, audio.spec.dim))}


def systems(bundle: Bundle, whole: Embeddings, wide: Columned, raw: PairSet) -> dict[str, Columns]:
    """The columns that rank as each component does, in vectors that start with the whole's.

    Where the checkpoint's scores are corrected for hubness, so are those of a component, in its own space; one without
    a share has left no trace in the reference, nor in the whole's vectors: it is embedded anew, and stays uncorrected.

    Parameters
    ----------
    whole : texts and tracks in the shared space.
    wide : takes the columns that the whole does not have.
    raw : the vectors that the heads read.
    """
    found: dict[str, Columns] = {}
    for name, component in components(bundle).items():
        own = slice(component.columns.start, component.columns.stop)
        if not component.share:
            found[name] = (wide.add(_without_share(bundle, raw, last=own.start > 0)),)
            continue
        found[name] = (component.columns,)
        if bundle.hubness is not None:
            unit = Embeddings(*(unit_length(side[:, own]) for side in whole))
            beside = scored(unit, bundle.hubness.for_columns(own))
            root = np.float32(component.share**0.5)
            found[name] += (wide.add(Embeddings(*(root * side[:, -2:] for side in beside))),)
    return found


def _without_share(bundle: Bundle, raw: PairSet, *, last: bool) -> Embeddings:
    """The last member alone, or the others by equal weights."""
    *rest, trained = embed_members(Ensemble(bundle.space), raw)
    return trained if last else joined(rest, [1 / len(rest)] * len(rest))
