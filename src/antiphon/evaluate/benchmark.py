"""A checkpoint on a split: every figure with chance and its 95 % interval, beside baselines on the same vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from antiphon.align.checkpoint import Bundle
from antiphon.evaluate.baselines import NAMES, fit_baselines, rank_baseline, settings_of
from antiphon.evaluate.measured import Space, measure_checkpoint
from antiphon.library.files import write_json
from antiphon.library.tracks import Library
from antiphon.metrics.pairing import paired_retrieval
from antiphon.metrics.ranks import correct_tracks
from antiphon.metrics.retrieval import METRICS, PROTOCOL, Ranked, chance, describe

SMALL_SPLIT = 50
"""Tracks below which a split gives only a rough idea."""


def evaluate(
    root: Path, checkpoint: Path, split: str = "test", *, baselines: bool = True, resamples: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """Measure a checkpoint on a split of a library.

    Parameters
    ----------
    root : library folder.
    checkpoint : a ``.pt`` file.
    split : ``"train"``, ``"val"`` or ``"test"``. For test the result is kept in ``runs/ENCODER/test_metrics.json``.
    baselines : whether to fit ridge regression and CCA on the train split (settings chosen on val).
    resamples : bootstrap resamples, also of the paired tests.
    seed : of the resampling.

    Returns
    -------
    The machine-readable contract (``protocol``, ``split``, ``t2a``, ``a2t``, ``loss``), and ``loss_chance``,
    ``checkpoint``, ``encoder``, ``text_encoder``, ``epoch``, ``left_out`` (tracks without vectors → reason),
    ``warnings``, ``baselines`` (name → figures of both directions, ``settings``, and ``training_minus_baseline`` as
    :func:`antiphon.metrics.pairing.paired_retrieval` gives it) and ``verdict``, one sentence.

    Raises
    ------
    CheckpointError : the checkpoint cannot be read.
    LibraryError : vectors are missing, or the split is empty.
    EmbeddingError : the vectors were made another way than those the checkpoint was trained on.
    """
    root, bundle = Path(root), Bundle.load(checkpoint)
    space, loss, loss_chance = measure_checkpoint(root, bundle, split)
    ranked = space.ranked()
    result: dict[str, Any] = {
        "protocol": PROTOCOL,
        "split": split,
        **_described(space, ranked, resamples, seed),
        "loss": loss,
        "loss_chance": loss_chance,
        "checkpoint": bundle.name,
        "encoder": bundle.encoder,
        "text_encoder": bundle.text_encoder,
        "epoch": bundle.epoch,
        "left_out": space.pairs.left_out,
        "warnings": warnings(root, bundle, space, split),
    }
    if baselines:
        result["baselines"] = _baselines(root, bundle, space, ranked, resamples, seed)
    result["verdict"] = verdict(result)
    if split == "test":
        write_json(root / "runs" / bundle.encoder / "test_metrics.json", result)
    return result


def _described(space: Space, ranked: Ranked, resamples: int, seed: int) -> dict[str, dict[str, Any]]:
    pairs = space.pairs
    return describe(
        ranked, pairs.track_of_caption, pairs.text_id, resamples=resamples, seed=seed, clusters=space.clusters
    )


def _baselines(
    root: Path, bundle: Bundle, space: Space, ranked: Ranked, resamples: int, seed: int
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    pairs = space.pairs
    for name, form in fit_baselines(root, bundle.encoder, bundle.text_encoder).items():
        theirs = rank_baseline(root, form, bundle.encoder, space)
        found[name] = {
            **_described(space, theirs, resamples, seed),
            "settings": settings_of(form),
            "training_minus_baseline": paired_retrieval(
                ranked,
                theirs,
                pairs.track_of_caption,
                pairs.text_id,
                clusters=space.clusters,
                resamples=max(resamples, 100),
                seed=seed,
            ),
        }
    return found


def warnings(root: Path, bundle: Bundle, space: Space, split: str) -> list[str]:
    """What makes these figures less than they seem, each a sentence."""
    found = []
    library = Library(root)
    n = len(space.pairs.track_ids)
    if split != "train":
        seen = len(set(space.pairs.track_ids) & set(bundle.train_ids))
        if seen:
            found.append(
                f"{seen} of these {n} {split} tracks were trained on: the library was split anew since. "
                f"These figures are too good; train again (antiphon train --encoder {bundle.encoder})."
            )
        elif bundle.split_fingerprint != library.split_fingerprint():
            found.append("The library's splits changed since training, but no track of this split was trained on.")
    if split != "test":
        used = "trained on" if split == "train" else "used to choose the epoch"
        found.append(f"The {split} split was {used}: report the test split.")
    if n < SMALL_SPLIT:
        found.append(
            f"Only {n} tracks: one track more or less changes R@1 by {100 / n:.1f} points, "
            f"and R@10 is {_chance(space)['R@10']:.0f}% by chance."
        )
    if space.pairs.left_out:
        reason = next(iter(space.pairs.left_out.values()))
        found.append(f"{len(space.pairs.left_out)} tracks of the split took no part ({reason}).")
    return found


def _chance(space: Space) -> dict[str, float]:
    correct = correct_tracks(space.pairs.track_of_caption, space.pairs.text_id, len(space.pairs.track_ids))
    return chance(len(space.pairs.track_ids), correct.counts)


def mean_mrr(result: dict[str, Any]) -> float:
    """Mean of both directions' MRR, 0 … 1."""
    return float(result["t2a"]["MRR"] + result["a2t"]["MRR"]) / 2


