"""One or two sentences about a result: does it beat chance, the strongest baseline, its own closed forms?"""

from __future__ import annotations

from typing import Any

from antiphon.evaluate.baselines import title
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.pairing import FEW, caution, decided, interval_text
from antiphon.metrics.retrieval import mean_of_directions


def beats_chance(figures: dict[str, Any]) -> bool:
    """Whether a direction's MRR lies above chance with its whole 95 % interval; never of one group, which gives none
    (but where every query has the same rank: then it is that of a single observation)."""
    low = figures["ci95"]["MRR"][0]
    return low is not None and n_groups(figures) > 1 and bool(low > figures["chance"]["MRR"])


def n_groups(figures: dict[str, Any]) -> int:
    """Independent groups among a direction's queries; results from before this was kept had enough, or nobody knows."""
    return int(figures.get("n_groups", FEW))


def verdict(result: dict[str, Any]) -> str:
    """Does training beat chance, the strongest baseline, and the closed forms in the checkpoint itself?"""
    few = min(n_groups(result[way]) for way in DIRECTIONS)
    if "ci95" in result["t2a"] and few == 1:
        return f"No interval: the {result['split']} split is one group, so nothing can be said to beat anything here."
    if "ci95" in result["t2a"] and not (beats_chance(result["t2a"]) or beats_chance(result["a2t"])):
        return "Not distinguishable from chance on this split."
    hedge = f" These {few} groups are too few to be sure of anything." if few < FEW else ""
    found: dict[str, dict[str, Any]] = result.get("baselines", {})
    if not found:
        return f"Better than chance; not compared with baselines.{_against_own(result)}{hedge}"
    name = max(found, key=lambda key: mean_of_directions(found[key]))
    gain = found[name]["training_minus_baseline"]["mean"]["MRR"]
    theirs, some = mean_of_directions(found[name]), found[name].get("asked_tracks")
    ours = theirs + gain["difference"] if some else mean_of_directions(result)  # on the same queries
    said = (
        f"MRR {ours:.3f} against {theirs:.3f} of {title(name)}, mean of both directions"
        f"{f' for {some:,} tracks' if some else ''}; difference {gain['difference']:+.3f} ({interval_text(gain)}, "
        f"p = {gain['p']:.2g})"
    )
    return f"{BEATEN[decided(gain)]}: {said}.{_sentence(caution(gain))}{_against_own(result)}{hedge}"


BEATEN = {
    "better": "Training beats the best baseline",
    "worse": "Training is WORSE than the best baseline",
    "open": "Training did not measurably beat the best baseline",
}


def _sentence(text: str) -> str:
    return f" {text}" if text else ""


def _against_own(result: dict[str, Any]) -> str:
    """A further sentence where the closed forms, or the frozen recipe, in the checkpoint are as good alone."""
    components = result.get("parts", {})
    own = components.get("closed_forms", components.get("frozen_recipe"))
    if own is None:
        return ""
    found = decided(own["training_minus_part"]["mean"]["MRR"])
    if found == "better":
        return ""
    alone = f"MRR {mean_of_directions(own):.3f} alone"
    if "frozen_recipe" in components:
        than = "is worse than" if found == "worse" else "did NOT measurably beat"
        return f" Fine-tuning the text encoder {than} the recipe on frozen text vectors ({alone})."
    if own["share"] == 1:
        return " The checkpoint is its closed forms: the trained heads have no share in it."
    if found == "worse":
        return f" It is worse than its own closed forms ({alone}): the trained heads take away from them."
    return f" Beside its own closed forms ({alone}) the trained heads add nothing measurable."
