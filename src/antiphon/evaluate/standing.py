"""How good the result is: bands, the guide's quick checks, chance, baselines, and what to use it for."""

from __future__ import annotations

from typing import Any

from antiphon.align.history import EpochRecord
from antiphon.evaluate.bands import GUIDE_CHANCE_LOSS, above_chance, as_in_guide, band, loss_band
from antiphon.evaluate.benchmark import SMALL_SPLIT, beats_chance
from antiphon.evaluate.findings import Case, Finding, figure, val_loss
from antiphon.metrics.retrieval import METRICS

CHECKS = ((5, 1.0, "YES"), (10, 10.0, "YES"), (20, 30.0, "EXCELLENT"))
STAGES = (
    (1, 1, 2.8, 4.2, 0.0, 5.0, "epoch 1, close to random"),
    (5, 10, 1.3, 2.5, 5.0, 15.0, "epochs 5–10, learning"),
    (15, 20, 0.4, 1.3, 30.0, 50.0, "epochs 15–20, convergence"),
)
"""First and last epoch, val loss (guide's scale) from and to, R@1 from and to in percent, name."""


def bands(case: Case) -> list[Finding]:
    """The band of every figure of the best epoch."""
    best = case.best
    if best is None:
        return [
            Finding(
                severity="warning",
                title="There is no val split, so nothing but the train loss can be judged",
                evidence=f"train loss {case.history[-1].train_loss:.3f}",
                advice="Split the library so that val gets tracks.",
                command=case.command("ingest", "MANIFEST"),
            )
        ]
    said = [f"loss {val_loss(best):.3f} ({loss_band(val_loss(best), best.loss_chance)}; chance {best.loss_chance:.3f})"]
    for way in ("t2a", "a2t"):
        parts = [
            f"{_shown(key, figure(best, key, way))} {band(key, figure(best, key, way), case.chance[way])}"
            for key in METRICS
        ]
        said.append(f"{way}: {', '.join(parts)}")
    mrr = figure(best, "MRR")
    said.append(f"MRR {mrr:.4f} is a harmonic mean rank of {1 / mrr:.1f}")
    overall = band("R@1", figure(best, "R@1"), case.chance["t2a"])
    good = overall in ("good", "excellent")
    return [
        Finding(
            severity="good" if good else "note",
            title=f"Val R@1 is {overall} (epoch {best.epoch})",
            evidence="; ".join(said),
        )
    ]


def _shown(key: str, value: float) -> str:
    if key == "MRR":
        return f"MRR {value:.4f}"
    return f"median rank {value:g}" if key == "median_rank" else f"{key} {value:.2f}%"


def quick_checks(case: Case) -> list[Finding]:
    """The four questions of the quick reference."""
    found = []
    if len(case.history) > 1:
        first, second = case.history[0].train_loss, min(r.train_loss for r in case.history[1:])
        found.append(_answer(second < first, "Is loss going down after epoch 1?", f"{first:.3f} → {second:.3f}", "YES"))
    chance = case.chance["t2a"]["R@1"]
    for epoch, bound, answer in CHECKS:
        reached = [r for r in case.judged if r.epoch <= epoch]
        if not reached or (case.judged[-1].epoch < epoch):
            continue
        top = max(figure(r, "R@1") for r in reached)
        passed = above_chance(top, chance, 100.0) > bound
        needed = chance + bound * (100 - chance) / 100
        evidence = f"best so far {top:.2f}%; needed {needed:.2f}%, which is {bound:g}% with {chance:.2f}% by chance"
        found.append(_answer(passed, f"Is R@1 above {bound:g}% by epoch {epoch}?", evidence, answer))
    return found


def _answer(passed: bool, question: str, evidence: str, answer: str) -> Finding:
    return Finding(
        severity="good" if passed else "warning", title=f"{question} {answer if passed else 'NO'}", evidence=evidence
    )


def stage(case: Case) -> list[Finding]:
    """Where the last epoch stands against what the guide expects of it."""
    if not case.judged:
        return []
    last = case.judged[-1]
    for first, end, low, high, r1_low, r1_high, name in STAGES:
        if first <= last.epoch <= end:
            return [_placed(case, last, (low, high), (r1_low, r1_high), name)]
    return []


def _placed(case: Case, last: EpochRecord, losses: tuple[float, float], r1: tuple[float, float], name: str) -> Finding:
    loss = as_in_guide(val_loss(last), last.loss_chance)
    skill = above_chance(figure(last, "R@1"), case.chance["t2a"]["R@1"], 100.0)
    evidence = (
        f"epoch {last.epoch}: val loss {val_loss(last):.3f}, which is {loss:.2f} on the scale of a batch of 32 (usual "
        f"{losses[0]:g}–{losses[1]:g}, random {GUIDE_CHANCE_LOSS:.1f}); R@1 corrected for chance {skill:.1f}% "
        f"(usual {r1[0]:g}–{r1[1]:g}%)"
    )
    if skill >= r1[0]:
        title = "Ahead of" if skill > r1[1] else "As expected for"
        return Finding(severity="good", title=f"{title} {name}", evidence=evidence)
    return Finding(severity="note", title=f"Behind what is usual for {name}", evidence=evidence)