def beats_chance(figures: dict[str, Any]) -> bool:
    """Whether a direction's MRR lies above chance with its whole 95 % interval."""
    return bool(figures["ci95"]["MRR"][0] > figures["chance"]["MRR"])


def verdict(result: dict[str, Any]) -> str:
    """One sentence: does training beat chance, and the strongest baseline?"""
    if "ci95" in result["t2a"] and not (beats_chance(result["t2a"]) or beats_chance(result["a2t"])):
        return "Not distinguishable from chance on this split."
    found: dict[str, dict[str, Any]] = result.get("baselines", {})
    if not found:
        return "Better than chance; not compared with baselines."
    name = max(found, key=lambda key: mean_mrr(found[key]))
    gain = found[name]["training_minus_baseline"]["mean"]["MRR"]
    low, high = gain["ci95"]
    said = (
        f"MRR {mean_mrr(result):.3f} against {mean_mrr(found[name]):.3f} of {NAMES[name]}, mean of directions; "
        f"difference {gain['difference']:+.3f} (95% {low:+.3f} to {high:+.3f}, p = {gain['p']:.2g})"
    )
    if low > 0:
        return f"Training beats the best baseline: {said}."
    if high < 0:
        return f"Training did NOT beat the best baseline, it is worse: {said}."
    return f"Training did not measurably beat the best baseline: {said}."


def lines(result: dict[str, Any]) -> list[str]:
    """The result for people: both directions with value, 95 % interval and chance, then baselines and warnings."""
    said = [
        f"{result['checkpoint']} (epoch {result['epoch']}) on {result['split']}: loss {result['loss']:.4f}, "
        f"chance {result['loss_chance']:.4f}"
    ]
    for way, name in (("t2a", "text to audio"), ("a2t", "audio to text")):
        figures = result[way]
        said.append(f"{way} ({name}): {figures['n_queries']} queries, {figures['n_items']} items")
        said.append(f"  {'':<12}{'value':>9}{'95 % interval':>21}{'chance':>10}")
        said += [_row(key, figures) for key in METRICS]
    for name, figures in result.get("baselines", {}).items():
        both = f"t2a MRR {figures['t2a']['MRR']:.4f}, a2t MRR {figures['a2t']['MRR']:.4f}"
        said.append(
            f"baseline {name}: {both}, t2a R@1 {figures['t2a']['R@1']:.2f}%, R@10 {figures['t2a']['R@10']:.2f}%"
        )
    said.append(result["verdict"])
    said += [f"Warning: {warning}" for warning in result["warnings"]]
    return said


def _row(key: str, figures: dict[str, Any]) -> str:
    shape = {"MRR": "{:.4f}", "median_rank": "{:g}"}.get(key, "{:.2f}%")
    interval = ""
    if "ci95" in figures:
        interval = " – ".join(shape.format(end) for end in figures["ci95"][key])
    label = "median rank" if key == "median_rank" else key
    return f"  {label:<12}{shape.format(figures[key]):>9}{interval:>21}{shape.format(figures['chance'][key]):>10}"
