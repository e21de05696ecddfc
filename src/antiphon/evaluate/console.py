"""What an evaluation, and the end of a training, say to people: figures with intervals, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.align.data.kinds_that_help import FEW
from antiphon.align.train_result import TrainResult
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.components import COMPONENT_NAMES
from antiphon.evaluate.per_query.list_table import interval, list_lines
from antiphon.evaluate.review.counted import judgement_lines
from antiphon.evaluate.typed.lines import typed_lines
from antiphon.evaluate.warned import CAPTIONS, subject
from antiphon.metrics.figures import DIRECTIONS, label, metrics, written
from antiphon.metrics.retrieval import PROTOCOL, mean_of_directions
from antiphon.printed import counted, reasons_counted

SIDE_KEYS = ("R@1", "R@5", "R@10", "MRR")
TRAINED = "trained"
MOST_LAYERS = 5
NAMES = {"t2a": "text to audio", "a2t": "audio to text"}
MADE = {"tags": "captions made from metadata", "machine": "machine captions"}
LEARNED = {"human": "captions by people", **MADE}


def evaluation_lines(result: Mapping[str, Any]) -> list[str]:
    """The whole result of :func:`antiphon.evaluate.benchmark.evaluate`."""
    made = f"epoch {result['epoch']}" if result["epoch"] else "closed forms alone"
    made = "a fusion" if "," in result["encoder"] else made
    said = [
        f"{result['checkpoint']} ({made}) on {result['split']}{against(result)}: loss {result['loss']:.4f}, "
        f"chance {result['loss_chance']:.4f}"
    ]
    said += [f"Protocol: {result['protocol']}"] if result.get("protocol", PROTOCOL) != PROTOCOL else []
    said += [line for way in DIRECTIONS for line in direction_lines(way, result[way])]
    said += [*side_by_side(result), *judgement_lines(result), *typed_lines(result.get("typed"))]
    return [*said, result["verdict"], *layers(result), *remarks(result)]


def direction_lines(way: str, figures: Mapping[str, Any]) -> list[str]:
    """One direction's figures, each with its interval and chance."""
    return [f"{way} ({NAMES[way]}): {asked(way, figures)}", *figure_lines(figures)]


def asked(way: str, figures: Mapping[str, Any]) -> str:
    """Who asks, among what, and how many of those who ask are independent of one another."""
    queries, items = ("captions", "tracks") if way == "t2a" else ("tracks", "captions")
    groups = f"; {counted(figures['n_groups'], 'independent group')}" if "n_groups" in figures else ""
    return f"{figures['n_queries']:,} queries ({queries}), {figures['n_items']:,} items ({items}){groups}"


def figure_lines(figures: Mapping[str, Any]) -> list[str]:
    """A table of figures, each with its interval and chance."""
    return [
        f"  {'':<12}{'value':>9}{'95 % interval':>21}{'chance':>10}",
        *(_row(key, figures) for key in rank_keys(figures)),
        *list_lines(figures.get("lists", {}), figures),
    ]


