"""Fuse trainings of several encoders: their scores, weighed and summed.

Each training's cosines are first multiplied by its learned scale (1 / temperature), so that a sharp and a blunt one
compare; shares of these are chosen on val (:mod:`antiphon.metrics.selection`). What is kept are the weights of plain
cosines, out of which :mod:`antiphon.align.heads.ensemble_head` makes one shared space: the result is a checkpoint like
any other, ``muq,mert_best_r1.pt``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths, run_folder
from antiphon.align.data.features import Rows
from antiphon.align.data.material import read_material
from antiphon.align.ensemble.ensemble import side_by_side
from antiphon.align.heads.ensemble_head import ensemble_spec
from antiphon.align.hubness.correction import Hubness, scored
from antiphon.align.hubness.fit import fit_hubness_of
from antiphon.align.inference import PairSet, measured_loss
from antiphon.align.model import SharedSpace
from antiphon.align.training.history import DIRECTIONS, MEASURES
from antiphon.arrays import Embeddings
from antiphon.errors import CheckpointError, ConfigError
from antiphon.library.files import write_json
from antiphon.library.pairs import Pairs, load_pairs
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import Provenance
from antiphon.metrics.retrieval import retrieval
from antiphon.metrics.selection import Scores, optimism, scores, votes
from antiphon.printed import Printed

Float64 = NDArray[np.float64]
STEPS = {2: 20, 3: 10, 4: 6}
"""Into how many parts a whole is cut when shares are tried, by the number of trainings; 4 for more of them."""
MOST = 8
TEMPERATURES = np.geomspace(0.01, 1.0, 41)


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

    def lines(self) -> list[str]:
        """The result for people."""
        parts = ", ".join(f"{name} {w:.2f}" for name, w in zip(self.encoders, self.weights, strict=True))
        said = [f"{self.name}: {parts} → {self.checkpoint}"]
        if self.val_mrr is None:
            return [*said, "  Equal shares: without a val split there is nothing to choose them by."]
        alone = ", ".join(f"{name} {mrr:.4f}" for name, mrr in self.alone_mrr.items())
        said.append(f"  val MRR {self.val_mrr:.4f}, with equal shares {self.equal_mrr:.4f}; alone: {alone}")
        if any(share == 0 for share in self.shares):
            unused = ", ".join(n for n, s in zip(self.encoders, self.shares, strict=True) if s == 0)
            said.append(f"  No share went to {unused}: fuse without.")
        return said


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
    LibraryError : vectors are missing, or no val track has all of them.
    EmbeddingError : they were trained on different text vectors, or the library's vectors are not those.
    """
    if not 2 <= len(encoders) <= MOST:
        raise ConfigError(
            f"A fusion takes 2 to {MOST} trained encoders, not {len(encoders)}.", fix="antiphon fuse muq mert"
        )
    if len(set(encoders)) < len(encoders):
        raise ConfigError(f"A fusion takes trainings, each once, not {' '.join(encoders)}.")
    root, name = Path(root), ",".join(encoders)
    given = None if shares is None else _checked(shares, len(encoders))
    bundles = [Bundle.load(checkpoint_paths(root, encoder)["best_r1"]) for encoder in encoders]
    _require_alike(bundles)
    library, val = Library(root), None
    if len(library.tracks_in("val")):
        val = Judge(bundles, load_pairs(library, _sources(bundles), bundles[0].text_encoder, "val"), library)
    chosen, tried = (given, 0) if given is not None else _chosen(val, len(bundles))
    weights = weights_of(chosen, bundles)
    space = late_space(bundles, weights)
    if val is not None:
        val.settle_temperature(space, chosen)
    path = checkpoint_paths(root, name)["best_r1"]
    hubness = _hubness(root, bundles, space)
    figures = {} if val is None else val.figures(chosen, hubness)
    _bundle(name, bundles, space, figures, hubness).save(path)
    result = FuseResult(
        name=name,
        encoders=tuple(encoders),
        weights=tuple(weights.tolist()),
        shares=tuple(chosen.tolist()),
        val_mrr=None if val is None else val.mrr(chosen),
        equal_mrr=None if val is None else val.mrr(np.ones(len(bundles)) / len(bundles)),
        alone_mrr={} if val is None else {e: val.mrr(s) for e, s in zip(encoders, np.eye(len(bundles)), strict=True)},
        tried=tried,
        left_out={} if val is None else val.pairs.left_out,
        checkpoint=path,
    )
    write_json(run_folder(root, name) / "fusion.json", result.to_dict())
    return result


