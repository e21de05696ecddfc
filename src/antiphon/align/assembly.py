"""Puts a training together: the heads, what stands beside them, what is measured, and where it is saved.

Here alone a training's parts know of one another: the loop trains heads and sees neither closed forms nor files, and
what is measured and saved may be an ensemble that the loop never sees.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.data.material import Material
from antiphon.align.ensemble.closed_forms import (
    BesideClosedForms,
    FittedForms,
    SolvedForms,
    closed_forms_of,
    forms_of,
    take_little_time,
)
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.ensemble.final_check import check_weight
from antiphon.align.ensemble.linear.look import Look
from antiphon.align.ensemble.temperature import fit_temperature
from antiphon.align.ensemble.weights import CLOSED_FORM_WEIGHT, FROZEN_WEIGHT
from antiphon.align.finetune.adapted_pairs import AdaptedPairs, pairs_for, texts_of
from antiphon.align.finetune.beside_frozen import BesideFrozen, FrozenRecipe, start_from
from antiphon.align.finetune.tuned_text import TunedText
from antiphon.align.inference import embed_pairs
from antiphon.align.training.cpu import epochs_ahead
from antiphon.align.training.defaults import has_closed_forms
from antiphon.align.training.distributed import ALONE, Processes
from antiphon.align.training.loop import Loop
from antiphon.align.training.results.after_epoch import AfterEpoch
from antiphon.align.training.results.background import begun
from antiphon.align.training.results.measures import MEMORY_SHARE, MeasuredPairs, Measuring
from antiphon.align.training.results.product import AsTrained, Product
from antiphon.align.training.run import Run
from antiphon.align.training.setup import compute_dtype, fresh_space, training_data
from antiphon.align.training.solved import Solved
from antiphon.metrics.retrieval import mean_mrr
from antiphon.registry import TextEncoder


def prepare(
    material: Material, config: TrainConfig, bundle: Bundle | None = None, *, processes: Processes = ALONE
) -> Run | Solved:
    """A training on frozen text vectors, ready to go; of closed forms alone where the settings have no epochs.

    Parameters
    ----------
    material : with phrases where they take part.
    config : resolved.
    bundle : the ``…_last.pt`` to go on from, None to start anew.
    processes : the processes that train together.
    """
    return _trained(material, config, bundle, processes) if config.epochs else _solved(material, config, processes)


def _trained(material: Material, config: TrainConfig, bundle: Bundle | None, processes: Processes) -> Run:
    space = fresh_space(material, config, processes)
    beside = has_closed_forms(config)
    given = _given(material, config, bundle, processes) if processes.first and beside else None
    loop = Loop(
        space,
        training_data(material, space, config, processes),
        config,
        dtype=compute_dtype(config),
        processes=processes,
    )
    after, conclude = None, None
    if processes.first:
        product: Product = AsTrained(space) if given is None else BesideClosedForms(given.result, space)
        pairs, memory = MeasuredPairs.from_material(material, config), MEMORY_SHARE * config.memory_gb * 1e9
        measuring = Measuring(pairs, kind=config.loss, memory_bytes=memory, lasting=beside)
        after = AfterEpoch(material, config, product, measuring)
        if beside and pairs.val is not None:
            conclude = partial(check_weight, after.paths, lambda _: pairs, CLOSED_FORM_WEIGHT)
    ahead = 0
    if given is not None and given.under_way:
        size = sum(each.numel() * each.element_size() for each in space.state_dict().values())
        ahead = epochs_ahead(material, config, steps=loop.steps_per_epoch, head_bytes=size)
    run = Run(loop, config, after, conclude=conclude, processes=processes, ahead=ahead)
    if bundle is not None:
        run.restore(bundle)
    return run


def _solved(material: Material, config: TrainConfig, processes: Processes) -> Solved:
    started, after = time.perf_counter(), None
    if processes.first:
        space, found = closed_forms_of(material, config)
        space.log_scale.fill_(-math.log(config.temperature or 1.0))
        if material.val is not None:
            fit_temperature(space, embed_pairs(space, material.val), material.val, kind=config.loss)
        measuring = Measuring(MeasuredPairs.from_material(material, config), kind=config.loss)
        after = AfterEpoch(material, config, AsTrained(space, found.figures), measuring)
    return Solved(config, after, started=started, processes=processes)


class _Beside(NamedTuple):
    """How to get closed forms, and whether another thread is solving them."""

    result: Callable[[], SolvedForms]
    under_way: bool = False


def _given(material: Material, config: TrainConfig, bundle: Bundle | None, processes: Processes) -> _Beside:
    """The closed forms that stand beside heads: of the checkpoint that goes on, or solved, beside the first steps."""
    if bundle is not None:  # not solved again: what goes on is the same to the bit
        forms, measured = Ensemble(bundle.space).member(0), Look.from_figures(bundle.val)
        found = SolvedForms(forms, bundle.val["closed_form_val_MRR"], measured)
        return _Beside(lambda: found)
    val = material.val

    def as_given(fitted: FittedForms) -> SolvedForms:
        space, look = fitted.closed_forms()
        return SolvedForms(space, None if val is None else mean_mrr(embed_pairs(space, val), val), look)

    if processes.size == 1 and take_little_time(material):
        solving = begun(lambda: forms_of(material, config))
        return _Beside(lambda: as_given(solving.result()), under_way=True)
    solved = as_given(forms_of(material, config))
    return _Beside(lambda: solved)


def prepare_finetuning(
    material: Material, config: TrainConfig, bundle: Bundle | None, encoder: TextEncoder, frozen: FrozenRecipe
) -> Run:
    """A training of the text encoder beside what was trained on its frozen vectors, ready to go.

    Parameters
    ----------
    material, config, bundle : as for :func:`prepare`.
    encoder : loaded for this purpose, and known to be tunable.
    frozen : what it starts from.
    """
    tuned = fresh_space(material, config)
    start_from(tuned, frozen.space)
    text = TunedText(
        encoder, texts_of(material), config, standardise=tuned.text.standardise, dtype=compute_dtype(config)
    )
    data = replace(training_data(material, tuned, config), text=text)
    measured = AdaptedPairs(MeasuredPairs.from_material(material, config), material, text)
    product = BesideFrozen(frozen, tuned, text, measured)
    measuring = Measuring(measured.pairs, kind=config.loss, lasting=True)
    after = AfterEpoch(material, config, product, measuring)
    check = partial(check_weight, after.paths, partial(pairs_for, material=material), FROZEN_WEIGHT)
    conclude = check if material.val is not None else None
    run = Run(Loop(tuned, data, config, dtype=compute_dtype(config)), config, after, conclude=conclude)
    if bundle is not None:
        run.restore(bundle)
    return run
