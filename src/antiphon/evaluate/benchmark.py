"""A checkpoint on a split: every figure with chance and its 95 % interval, beside baselines on the same vectors."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.file import stored_checksum
from antiphon.align.checkpoint.paths import run_folder
from antiphon.align.training.results.trackers.tensorboard import add_test
from antiphon.evaluate.baselines import Baseline, Effort, all_baselines
from antiphon.evaluate.one_pass import RanksAndLoss, judge
from antiphon.evaluate.per_query.whole_lists import figures_of_lists, required_ks
from antiphon.evaluate.protocols.chosen import as_asked, counts_said
from antiphon.evaluate.protocols.protocol import DEFAULT, find_protocol
from antiphon.evaluate.review.counted import with_judgements
from antiphon.evaluate.split_vectors import Splits, SplitVectors, Sure
from antiphon.evaluate.typed.measure import typed_queries
from antiphon.evaluate.verdict import verdict
from antiphon.evaluate.warned import warnings, was_fitted_on
from antiphon.library.captions import KINDS
from antiphon.library.files import write_json
from antiphon.library.judgements.file import Judgements, read_judgements
from antiphon.library.pairs import Pairs
from antiphon.metrics.retrieval import PROTOCOL, QuerySubset, Ranked
from antiphon.printed import counted

FITTED_ON = "No verdict: the checkpoint was fitted on these tracks. Judge it by the test split."


def evaluate(
    root: Path,
    checkpoint: Path,
    split: str = "test",
    *,
    baselines: bool | Literal["quick"] = True,
    every_query: bool = False,
    typed: bool = False,
    ks: Sequence[int] | None = None,
    protocol: str = DEFAULT,
    resamples: int = 1000,
    seed: int = 0,
    keep: bool = True,
) -> dict[str, Any]:
    """Measure a checkpoint on a split of a library.

    Parameters
    ----------
    root : library folder.
    checkpoint : a ``.pt`` file.
    split : ``"train"``, ``"val"`` or ``"test"``. For test the result is kept in ``runs/NAME/test_metrics.json``,
        unless it is of a checkpoint that was fitted again (``…_serving.pt``).
    baselines : whether to add ridge regression and CCA, fitted on train (settings chosen on val), and the native text
        tower where the encoder has one; ``"quick"`` leaves out those that take more than some seconds to fit.
    every_query : whether baselines are asked every query, and settings chosen on all of val, however large the split;
        else a sample is enough beyond :data:`antiphon.evaluate.baselines.EVERY_QUERY_UP_TO`, and ``notes`` say so.
    typed : whether tags, two words, questions and exclusions are asked too, which the text encoder has to read.
    ks : K of the figures at K: R@K of these beside 1, 5 and 10, and in ``lists`` the figures of whole result lists
        (:mod:`antiphon.evaluate.per_query.whole_lists`); None for R@1, R@5, R@10 alone.
    protocol : name of one of :data:`antiphon.evaluate.protocols.protocol.PROTOCOLS`: who asks, and what is right. Only
        results of the default are kept.
    resamples : bootstrap resamples, also of the paired tests; 0 leaves out the intervals, and keeps nothing.
    seed : of the resampling.
    keep : whether a result on test is kept in the library; not for a checkpoint that is no file of it.

    Returns
    -------
    The machine-readable contract (``protocol``, ``split``, ``t2a``, ``a2t``, ``loss``), and

    - ``loss_chance``, ``checkpoint``, ``checkpoint_checksum`` (of its file, "" where it has none), ``name`` (of the
      training), ``encoder``, ``text_encoder``, ``text_adapter`` (hash of what fine-tuning changed in it, or None),
      ``epoch``, ``left_out`` (tracks without vectors → reason), ``warnings``; ``captions``: kind → how many of the
      queries (people's where the split has any);
    - ``layers``: encoder → share of each of its layers, where layers are mixed;
    - ``parts``: of a checkpoint that has both, ``closed_forms`` and ``trained_heads`` (or ``frozen_recipe`` and
      ``fine_tuned_heads``) → ``share`` of the whole, the figures of that component alone, and ``training_minus_part``;
    - ``uncorrected``, only where the checkpoint corrects for hubness: ``weight``, ``neighbours``, the figures without
      it and ``training_minus_uncorrected``;
    - ``baselines``: name → figures of both directions, ``settings``, ``training_minus_baseline``, like the former as
      :func:`antiphon.metrics.pairing.paired_retrieval` gives it, and ``asked_tracks`` where these were some of them;
      ``notes``: why others are not among them, and what they were not asked;
    - ``typed``: what people type, as :func:`antiphon.evaluate.typed.measure.typed_queries` gives it, where asked for;
    - ``judgements``, only where pairs of this split were judged: the figures with them (and with
      ``ks`` those of whole lists, by their grades), as :func:`antiphon.evaluate.review.counted.with_judgements` gives
      them;
    - ``verdict``: one or two sentences.

    Raises
    ------
    CheckpointError : the checkpoint cannot be read.
    LibraryError : vectors are missing, the split is empty, or it is not the set that the protocol names.
    ConfigError : there is no such protocol, or K has no use.
    EmbeddingError : the vectors were made another way than those the checkpoint was trained on.
    """
    return measure(
        root, checkpoint, split,
        baselines=baselines, every_query=every_query, typed=typed, ks=ks, protocol=protocol,
        resamples=resamples, seed=seed, keep=keep,
    ).figures  # fmt: skip


class Measurement(NamedTuple):
    """The figures of :func:`evaluate`, and the vectors and (both directions') ranks that they came of."""

    figures: dict[str, Any]
    vectors: SplitVectors
    ranked: Ranked


@dataclass(frozen=True, kw_only=True)
class _Whole:
    """The checkpoint as a whole, that other systems are held against.

    Parameters
    ----------
    ranked : its ranks.
    """

    vectors: SplitVectors
    ranked: Ranked
    sure: Sure

    def beside(self, other: Ranked, gain: str, asked: QuerySubset | None = None) -> dict[str, Any]:
        """Figures of another system, and by the name ``gain`` what the whole is better by."""
        gained = self.vectors.gain(self.ranked, other, asked=asked, **self.sure)
        return {**self.vectors.figures(other, asked=asked, **self.sure), gain: gained}


def measure(
    root: Path,
    checkpoint: Path,
    split: str = "test",
    *,
    baselines: bool | Literal["quick"] = True,
    every_query: bool = False,
    typed: bool = False,
    ks: Sequence[int] | None = None,
    protocol: str = DEFAULT,
    resamples: int = 1000,
    seed: int = 0,
    keep: bool = True,
) -> Measurement:
    """:func:`evaluate`, with what its figures came of; parameters and errors as there."""
    asked_ks = () if ks is None else required_ks(ks)
    root, bundle, named = Path(root), Bundle.load(checkpoint), protocol != DEFAULT
    splits = Splits(root)
    vectors, asked_by = splits.vectors(bundle, split), find_protocol(protocol)
    if named:
        vectors = as_asked(protocol, asked_by, splits.library, vectors)
    judged, sure = judge(bundle, vectors), Sure(resamples=resamples, seed=seed)
    whole = _Whole(vectors=vectors, ranked=judged.ranked, sure=sure)
    result: dict[str, Any] = {
        "protocol": f"{protocol} ({counts_said(asked_by, vectors)}): {asked_by.said}" if named else PROTOCOL,
        "split": split,
        **vectors.figures(judged.ranked, ks=asked_ks, **sure),
        "loss": judged.loss,
        "loss_chance": judged.loss_chance,
        "checkpoint_checksum": stored_checksum(Path(checkpoint)),
        **_about(bundle, vectors),
        "warnings": warnings(splits.library, bundle, vectors, split),
        **_components(bundle, judged, whole),
    }
    list_ks = () if vectors.best_of else asked_ks
    if list_ks:
        for way, lists in figures_of_lists(vectors, list_ks, **sure).items():
            result[way]["lists"] = lists
    if baselines:
        again = ["antiphon", "evaluate", str(checkpoint), "--split", split, "--every-query", "--library", str(root)]
        effort = Effort.sensible(vectors, every_query=every_query)
        found, notes = all_baselines(splits, bundle, vectors, quick=baselines == "quick", effort=effort)
        result["baselines"] = _baselines(found, effort, whole)
        result["notes"] = [*notes, *effort.remarks(splits, found, shlex.join(again))]
    if typed:
        result["typed"] = typed_queries(splits.library, bundle, vectors, **sure)
    told = read_judgements(root)
    if named:
        uncounted = _uncounted(vectors, told, protocol)
        result |= {"notes": [*result.get("notes", ()), *uncounted]} if uncounted else {}
    elif (judgements := with_judgements(vectors, told, ks=list_ks, **sure)) is not None:
        result["judgements"] = judgements
    result["verdict"] = FITTED_ON if was_fitted_on(bundle, split) else verdict(result)
    kept = keep and not named and not bundle.refitted_on_val
    if kept and split == "test" and resamples:  # what reads the file asks for intervals
        _keep(root, bundle.run, result)
    return Measurement(result, vectors, judged.ranked)


def _about(bundle: Bundle, vectors: SplitVectors) -> dict[str, Any]:
    """Which checkpoint it is, and what it was asked with."""
    return {
        "checkpoint": bundle.name,
        "name": bundle.run,
        "encoder": bundle.encoder,
        "text_encoder": bundle.text_encoder,
        "text_adapter": None if bundle.adapter is None else bundle.adapter.id,
        "epoch": bundle.epoch,
        "layers": bundle.layer_weights(),
        "left_out": vectors.pairs.left_out,
        "captions": _by_kind(vectors.pairs),
    }


def _components(bundle: Bundle, judged: RanksAndLoss, whole: _Whole) -> dict[str, Any]:
    """Each component alone, and the whole without its hubness correction."""
    found: dict[str, Any] = {
        "parts": {
            name: {"share": share, **whole.beside(ranked, "training_minus_part")}
            for name, (share, ranked) in judged.components.items()
        }
    }
    if bundle.hubness is not None and judged.uncorrected is not None:
        said = {"weight": bundle.hubness.weight, "neighbours": bundle.hubness.neighbours}
        found["uncorrected"] = {**said, **whole.beside(judged.uncorrected, "training_minus_uncorrected")}
    return found


def _baselines(found: Sequence[Baseline], effort: Effort, whole: _Whole) -> dict[str, Any]:
    """Each baseline by its name."""
    some = {} if effort.asked is None else {"asked_tracks": int(effort.asked.tracks.sum())}
    return {
        each.name: {
            **whole.beside(each.ranked, "training_minus_baseline", effort.asked),
            **some,
            "settings": each.settings,
        }
        for each in found
    }


def _uncounted(vectors: SplitVectors, told: Judgements, protocol: str) -> list[str]:
    """A line where people judged pairs of a split that a named protocol scores."""
    n = len(vectors.pairs.judged(told.latest.values()))
    if not n:
        return []
    return [f"{counted(n, 'judged pair')} of this split: not counted, '{protocol}' is scored by its own rule alone."]


def _keep(root: Path, name: str, result: dict[str, Any]) -> None:
    """Write the result for those that read it; figures that took minutes are not lost where nobody may write."""
    path = run_folder(root, name) / "test_metrics.json"
    try:
        write_json(path, result)
        add_test(root, name, result)
    except OSError as error:
        said = f"{path} could not be written ({error.strerror}): antiphon diagnose will not know of this result."
        result["warnings"].append(said)


def _by_kind(pairs: Pairs) -> dict[str, int]:
    counts = {kind: int((pairs.kinds == kind).sum()) for kind in KINDS}
    return {kind: count for kind, count in counts.items() if count}