class Judge:
    """What shares are worth on one split.

    Parameters
    ----------
    bundles : the trainings; their vectors of the split are made once.
    pairs : with the audio of all of them side by side.
    library : knows the tracks' groups.
    """

    def __init__(self, bundles: Sequence[Bundle], pairs: Pairs, library: Library) -> None:
        joined = Provenance.joined([bundle.audio_provenance for bundle in bundles])
        joined.require_same(pairs.audio_provenance, mine="the checkpoints", theirs="the library's vectors")
        bundles[0].require(text=pairs.text_provenance)
        self.bundles, self.pairs = bundles, pairs
        sides = Rows.all_of(pairs.audio), Rows.all_of(pairs.text)
        self.raw = PairSet(*sides, pairs.track_of_caption, pairs.text_id)
        self._group = library.group_numbers(pairs.track_ids)
        self._vectors: list[Embeddings] = []
        start = 0
        for bundle in bundles:
            end = start + bundle.audio_provenance.layout.size
            own = pairs.audio[:, start:end]
            self._vectors.append(Embeddings(bundle.embed_text(pairs.text), bundle.embed_audio(own)))
            start = end

    def vectors(self, shares: Float64) -> Embeddings:
        """Texts and tracks of unit length, as the fused checkpoint makes them."""
        return side_by_side(self._vectors, weights_of(shares, self.bundles).tolist())

    def figures(self, shares: Float64, hubness: Hubness | None = None) -> dict[str, Any]:
        """Retrieval in the form of a line of the history."""
        found = retrieval(*scored(self.vectors(shares), hubness), self.pairs.track_of_caption, self.pairs.text_id)
        return {f"val_{way}_{key}": float(found[way][key]) for way in DIRECTIONS for key in MEASURES}

    def scores(self, shares: Float64) -> Scores:
        """Reciprocal ranks by group."""
        return scores(*self.vectors(shares), self.pairs.track_of_caption, self.pairs.text_id, self._group)

    def mrr(self, shares: Float64) -> float:
        """Mean of both directions."""
        return self.scores(shares).mrr()

    def settle_temperature(self, space: SharedSpace, shares: Float64) -> None:
        """Give the space the temperature of lowest loss here: none was learned for the sum."""
        raw, kind = self.raw, self.bundles[0].config.loss
        text, audio = (torch.from_numpy(side) for side in self.vectors(shares))
        losses = []
        for temperature in TEMPERATURES:
            space.log_scale.fill_(-np.log(temperature))
            losses.append(measured_loss(space, text, audio, raw, kind=kind)[0])
        space.log_scale.fill_(-np.log(TEMPERATURES[int(np.argmin(losses))]))


def weights_of(shares: Float64, bundles: Sequence[Bundle]) -> Float64:
    """(n,) weights of plain cosines, sum 1, from shares of those that each bundle scales its own way."""
    scaled = shares / np.array([bundle.temperature for bundle in bundles])
    return np.asarray(scaled / scaled.sum())


def late_space(bundles: Sequence[Bundle], weights: Float64) -> SharedSpace:
    """The heads of several checkpoints as one space whose cosine is the weighted sum of theirs."""
    specs = [bundle.space.audio.spec for bundle in bundles], [bundle.space.text.spec for bundle in bundles]
    space = SharedSpace(ensemble_spec(specs[0], own_columns=True), ensemble_spec(specs[1], own_columns=False))
    state: dict[str, Any] = {"log_scale": bundles[0].space.log_scale, "bias": bundles[0].space.bias}
    for side in ("audio", "text"):
        state |= {f"{side}.standardise.{k}": v for k, v in getattr(space, side).standardise.state_dict().items()}
        state[f"{side}.weights"] = torch.from_numpy(weights)
        for i, bundle in enumerate(bundles):
            member = getattr(bundle.space, side).state_dict()
            state |= {f"{side}.members.{i}.{key}": value for key, value in member.items()}
    space.load_state_dict(state)
    return space.eval().requires_grad_(False)


def simplex(parts: int, steps: int) -> Iterator[Float64]:
    """Every way to cut a whole into ``parts`` shares that are multiples of 1 / ``steps``."""
    for marks in combinations(range(steps + parts - 1), parts - 1):
        yield (np.diff([-1, *marks, steps + parts - 1]) - 1) / steps


def _chosen(val: Judge | None, parts: int) -> tuple[Float64, int]:
    """Shares between equal ones and those that resamples of val elect; and how many were compared.

    Equal shares are hard to beat, and the best on a small val split are mostly luck: they are left only as far as the
    elected ones do better on the tracks that their resample did not draw.
    """
    equal = np.full(parts, 1 / parts)
    if val is None:
        return equal, 0
    tried = sorted([equal, *simplex(parts, STEPS.get(parts, 4))], key=lambda s: float(np.square(s - equal).sum()))
    candidates = [val.scores(shares) for shares in tried]
    elected, judged = votes(candidates) @ np.stack(tried), optimism(candidates)
    trust = 0.0 if judged is None else judged.trust
    return np.asarray(trust * elected + (1 - trust) * equal), len(tried)


def _sources(bundles: Sequence[Bundle]) -> str:
    """The encoders whose vectors a fusion reads, one after another."""
    return ",".join(bundle.encoder for bundle in bundles)


def _hubness(root: Path, bundles: Sequence[Bundle], space: SharedSpace) -> Hubness | None:
    """The hubness correction that the first training's settings ask for, with a reference in the fused space."""
    first = bundles[0]
    if first.config.hubness != "always":
        return None
    return fit_hubness_of(space, read_material(root, _sources(bundles), first.text_encoder).train, seed=first.seed)


def _checked(shares: Sequence[float], parts: int) -> Float64:
    values = np.asarray(shares, dtype=np.float64)
    if len(values) != parts or not np.isfinite(values).all() or values.min() < 0 or values.sum() <= 0:
        raise ConfigError(f"{parts} encoders need {parts} shares of at least 0, one of them above, not {list(shares)}.")
    return np.asarray(values / values.sum())


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
        train_ids=list(dict.fromkeys(track for bundle in bundles for track in bundle.train_ids)),
        training={},
        hubness=hubness,
    )
