"""The one check of an ensemble's weight, when its last epoch is saved.

All three checkpoints of a training get the same weight, the one that val prefers for ``best_r1``: it is the checkpoint
that is served. Until then they carry the default, so a training that was killed has left valid checkpoints, and one
that goes on from there ends as if it had never stopped: members and the choice depend on the files alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.ensemble.ensemble import Ensemble, embed_members
from antiphon.align.ensemble.weights import DefaultWeight, choose_weight
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.results.measures import MeasuredPairs, Measuring


def check_weight(paths: Mapping[str, Path], pairs: Callable[[Bundle], MeasuredPairs], default: DefaultWeight) -> None:
    """Give the checkpoints of a finished training the weight that val prefers, if that is another than the default.

    Parameters
    ----------
    paths : ``best_r1``, ``best_loss`` and ``last``, each an ensemble of what was given and what was trained.
    pairs : that a checkpoint is measured on; there is a val split.
    default : weight of the first member.
    """
    best = Bundle.load(paths["best_r1"])
    val = pairs(best).val
    assert val is not None
    given, trained = embed_members(Ensemble(best.space), val)
    weight = choose_weight(trained, given, val, default=default.value)
    for kind, path in paths.items():
        if kind != "last" and weight == default.value:  # which it was written with
            continue
        bundle = best if kind == "best_r1" else Bundle.load(path)
        if bundle.val[default.name] != weight:
            bundle = _reweighed(bundle, weight, pairs(bundle), default.name)
        elif kind != "last":
            continue
        replace(bundle, training={**bundle.training, "concluded": True} if bundle.training else {}).save(path)


def _reweighed(bundle: Bundle, weight: float, pairs: MeasuredPairs, name: str) -> Bundle:
    """The same members with other weights, measured again."""
    Ensemble(bundle.space).reweigh([weight, 1 - weight])
    measures = Measuring(pairs, kind=bundle.config.loss)(bundle.space)
    record = replace(EpochRecord.from_dict(bundle.val), **measures.figures)
    return replace(bundle, val={**bundle.val, **record.to_dict(), name: weight}, hubness=measures.hubness)
