"""Fuse trainings of several encoders: an ensemble of their checkpoints, which is a checkpoint like any other.

Each training's cosines are first multiplied by its learned scale (1 / temperature), so that a sharp and a blunt one
compare; shares of these are chosen on val (:mod:`antiphon.align.ensemble.fusion_shares`). What is kept are the weights
of plain cosines: ``muq,mert_best_r1.pt``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.file import stored_checksum
from antiphon.align.checkpoint.paths import (
    SERVING,
    checkpoint_paths,
    find_checkpoint,
    for_search,
    only_trainer,
    run_folder,
)
from antiphon.align.data.material import read_material
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.ensemble.fusion_on_split import FusionOnSplit
from antiphon.align.ensemble.fusion_result import FuseResult
from antiphon.align.ensemble.fusion_shares import checked_shares, choose_shares, equal_shares, weights_of
from antiphon.align.ensemble.temperature import fit_temperature
from antiphon.align.hubness.correction import Hubness
from antiphon.align.hubness.fit import fit_hubness_of
from antiphon.align.model import SharedSpace
from antiphon.errors import CheckpointError, ConfigError
from antiphon.library.files import write_json
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import Provenance

MAX_MEMBERS = 8
"""Trainings that one fusion combines, at most."""


def fuse(root: Path, encoders: Sequence[str], *, shares: Sequence[float] | None = None) -> FuseResult:
    """Fuse the best checkpoints of several encoders into one, their shares chosen on val.

    Parameters
    ----------
    root : library folder, with ``checkpoints/ENCODER_best_r1.pt`` for each.
    encoders : two to eight names, each once; joined ones (``muq+mert``) count as one.
    shares : ≥ 0, instead of choosing; scaled to sum 1.

    Raises
    ------
    ConfigError : too few or too many encoders, or shares that do not fit them.
    CheckpointError : one was not trained, or on other splits than the others.
    LibraryError : vectors are missing, no val track has all of them, or another process is at the same fusion.
    EmbeddingError : they were trained on different text vectors, or the library's vectors are not those.
    """
    given = None if shares is None else checked_shares(shares, len(encoders))
    _require_several(encoders)
    root = Path(root)
    with only_trainer(root, ",".join(encoders), "fusing into"):
        bundle, result = _fused(root, encoders, given)
        bundle.save(result.checkpoint)
        files = zip(encoders, _best_files(root, encoders), strict=True)
        seals = {encoder: stored_checksum(file) for encoder, file in files}
        write_json(run_folder(root, result.name) / "fusion.json", {**result.to_dict(), "member_checksums": seals})
        return result


def fused_for_search(root: Path, trainings: Sequence[str]) -> tuple[Bundle, FuseResult]:
    """A fusion of what search takes of each training, with the weights that val chose, and what it came to.

    Val chooses among those that never saw it. Where trainings were fitted again on train and val
    (:mod:`antiphon.align.ensemble.serving`), these then take their places. Nothing is written.

    Raises
    ------
    ConfigError, CheckpointError, LibraryError, EmbeddingError : as :func:`fuse`.
    """
    _require_several(trainings)
    fused, result = _fused(root, trainings, None)
    best = _best_files(root, trainings)
    served = [for_search(file) for file in best]
    if served == best:
        return fused, result
    bundles = [Bundle.load(file) for file in served]
    space = Ensemble.from_members([each.space for each in bundles], result.weights, own_audio=True).space
    space.log_scale.copy_(fused.space.log_scale)
    for_them = replace(
        fused,
        name=f"{result.name}_{SERVING}",
        space=space,
        hubness=_hubness(root, bundles, space),
        train_ids=_train_ids(bundles),
        refitted_on_val=max(each.refitted_on_val for each in bundles),
    )
    return for_them, result


def _require_several(encoders: Sequence[str]) -> None:
    if not 2 <= len(encoders) <= MAX_MEMBERS:
        raise ConfigError(
            f"A fusion takes 2 to {MAX_MEMBERS} trained encoders, not {len(encoders)}.", fix="antiphon fuse muq mert"
        )
    if len(set(encoders)) < len(encoders):
        raise ConfigError(f"A fusion takes trainings, each once, not {' '.join(encoders)}.")


def _best_files(root: Path, encoders: Sequence[str]) -> list[Path]:
    return [find_checkpoint(root, checkpoint_paths(root, encoder)["best_r1"].name) for encoder in encoders]


def _fused(root: Path, encoders: Sequence[str], given: NDArray[np.float64] | None) -> tuple[Bundle, FuseResult]:
    name = ",".join(encoders)
    bundles = [Bundle.load(path) for path in _best_files(root, encoders)]
    _require_alike(bundles)
    library, val = Library(root), None
    if len(library.tracks_in("val")):
        val = FusionOnSplit(bundles, load_pairs(library, _sources(bundles), bundles[0].text_encoder, "val"), library)
    chosen, tried = given if given is not None else equal_shares(len(bundles)), 0
    if given is None and val is not None:
        chosen, tried = choose_shares(val.scores, len(bundles))
    weights = weights_of(chosen, [bundle.temperature for bundle in bundles])
    space = Ensemble.from_members([bundle.space for bundle in bundles], weights.tolist(), own_audio=True).space
    if val is not None:
        fit_temperature(space, val.vectors(chosen), val.raw, kind=bundles[0].config.loss)
    hubness = _hubness(root, bundles, space)
    figures = {} if val is None else val.figures(chosen, hubness)
    result = FuseResult(
        name=name,
        encoders=tuple(encoders),
        weights=tuple(weights.tolist()),
        shares=tuple(chosen.tolist()),
        val_mrr=None if val is None else val.mrr(chosen),
        equal_mrr=None if val is None else val.mrr(equal_shares(len(bundles))),
        alone_mrr={} if val is None else {e: val.mrr(s) for e, s in zip(encoders, np.eye(len(bundles)), strict=True)},
        tried=tried,
        left_out={} if val is None else val.pairs.left_out,
        checkpoint=checkpoint_paths(root, name)["best_r1"],
    )
    return _bundle(name, bundles, space, figures, hubness), result


def _sources(bundles: Sequence[Bundle]) -> str:
    """The encoders whose vectors a fusion reads, one after another."""
    return ",".join(bundle.encoder for bundle in bundles)


def _hubness(root: Path, bundles: Sequence[Bundle], space: SharedSpace) -> Hubness | None:
    """The hubness correction that the first training's settings ask for, with a reference in the fused space."""
    first = bundles[0]
    if first.config.hubness != "always":
        return None
    material = read_material(root, _sources(bundles), first.text_encoder, kinds=first.config.caption_kinds)
    if first.refitted_on_val and material.val is not None:
        material = material.with_val()
    return fit_hubness_of(space, material.train, seed=first.seed)


