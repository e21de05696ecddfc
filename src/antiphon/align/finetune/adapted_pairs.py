"""Pairs whose text vectors are *frozen | adapted*: the second half is made anew as the text encoder learns.

What was trained on frozen text vectors reads the first half and what is fine-tuned the second, so one raw vector
serves both members of the ensemble.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import text_rows
from antiphon.align.data.features import Rows
from antiphon.align.data.material import Material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.finetune.tuned_text import TunedText
from antiphon.align.training.results.measures import MeasuredPairs

Index = NDArray[np.int64]


class AdaptedPairs:
    """The pairs that fine-tuning is measured on.

    Parameters
    ----------
    pairs : with the vectors of the library.
    material : they are from.
    text : the text encoder that learns; it knows the texts of :func:`texts_of` by number.
    """

    def __init__(self, pairs: MeasuredPairs, material: Material, text: TunedText) -> None:
        self._text = text
        self._adapted: list[tuple[PairSet, Index]] = []
        first_of_val = len(texts_of(material)) - len(material.val_texts)
        self.pairs = MeasuredPairs(
            sample=self._prepared(pairs.sample, first=0),
            val=None if pairs.val is None else self._prepared(pairs.val, first=first_of_val),
            reference=None if pairs.reference is None else self._prepared(pairs.reference, first=0),
        )

    def _prepared(self, pairs: PairSet, *, first: int) -> PairSet:
        frozen = pairs.text.raw(slice(None)).float().numpy()
        adapted = replace(pairs, text=Rows.all_of(np.concatenate([frozen, frozen], axis=1)))
        self._adapted.append((adapted, pairs.text.rows + first))
        return adapted

    def refresh(self) -> None:
        """Bring the adapted halves up to date."""
        vectors = self._text.vectors(np.concatenate([captions for _, captions in self._adapted]))
        ends = np.cumsum([len(captions) for _, captions in self._adapted])
        for (adapted, _), own in zip(self._adapted, np.split(vectors, ends[:-1]), strict=True):
            adapted.text.matrix[:, own.shape[1] :] = own


def texts_of(material: Material) -> list[str]:
    """All texts that fine-tuning reads: captions of train, their phrases, captions of val."""
    phrases = [] if material.phrases is None else list(material.phrases.texts)
    return [*material.train_texts, *phrases, *material.val_texts]


def pairs_for(bundle: Bundle, *, material: Material) -> MeasuredPairs:
    """The pairs that a fine-tuned checkpoint is measured on, their texts read by its own text encoder."""
    pairs = MeasuredPairs.from_material(material, bundle.config)

    def adapted(each: PairSet, texts: NDArray[np.object_]) -> PairSet:
        return replace(each, text=text_rows(bundle, each.text.raw(slice(None)).numpy(), list(texts[each.text.rows])))

    return MeasuredPairs(
        sample=adapted(pairs.sample, material.train_texts),
        val=None if pairs.val is None else adapted(pairs.val, material.val_texts),
        reference=None if pairs.reference is None else adapted(pairs.reference, material.train_texts),
    )