def rank_keys(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """The figures of ranks that one direction has, in their order."""
    return metrics(int(key[2:]) for key in figures if key.startswith("R@"))


def against(result: Mapping[str, Any]) -> str:
    """ ", against machine captions" where not people alone wrote the queries; "" otherwise."""
    asked = result.get("captions", {"human": 1})
    return "" if set(asked) == {"human"} else f", against {' and '.join(LEARNED[kind] for kind in asked)}"


def judge_training(root: Path, result: TrainResult, *, resamples: int = 200) -> dict[str, Any] | None:
    """``best_r1`` on val with its baselines, as :func:`antiphon.evaluate.benchmark.evaluate` gives it.

    Closed forms that take more than some seconds to fit are left out. None where val has no figures.
    """
    if result.best.val is None:
        return None
    found = evaluate(Path(root), result.checkpoints["best_r1"], "val", baselines="quick", resamples=resamples)
    found["warnings"] = [
        one for one in found["warnings"] if subject(one)[0] in CAPTIONS
    ]  # that val chose is said below
    return found


def training_summary(result: TrainResult, judged: dict[str, Any] | None) -> dict[str, Any]:
    """Plain values for ``antiphon train --json``."""
    return {**result.to_dict(), "val": judged}


def finished_before_line(result: TrainResult) -> str:
    """What is said of a training that was finished before."""
    best = result.best
    reached = "" if best.mean_mrr is None else f", mean val MRR {best.mean_mrr:.4f}"
    if not result.config.epochs:
        return (
            f"{result.name}: already solved (closed forms alone{reached}). Anew: --overwrite; beside it: --name NAME."
        )
    more = "More epochs: --epochs N --resume."
    if result.stopped_early:  # --epochs alone would change nothing
        more = "It stopped early; more epochs: a larger --patience N (0: never stop early), with --resume."
    return (
        f"{result.name}: already trained ({len(result.history)} epochs; best is epoch {best.epoch}{reached}). "
        f"{more} Anew: --overwrite; beside it: --name NAME."
    )


def training_lines(result: TrainResult, judged: dict[str, Any] | None) -> list[str]:
    """The end of a training for people."""
    best = result.best
    said = [f"{result.name}: closed forms alone in {result.seconds:.1f} s."]
    if best.epoch:
        said = [f"{result.name}: {len(result.history)} epochs in {result.seconds:.1f} s; best is epoch {best.epoch}."]
    if result.frozen_mrr is not None and best.mean_mrr is not None:
        tuned = mean_of_directions(judged["uncorrected"]) if judged and "uncorrected" in judged else best.mean_mrr
        gain = tuned - result.frozen_mrr  # both by cosine: what hubness correction adds has a row of its own
        verb = "adds" if gain > 0 else "did NOT beat them:"
        said.append(
            f"Frozen text vectors alone: mean val MRR {result.frozen_mrr:.4f}; fine-tuning the text encoder {verb} "
            f"{gain:+.4f} ({tuned:.4f})."
        )
    if result.stopped_early:
        epochs = "an epoch" if result.config.patience == 1 else f"{result.config.patience} epochs"
        said.append(f"Stopped early: val MRR had not risen for {epochs} (--patience).")
    said += learned_from(result)
    said += [] if result.judged is None else list(result.judged.lines)
    said += [] if result.closed_forms is None else result.closed_forms.lines()
    said += closed_forms_chosen(result)
    if result.left_out:
        reasons = reasons_counted(result.left_out.values()).rstrip(".")
        said.append(f"Left out: {counted(len(result.left_out), 'track')}: {reasons}.")
    if judged is None:
        return [*said, "There is no val split to judge by: antiphon evaluate shows the test split."]
    n_tracks = judged["t2a"]["n_items"]
    chosen = [*(["the epoch"] if best.epoch else []), *(["the members' weights"] if judged.get("parts") else [])]
    choices = ", ".join([*chosen, "the settings of ridge and CCA"])
    said.append(f"On val ({n_tracks} tracks{against(judged)}), which chose {choices}:")
    said += side_by_side(judged)
    return [*said, judged["verdict"], *layers(judged), *remarks(judged), *searched_with(result)]


def searched_with(result: TrainResult) -> list[str]:
    """What search takes in place of ``best_r1``, if anything: a line."""
    if result.serving is None:
        return []
    return [
        f"Search takes {result.serving.name}: the same with its closed forms fitted again on train and val. The "
        f"figures above are from before, those of {result.checkpoints['best_r1'].name}."
    ]


def closed_forms_chosen(result: TrainResult) -> list[str]:
    """Which closed forms a look inside train chose, where one was taken: a line."""
    if result.linear_share is None:
        return []
    shares = {"kernel CCAs": 1 - result.linear_share, "linear CCAs": result.linear_share}
    chosen = " and ".join(f"{name} ({100 * share:.0f}%)" for name, share in shares.items() if share)
    return [f"Closed forms: {chosen}, as a quick look inside train found best."]


def learned_from(result: TrainResult) -> list[str]:
    """Whose captions it learned from, where Antiphon made some: a line."""
    kinds = result.kinds
    if kinds is None or (kinds.kinds == ("human",) and not kinds.gains):
        return []
    names = " and ".join(LEARNED[kind] for kind in kinds.kinds)
    if not kinds.gains:
        few = (
            f"; {kinds.tracks} tracks with captions by people are too few to measure by"
            if 0 < kinds.tracks < FEW
            else ""
        )
        return [f"Learned from {names}{few}."]
    measured = ", ".join(f"{name} {gain:+.3f}" for name, gain in kinds.gains.items())
    return [f"Learned from {names}; MRR in a quick look inside train, over people's captions alone: {measured}."]


def layers(result: Mapping[str, Any]) -> list[str]:
    """The layers of an encoder with the largest weights, where training learns them: a line an encoder."""
    said = []
    for encoder, weights in result.get("layers", {}).items():
        first = sorted(range(len(weights)), key=lambda layer: -weights[layer])[:MOST_LAYERS]
        most = ", ".join(f"{layer} ({100 * weights[layer]:.0f}%)" for layer in first)
        said.append(
            f"Layers of {encoder} with the largest weights, from 0: {most}; "
            f"equal weights would be {100 / len(weights):.0f}%."
        )
    return said


def remarks(result: Mapping[str, Any]) -> list[str]:
    """Why a baseline is missing, and what makes the figures less than they seem."""
    return [*result.get("notes", ()), *(f"Warning: {warning}" for warning in result["warnings"])]


def side_by_side(result: Mapping[str, Any]) -> list[str]:
    """The trained result above its components, the baselines and chance, as means of both directions; 80 columns."""
    heading = f"{'Mean of both directions':<27}{''.join(f'{key:>7}' for key in SIDE_KEYS)}  MRR trained−it [95 %]"
    said = [heading, _side(TRAINED, result)]
    if "uncorrected" in result:
        plain = result["uncorrected"]
        said.append(_side("  no hubness correction", plain, plain["training_minus_uncorrected"]))
    for key, component in result.get("parts", {}).items():
        said.append(
            _side(
                f"  {COMPONENT_NAMES[key]} ({100 * component['share']:.0f}%)",
                component,
                component["training_minus_part"],
            )
        )
    for name, figures in result.get("baselines", {}).items():
        some = f" ({figures['asked_tracks']:,} tracks)" if "asked_tracks" in figures else ""
        said.append(_side(f"{name}{some}", figures, figures["training_minus_baseline"]))
    said.append(_side("chance", {way: result[way]["chance"] for way in ("t2a", "a2t")}))
    return said


def _side(name: str, figures: Mapping[str, Any], gain: Mapping[str, Any] | None = None) -> str:
    means = {key: (figures["t2a"][key] + figures["a2t"][key]) / 2 for key in SIDE_KEYS}
    cells = (f"{means[key]:.3f}" if key == "MRR" else f"{means[key]:.1f}%" for key in SIDE_KEYS)
    said = f"  {name:<25}{''.join(f'{cell:>7}' for cell in cells)}"
    if gain is None:
        return said
    mrr = gain["mean"]["MRR"]
    low, high = mrr["ci95"]
    interval = "[no interval]" if low is None else f"[{low:+.3f}, {high:+.3f}]"
    return f"{said}  {mrr['difference']:+.3f} {interval}"


def _row(key: str, figures: Mapping[str, Any]) -> str:
    ends = interval(key, figures["ci95"][key]) if "ci95" in figures else ""
    value, by_chance = written(key, figures[key]), written(key, figures["chance"][key])
    return f"  {label(key):<12}{value:>9}{ends:>21}{by_chance:>10}"
