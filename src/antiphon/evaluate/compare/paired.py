"""Encoders side by side: the same captions and tracks for all, paired tests, and what each is best for.

Every checkpoint ``NAME_best_r1.pt`` of the library is measured on the tracks and captions for which *all* encoders
have vectors. Nothing about an encoder is known beforehand: "best for" follows from the figures and the tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from antiphon.evaluate.baselines import CHOSEN_ON, NATIVE, Baseline, Effort, closed_forms, native_towers, sources
from antiphon.evaluate.compare.queries.in_common import in_common
from antiphon.evaluate.compare.queries.same_queries import Candidate, candidates
from antiphon.evaluate.compare.side_by_side import Contestant, side_by_side
from antiphon.evaluate.compare.slices.masks import require_column
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.review.counted import ranks_with_judgements, with_judgements
from antiphon.evaluate.split_vectors import SplitVectors, Sure
from antiphon.evaluate.warned import warnings
from antiphon.library.judgements.apply import JudgedPairs
from antiphon.library.judgements.file import read_judgements
from antiphon.library.judgements.judgement import VERDICTS
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names
from antiphon.metrics.figures import DIRECTIONS


def compare(
    root: Path,
    *,
    beside: Sequence[Path] = (),
    split: str = "test",
    by: str | None = None,
    baselines: bool = True,
    resamples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Measure every trained encoder of a library on the same queries.

    Parameters
    ----------
    root : library folder.
    beside : other libraries whose split asks the same queries; their trainings stand in the same table.
    split : ``"val"`` or ``"test"`` (``"train"`` shows how well training was learned by heart).
    by : what to slice the queries by (:func:`antiphon.evaluate.compare.slices.masks.slices_by`); None for no slices.
    baselines : whether to add, for each encoder, the closed form that is best on val, and the native text tower of
        each that has one. Where several trainings share a baseline it stands once.
    resamples, seed : of intervals and tests.

    Raises
    ------
    CheckpointError : nothing was trained here.
    ConfigError : there is no such column to slice by.
    LibraryError : the encoders have no track in common, vectors are missing, or another library asks other queries.
    EmbeddingError : vectors were made another way than those a checkpoint was trained on.
    """
    root = Path(root)
    if by is not None:
        require_column(Library(root), by)
    systems = candidates(root, [Path(each) for each in beside], split)
    common = in_common([each.splits.vectors(each.bundle, split) for each in systems])
    spaces = {each.name: space for each, space in zip(systems, common, strict=True)}
    judgements, judged = _judged(root, spaces)
    forms, missing = _beside(systems, spaces, judged) if baselines else ({}, [])
    contestants = [
        Contestant(
            candidate=each,
            ranked=space.ranked,
            judged=ranks_with_judgements(space, judged[each.name]) if judged else None,
            beside=forms.get(each.name, ()),
        )
        for each, space in zip(systems, common, strict=True)
    ]
    known = Comparison(
        split=split, judgements=judgements, notes=tuple(missing), warnings=_cautions(systems, spaces, split)
    )
    return side_by_side(common[0], contestants, known, by=by, sure=Sure(resamples=resamples, seed=seed))


def _judged(root: Path, spaces: Mapping[str, SplitVectors]) -> tuple[dict[str, Any] | None, dict[str, JudgedPairs]]:
    """Figures of each training with what was judged here, and these pairs; nothing where nothing of this split was."""
    told = read_judgements(root)
    found = {name: with_judgements(space, told, resamples=0, seed=0) for name, space in spaces.items()}
    first = next(iter(found.values()))
    if first is None:
        return None, {}
    counts = {key: first[key] for key in ("pairs", *VERDICTS)}
    systems = {name: {way: each[way] for way in DIRECTIONS} for name, each in found.items() if each}
    judged = {name: space.pairs.judged(told.latest.values()) for name, space in spaces.items()}
    return {**counts, "systems": systems}, judged


def _cautions(systems: Sequence[Candidate], spaces: Mapping[str, SplitVectors], split: str) -> tuple[str, ...]:
    """Every warning once, with the names that it is about where these are not all."""
    cautions: dict[str, list[str]] = {}
    for each in systems:
        for warning in warnings(each.splits.library, each.bundle, spaces[each.name], split):
            cautions.setdefault(warning, []).append(each.name)
    return tuple(
        said if len(names) == len(systems) else f"{' and '.join(names)}: {said}" for said, names in cautions.items()
    )


def _beside(
    systems: Sequence[Candidate], spaces: Mapping[str, SplitVectors], judged: Mapping[str, JudgedPairs]
) -> tuple[dict[str, list[Baseline]], list[str]]:
    """Baselines of each training, named as they stand in the table, and why others are missing.

    Of the closed forms the one that is best on val (the first where there is no val). Trainings of a library on the
    same vectors, whatever the order of their sources, share it.
    """
    found: dict[str, list[Baseline]] = {}
    notes: list[str] = []
    made: dict[tuple[int, frozenset[str], str], list[Baseline]] = {}
    several = len({each.bundle.text_encoder for each in systems}) > 1
    for each in systems:
        bundle, splits, space = each.bundle, each.splits, spaces[each.name]
        encoder = sources(bundle.encoder)
        key = id(splits), frozenset(source_names(encoder)), bundle.text_encoder
        if key not in made:
            effort = Effort(chosen_on=CHOSEN_ON, judged=judged.get(each.name))
            made[key] = closed_forms(splits, encoder, bundle.text_encoder, space, effort, best_alone=True)
            notes += effort.chosen(splits, made[key])
        towers, missing = native_towers(splits, encoder, space, Effort(judged=judged.get(each.name)))
        side = f"@{bundle.text_encoder}" if several else ""
        where = each.name.removeprefix(bundle.run)
        named = [replace(form, name=f"{form.encoder}{side} {form.name}{where}") for form in made[key]]
        named += [replace(tower, name=f"{tower.encoder} {NATIVE}{where}") for tower in towers]
        found[each.name] = named
        notes += missing
    return found, notes
