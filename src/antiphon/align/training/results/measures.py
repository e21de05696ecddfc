"""What is measured after an epoch, always on the same pairs: losses, retrieval on val, and the hubness correction.

Numbers of a history are those that evaluation finds again: the space is measured as it is saved, and val is ranked by
corrected scores where the checkpoint will correct them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from antiphon.align.config import TrainConfig
from antiphon.align.data.material import Material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.hubness.correction import Hubness, scored
from antiphon.align.hubness.fit import draw_reference, fit_hubness
from antiphon.align.model import SharedSpace
from antiphon.align.training.cpu import one_blas_thread_if_small
from antiphon.align.validation import Validation, ValidationFigures

MEMORY_SHARE = 0.25
"""Of ``memory_gb``: what standardised vectors of val, of the train sample and of hubness's reference may take each."""


@dataclass(frozen=True, kw_only=True)
class MeasuredPairs:
    """The pairs that a training is measured on.

    Parameters
    ----------
    sample : training tracks, for the train loss.
    val : None without a val split.
    reference : of the hubness correction, None without one.
    """

    sample: PairSet
    val: PairSet | None
    reference: PairSet | None

    @classmethod
    def from_material(cls, material: Material, config: TrainConfig) -> MeasuredPairs:
        """Those that the settings ask for."""
        corrected = config.hubness == "always"
        return cls(
            sample=material.train_sample(config.seed),
            val=material.val,
            reference=draw_reference(material.train, seed=config.seed) if corrected else None,
        )


@dataclass(frozen=True, kw_only=True)
class Measures:
    """What a space came to; ``val`` and ``hubness`` are None where there is none."""

    sample: ValidationFigures
    val: ValidationFigures | None
    hubness: Hubness | None

    @property
    def figures(self) -> dict[str, Any]:
        """Those fields of an :class:`~antiphon.align.training.results.history.EpochRecord` that are measured."""
        val = self.val
        return {
            "train_loss": self.sample.loss,
            "val_loss": None if val is None else val.loss,
            "loss_chance": (val or self.sample).chance,
            "val": None if val is None else val.retrieval,
            "val_chance": None if val is None else val.retrieval_chance,
        }


class Measuring:
    """Measures spaces on the same pairs again and again; their standardisation has to stay that of the first.

    Parameters
    ----------
    pairs : to measure on.
    kind : of the loss.
    memory_bytes : standardised vectors of each set are kept up to this size; 0 where raw vectors change.
    lasting : whether all members of an ensemble but the last stay as they are.
    """

    def __init__(self, pairs: MeasuredPairs, *, kind: str, memory_bytes: float = 0.0, lasting: bool = False) -> None:
        self.pairs = pairs
        self.kind = kind
        self._memory_bytes, self._lasting = memory_bytes, lasting
        self._sets: list[Validation | None] | None = None

    def __call__(self, space: SharedSpace) -> Measures:
        """Measure a space; its hubness correction is fitted anew."""
        sample_set, val_set, reference = self._validations(space)
        largest = self.pairs.val or self.pairs.sample
        with one_blas_thread_if_small(len(largest.text), len(largest.audio), space.audio.spec.dim):
            hubness = None if reference is None else fit_hubness(reference.vectors(space))
            assert sample_set is not None
            sample = sample_set(space, kind=self.kind, with_retrieval=False)
            corrected = partial(scored, hubness=hubness)
            val = None if val_set is None else val_set(space, kind=self.kind, scored=corrected)
        return Measures(sample=sample, val=val, hubness=hubness)

    def _validations(self, space: SharedSpace) -> list[Validation | None]:
        if self._sets is None:
            pairs = self.pairs
            self._sets = [
                None
                if each is None
                else Validation(each, space, memory_bytes=self._memory_bytes, lasting=self._lasting)
                for each in (pairs.sample, pairs.val, pairs.reference)
            ]
        return self._sets
