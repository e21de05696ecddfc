"""The training doctor: reads what a training left behind and says what is wrong, why, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.findings import SETTINGS, SEVERITIES, Finding
from antiphon.evaluate.doctor.gather import gather
from antiphon.evaluate.doctor.kept_result import result_on_test
from antiphon.evaluate.doctor.rules import captions, how_it_went, level, milestones, on_test, setup, signs, vectors
from antiphon.evaluate.doctor.rules.course import Course
from antiphon.evaluate.doctor.rules.fusions import fusion_findings, is_fusion
from antiphon.evaluate.doctor.rules.in_use import robustness, typed
from antiphon.frames import frame_of_rows
from antiphon.printed import Printed

if TYPE_CHECKING:
    import pandas as pd

MARKS = {"problem": "✗", "warning": "!", "note": "·", "good": "✓"}
Rule = Callable[[Course], list[Finding]]
RULES: tuple[Rule, ...] = (
    how_it_went.went,
    signs.gap,
    signs.falling,
    signs.rising,
    milestones.stage,
    milestones.quick_checks,
)
"""About the curves: they read one verdict, so that no two of them contradict."""
RULES_OF_SOLVED: tuple[Callable[[Case], list[Finding]], ...] = (
    vectors.space,
    vectors.pairs,
    vectors.duplicates,
    robustness.holds,
    captions.only_made,
    captions.few_people,
    captions.in_another_language,
    setup.small_val,
    on_test.on_test,
    typed.asked,
    level.bands,
)
"""Of closed forms alone."""
RULES_OF_TRAINED = (setup.diverged, setup.temperature, *RULES_OF_SOLVED, setup.checkpoints)


@dataclass(frozen=True, kw_only=True)
class Diagnosis(Printed):
    """Findings about one training, the worst first.

    Parameters
    ----------
    name : of the training or fusion.
    epochs : how many were trained; 0 for a fusion, which is put together, and for closed forms alone.
    summary : one sentence.
    findings : ordered by severity.
    fused : whether it is a fusion.
    """

    name: str
    epochs: int
    summary: str
    findings: tuple[Finding, ...]
    fused: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "findings": [finding.to_dict() for finding in self.findings]}

    def to_frame(self) -> pd.DataFrame:
        """One row a finding, the worst first; needs pandas."""
        return frame_of_rows([finding.to_dict() for finding in self.findings])

    @property
    def _untrained(self) -> str:
        return "a fusion" if self.fused else "closed forms alone"

    def lines(self, *, full: bool = False) -> list[str]:
        """For people: what is wrong with its evidence, why it matters, and what to do; then what is well, in a line.

        Parameters
        ----------
        full : give evidence for what is well, too.
        """
        course = f"{self.epochs} epoch{'s' if self.epochs > 1 else ''}" if self.epochs else self._untrained
        said = [f"{self.name}, {course}: {self.summary}"]
        for finding in self.findings:
            if full or finding.severity != "good":
                said += _told(finding)
        well = [finding.title for finding in self.findings if finding.severity == "good"]
        if well and not full:
            said.append(f"{MARKS['good']} {'; '.join(well)}.")
        if any(SETTINGS in finding.command for finding in self.findings):
            said.append(f"{SETTINGS}: a copy of runs/{self.name}/config.toml in which you change what is advised.")
        return said


def _told(finding: Finding) -> list[str]:
    said = [f"{MARKS[finding.severity]} {finding.title}", f"    {finding.evidence}"]
    said += [f"    {finding.why}"] if finding.why else []
    said += [f"    {finding.advice}"] if finding.advice else []
    return [*said, *([f"    → {finding.command}"] if finding.command else [])]


def examine(case: Case) -> Diagnosis:
    """All findings about a case; a pure function of it."""
    if case.solved:
        found = [finding for rule in RULES_OF_SOLVED for finding in rule(case)]
    else:
        course = Course(case)
        found = [finding for rule in RULES for finding in rule(course)]
        found += [finding for of_trained in RULES_OF_TRAINED for finding in of_trained(case)]
    return summed_up(case.name, case.history[-1].epoch, without_echoes(found))


LITTLE_RECALL = {"val-warning", "behind", "space", "asked-otherwise", "no-is-not-read"}
ECHOES = {
    "collapsed": LITTLE_RECALL | {"val-problem", "few-directions", "temperature-upper", "hub"},
    "rate-too-high": LITTLE_RECALL | {"val-problem", "temperature-upper"},
    "rate-too-low": LITTLE_RECALL | {"val-problem"},
    "narrow-vectors": LITTLE_RECALL | {"val-problem", "collapsed", "few-directions", "rate-too-high", "rate-too-low"},
    "few-directions": {"hub"},
    "shifted": {"crowded", "modality-gap"},
    "val-problem": LITTLE_RECALL,
    "diverged": {"rate-too-high", "jagged", "still-rising", "complete", "temperature-upper", "temperature-lower"},
}
"""A finding → others that it causes: where both were found the cause alone is told."""


def without_echoes(findings: list[Finding]) -> list[Finding]:
    """Findings without those that another one explains; what was measured stays in the latter's evidence."""
    there = {finding.id for finding in findings}
    explained = set().union(*(ECHOES.get(name, set()) for name in there))
    return [finding for finding in findings if finding.id not in explained]


def summed_up(name: str, epochs: int, findings: list[Finding], *, fused: bool = False) -> Diagnosis:
    """Findings in the order of their severity, below one sentence."""
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    found = {severity: sum(f.severity == severity for f in findings) for severity in SEVERITIES}
    if found["problem"]:
        summary = f"something is wrong: {ordered[0].title}."
    elif found["warning"]:
        many = f"{found['warning']} warnings, the first" if found["warning"] > 1 else "one warning"
        summary = f"{many}: {ordered[0].title}."
    else:
        summary = "healthy."
    return Diagnosis(name=name, epochs=epochs, summary=summary, findings=tuple(ordered), fused=fused)


def diagnose(root: Path, name: str) -> Diagnosis:
    """Examine a training, or a fusion.

    Parameters
    ----------
    root : library folder.
    name : of the training, which is that of its encoder unless it was given another; or of the fusion.

    Raises
    ------
    LibraryError : it was not trained here, or not for a whole epoch.
    CheckpointError : its last checkpoint is damaged.
    AntiphonError : its history is damaged.
    """
    root = Path(root)
    if is_fusion(root, name):
        return summed_up(name, 0, fusion_findings(root, name, result_on_test(root, name).figures), fused=True)
    return examine(gather(root, name))