def collapse(case: Case) -> list[Finding]:
    """Does everything lie in one point?"""
    if len(case.judged) < 3:
        return []
    last = case.judged[-1]
    worst = all(figure(last, "median_rank", way) > 1.6 * case.chance[way]["median_rank"] for way in ("t2a", "a2t"))
    blind = last.train_loss > 0.97 * last.loss_chance and figure(last, "MRR") <= 1.5 * case.chance["t2a"]["MRR"]
    if not (worst or blind):
        return []
    return [
        Finding(
            severity="problem",
            title="The shared space has collapsed: text and audio are not told apart",
            evidence=f"epoch {last.epoch}: train loss {last.train_loss:.3f}, by chance {last.loss_chance:.3f}; val t2a "
            f"median rank {figure(last, 'median_rank'):g}, by chance {case.chance['t2a']['median_rank']:g} "
            "(ties count against us)",
            advice="Lower lr, keep dropout at 0.5 or below, and check that captions stand beside the right tracks.",
            command=case.train_command("--config", "settings.toml"),
        )
    ]


def temperature(case: Case) -> list[Finding]:
    """Has the temperature run into a bound?"""
    last, config = case.history[-1], case.config
    if not config.learn_temperature:
        return []
    low = "With a small train loss that is overfitting: more dropout or weight_decay. Otherwise lower temperature_min."
    high = "All pairs look alike to it: check the captions. Otherwise raise temperature_max."
    bounds = (("temperature_min", config.temperature_min, low), ("temperature_max", config.temperature_max, high))
    return [
        Finding(
            severity="warning",
            title=f"The temperature sits at its bound {name}",
            evidence=f"{last.temperature:.4g} after epoch {last.epoch}; {name} = {bound:g}",
            advice=advice,
        )
        for name, bound, advice in bounds
        if abs(last.temperature / bound - 1) < 0.01
    ]


def small_val(case: Case) -> list[Finding]:
    """Is val large enough to choose an epoch by?"""
    if not case.judged or case.n_val >= SMALL_SPLIT:
        return []
    chance = case.chance["t2a"]
    return [
        Finding(
            severity="warning",
            title=f"The val split is small ({case.n_val} tracks): its figures jump about",
            evidence=f"one track is {100 / max(case.n_val, 1):.1f} points of R@1; by chance "
            f"R@1 is {chance['R@1']:.1f}%, R@10 {chance['R@10']:.0f}%",
            advice="Differences between epochs mean little (bands are corrected for chance). More tracks help most.",
        )
    ]


def on_test(case: Case) -> list[Finding]:
    """What the test split says: chance, baselines, warnings."""
    if case.test is None:
        return [
            Finding(
                severity="note",
                title="The test split has not been looked at yet",
                evidence="val chose the epoch, so val figures are a little too good",
                advice="Take the test split as the final benchmark.",
                command=case.command("evaluate", f"checkpoints/{case.encoder}_best_r1.pt"),
            )
        ]
    found = [_against_chance(case.test, way) for way in ("t2a", "a2t") if not beats_chance(case.test[way])]
    found += _against_baselines(case)
    for warning in case.test.get("warnings", ()):
        leaked = "trained on" in warning and "no track" not in warning
        found.append(
            Finding(severity="problem" if leaked else "note", title="About the test figures", evidence=str(warning))
        )
    return found


def _against_chance(test: Any, way: str) -> Finding:
    figures = test[way]
    low, high = figures["ci95"]["MRR"]
    return Finding(
        severity="problem",
        title=f"Test {way} retrieval is not distinguishable from chance",
        evidence=f"MRR {figures['MRR']:.4f} (95% {low:.4f}–{high:.4f}), chance {figures['chance']['MRR']:.4f}",
        advice="Check that captions describe their tracks, and that the audio vectors belong to them; then add data.",
    )


def _against_baselines(case: Case) -> list[Finding]:
    baselines = (case.test or {}).get("baselines") or {}
    if not baselines:
        return []
    name = max(baselines, key=lambda key: baselines[key]["t2a"]["MRR"] + baselines[key]["a2t"]["MRR"])
    gain = baselines[name]["training_minus_baseline"]["mean"]["MRR"]
    low, high = gain["ci95"]
    evidence = f"MRR {gain['difference']:+.4f} over {name} (95% {low:+.4f} to {high:+.4f}, p = {gain['p']:.2g})"
    if low > 0:
        return [Finding(severity="good", title="Training beats the closed-form baselines", evidence=evidence)]
    return [
        Finding(
            severity="warning",
            title="Training is worse than a closed form"
            if high < 0
            else "Training does not measurably beat a closed form",
            evidence=evidence,
            advice="Usual with few tracks: add data, or regularise more (dropout, weight_decay, soft_weight).",
            command=case.train_command("--config", "settings.toml"),
        )
    ]


def checkpoints(case: Case) -> list[Finding]:
    """Which checkpoint is for what."""
    if not case.judged or case.best is None:
        return []
    lowest = min(case.judged, key=val_loss)
    name = case.encoder
    return [
        Finding(
            severity="note",
            title=f"For search use {name}_best_r1.pt",
            evidence=f"{name}_best_r1.pt: epoch {case.best.epoch}, best retrieval (highest val R@1, "
            f"{figure(case.best, 'R@1'):.2f}%); "
            f"{name}_best_loss.pt: epoch {lowest.epoch}, lowest val loss ({val_loss(lowest):.3f}), most general; "
            f"{name}_last.pt: epoch {case.history[-1].epoch}, to go on with --resume",
            command=case.command("index", f"checkpoints/{name}_best_r1.pt"),
        )
    ]
