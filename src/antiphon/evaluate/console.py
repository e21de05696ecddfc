"""An evaluation for people: figures with intervals and chance, and what they stand beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.metrics.retrieval import METRICS

SIDE_KEYS = ("R@1", "R@5", "R@10", "MRR")
TRAINED = "trained"
MOST_LAYERS = 5
PART_NAMES = {
    "closed_forms": "its closed forms",
    "trained_heads": "its trained heads",
    "frozen_recipe": "its frozen recipe",
    "fine_tuned_heads": "fine-tuned alone",
}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The whole result of :func:`antiphon.evaluate.benchmark.evaluate`."""
    made = "a fusion" if "," in result["encoder"] else f"epoch {result['epoch']}"
    said = [
        f"{result['checkpoint']} ({made}) on {result['split']}: loss {result['loss']:.4f}, "
        f"chance {result['loss_chance']:.4f}"
    ]
    for way, name in (("t2a", "text to audio"), ("a2t", "audio to text")):
        figures = result[way]
        said.append(f"{way} ({name}): {figures['n_queries']} queries, {figures['n_items']} items")
        said.append(f"  {'':<12}{'value':>9}{'95 % interval':>21}{'chance':>10}")
        said += [_row(key, figures) for key in METRICS]
    return [*said, *side_by_side(result), result["verdict"], *layers(result), *remarks(result)]


def layers(result: Mapping[str, Any]) -> list[str]:
    """Which layers of an encoder count most, where training weighs them: a line an encoder."""
    said = []
    for encoder, weights in result.get("layers", {}).items():
        first = sorted(range(len(weights)), key=lambda layer: -weights[layer])[:MOST_LAYERS]
        most = ", ".join(f"{layer} ({100 * weights[layer]:.0f}%)" for layer in first)
        said.append(
            f"Layers of {encoder} that count most, from 0: {most}; "
            f"of {len(weights)} alike each would have {100 / len(weights):.0f}%."
        )
    return said


def remarks(result: Mapping[str, Any]) -> list[str]:
    """Why a baseline is missing, and what makes the figures less than they seem."""
    return [*result.get("notes", ()), *(f"Warning: {warning}" for warning in result["warnings"])]


def side_by_side(result: Mapping[str, Any]) -> list[str]:
    """The trained result above its own parts, the baselines and chance, as means of both directions; 80 columns."""
    heading = f"{'Mean of both directions':<27}{''.join(f'{key:>7}' for key in SIDE_KEYS)}  trained − it [95 %]"
    said = [heading, _side(TRAINED, result)]
    if "uncorrected" in result:
        plain = result["uncorrected"]
        said.append(_side("  no hubness correction", plain, plain["training_minus_uncorrected"]))
    for key, part in result.get("parts", {}).items():
        said.append(_side(f"  {PART_NAMES[key]} ({100 * part['share']:.0f}%)", part, part["training_minus_part"]))
    for name, figures in result.get("baselines", {}).items():
        said.append(_side(name, figures, figures["training_minus_baseline"]))
    said.append(_side("chance", {way: result[way]["chance"] for way in ("t2a", "a2t")}))
    return said


def _side(name: str, figures: Mapping[str, Any], gain: Mapping[str, Any] | None = None) -> str:
    means = {key: (figures["t2a"][key] + figures["a2t"][key]) / 2 for key in SIDE_KEYS}
    cells = (f"{means[key]:.3f}" if key == "MRR" else f"{means[key]:.1f}%" for key in SIDE_KEYS)
    said = f"  {name:<25}{''.join(f'{cell:>7}' for cell in cells)}"
    if gain is None:
        return said
    mrr = gain["mean"]["MRR"]
    return f"{said}  {mrr['difference']:+.3f} [{mrr['ci95'][0]:+.3f}, {mrr['ci95'][1]:+.3f}]"


def _row(key: str, figures: Mapping[str, Any]) -> str:
    shape = {"MRR": "{:.4f}", "median_rank": "{:g}"}.get(key, "{:.2f}%")
    interval = ""
    if "ci95" in figures:
        interval = " – ".join(shape.format(end) for end in figures["ci95"][key])
    label = "median rank" if key == "median_rank" else key
    return f"  {label:<12}{shape.format(figures[key]):>9}{interval:>21}{shape.format(figures['chance'][key]):>10}"