def _require_alike(bundles: Sequence[Bundle]) -> None:
    first = bundles[0]
    for bundle in bundles:
        if bundle.adapter is not None:
            raise CheckpointError(
                f"{bundle.name} has a text encoder of its own (fine-tuned): it cannot be fused.",
                fix=f"Train it with frozen text: antiphon train --encoder {bundle.encoder}",
            )
    for other in bundles[1:]:
        first.text_provenance.require_same(
            other.text_provenance,
            mine=f"the text vectors of {first.name}",
            theirs=f"those of {other.name}",
            fix="Train them on the same text encoder: antiphon train --text NAME",
        )
        if first.split_fingerprint != other.split_fingerprint:
            raise CheckpointError(
                f"{first.name} and {other.name} were trained on different splits of the library.",
                fix=f"Train again: antiphon train --encoder {first.encoder} {other.encoder}",
            )


def _bundle(
    name: str, bundles: Sequence[Bundle], space: SharedSpace, val: dict[str, Any], hubness: Hubness | None
) -> Bundle:
    return replace(
        bundles[0],
        name=f"{name}_best_r1",
        run=name,
        encoder=_sources(bundles),
        audio_provenance=Provenance.joined([bundle.audio_provenance for bundle in bundles]),
        space=space,
        epoch=max(bundle.epoch for bundle in bundles),
        val=val,
        train_ids=_train_ids(bundles),
        training={},
        hubness=hubness,
    )


def _train_ids(bundles: Sequence[Bundle]) -> list[str]:
    return list(dict.fromkeys(track for bundle in bundles for track in bundle.train_ids))
