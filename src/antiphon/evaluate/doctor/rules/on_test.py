"""What the test split says: chance, baselines, warnings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from antiphon.align.closed_form.kinds import KINDS
from antiphon.evaluate.baselines import title
from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.findings import Finding
from antiphon.evaluate.verdict import beats_chance, n_groups
from antiphon.evaluate.warned import LEAK, subject
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.pairing import caution, decided, interval_text

Z = 1.96
"""Standard errors of a 95 % interval."""


def on_test(case: Case) -> list[Finding]:
    """What the test split says: chance, baselines, warnings."""
    if case.test is None:
        return [_no_result(case)]
    found = [_against_chance(case, case.test, way) for way in DIRECTIONS if not beats_chance(case.test[way])]
    found += _against_baselines(case)
    return [*found, *_less_than_they_seem(case.test.get("warnings", ()))]


def _less_than_they_seem(warnings: Sequence[str]) -> list[Finding]:
    """A finding for each subject; what two sentences say of one stands under one title."""
    said: dict[tuple[str, str], list[str]] = {}
    for warning in warnings:
        said.setdefault(subject(warning), []).append(str(warning))
    return [
        Finding(id=name, severity="problem" if name == LEAK else "note", title=title, evidence=" ".join(sentences))
        for (name, title), sentences in said.items()
    ]


def _no_result(case: Case) -> Finding:
    return Finding(
        id="no-test",
        severity="note",
        title="The test result is of an earlier training" if case.earlier_test else "There is no test result yet",
        evidence="the checkpoint was replaced since it was measured"
        if case.earlier_test
        else "what is kept was chosen on val, so val figures are a little too good",
        advice="Take the test split as the final benchmark.",
        command=case.command("evaluate", f"checkpoints/{case.name}_best_r1.pt"),
    )


def _against_chance(case: Case, test: Any, way: str) -> Finding:
    figures = test[way]
    low, high = figures["ci95"]["MRR"]
    chance = f"chance {figures['chance']['MRR']:.4f}"
    if low is None or n_groups(figures) == 1:
        return Finding(
            id=f"one-group-{way}",
            severity="warning",
            title=f"Test {way} retrieval cannot be told from chance: the split is one group",
            evidence=f"MRR {figures['MRR']:.4f}, {chance}; an interval needs two groups at least",
            advice="Add tracks of other artists (or other groups), and split the library anew.",
        )
    if figures["chance"]["MRR"] >= _least_of_perfect(figures.get("n_groups", math.inf)):
        return Finding(
            id=f"too-small-{way}",
            severity="warning",
            title=f"The test split is too small to tell {way} retrieval from chance",
            evidence=f"MRR {figures['MRR']:.4f} (95% {low:.4f}–{high:.4f}), {chance}; {figures['n_groups']} groups, of "
            "which a perfect model could not be told from chance either",
            advice="Folds ask every captioned track in place of this split.",
            command=case.command("evaluate", f"checkpoints/{case.name}_best_r1.pt", "--folds", "5"),
        )
    return Finding(
        id=f"test-chance-{way}",
        severity="problem",
        title=f"Test {way} retrieval is not distinguishable from chance",
        evidence=f"MRR {figures['MRR']:.4f} (95% {low:.4f}–{high:.4f}), {chance}",
        why="What it finds might as well have been drawn.",
        advice="Check that captions describe their tracks, and that the audio vectors belong to them; then add data.",
    )


def _least_of_perfect(n_groups: float) -> float:
    """Lower 95 % limit of a share of 1 over so many independent groups (Wilson's)."""
    return 1.0 if n_groups == math.inf else n_groups / (n_groups + Z**2)


def _against_baselines(case: Case) -> list[Finding]:
    baselines = (case.test or {}).get("baselines") or {}
    if not baselines:
        return []
    name = max(baselines, key=lambda key: baselines[key]["t2a"]["MRR"] + baselines[key]["a2t"]["MRR"])
    gain = baselines[name]["training_minus_baseline"]["mean"]["MRR"]
    best, found = title(name.split()[-1] if name.split()[-1] in KINDS else name), decided(gain)
    evidence = f"MRR {gain['difference']:+.4f} over {best} ({interval_text(gain, 4)}, p = {gain['p']:.2g})"
    evidence = "; ".join(filter(None, [evidence, caution(gain)]))
    if found == "better":
        return [
            Finding(id="beats-baselines", severity="good", title="Training beats every baseline", evidence=evidence)
        ]
    advice, command = _instead(case, name)
    if found == "worse":
        why = f"What is solved in seconds does better; {best} is the one to beat, or to use."
        return [
            Finding(
                id="worse-than-baseline",
                severity="warning",
                title=f"Training is worse than {best}",
                evidence=evidence,
                why=why,
                advice=advice,
                command=command,
            )
        ]
    if gain["difference"] >= 0:  # nothing to change: another setting, taken for what test says, would be chosen on test
        advice = "Nothing has to change. Folds ask every captioned track, and tell more than this split."
        command = case.command("evaluate", f"checkpoints/{case.name}_best_r1.pt", "--folds", "5")
    return [
        Finding(
            id="not-above-baseline",
            severity="note",
            title=f"Training does not measurably beat {best}",
            evidence=evidence,
            why="The test split is too small to tell the two apart, or there is nothing to tell.",
            advice=advice,
            command=command,
        )
    ]


def _instead(case: Case, baseline: str) -> tuple[str, str]:
    """What to do about a baseline that is as good or better, and the command."""
    if not case.history:
        return "Usual with few tracks: add data, or improve the trainings that were fused.", ""
    settings = []
    if baseline.split()[-1] in KINDS and not case.closed_form_weight:
        settings.append('closed_form = "cca"')
    if case.layers > 1 and case.config.layers == "mixture" and not case.mostly_closed_forms:
        settings.append('layers = "all"')
    if settings:
        return f"Put {' and '.join(settings)} into the settings and train again.", case.beside_command()
    if case.mostly_closed_forms:
        return "Usual with few tracks: more tracks with captions help most.", case.command("ingest", "MANIFEST")
    advice = "Usual with few tracks: add data, or regularise more (dropout, weight_decay, soft_weight)."
    return advice, case.beside_command()
