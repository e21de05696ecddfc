"""The training doctor: reads what a training left behind and says what is wrong, why, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.training.history import EpochRecord, read_history
from antiphon.errors import AntiphonError, LibraryError
from antiphon.evaluate.doctor import curves, milestones, quality
from antiphon.evaluate.doctor.findings import SETTINGS, SEVERITIES, Case, Finding
from antiphon.evaluate.doctor.fusions import fusion_findings, is_fusion
from antiphon.frames import frame_of_rows
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import answers, chance
from antiphon.printed import Printed

if TYPE_CHECKING:
    import pandas as pd

MARKS = {"problem": "✗", "warning": "!", "note": "·", "good": "✓"}
RULES: tuple[Callable[[Case], list[Finding]], ...] = (
    quality.collapse,
    curves.falling,
    curves.gap,
    curves.jagged,
    curves.plateau,
    quality.temperature,
    quality.small_val,
    quality.on_test,
    quality.bands,
    milestones.stage,
    milestones.quick_checks,
    curves.rising,
    curves.longer,
    quality.checkpoints,
)


@dataclass(frozen=True, kw_only=True)
class Diagnosis(Printed):
    """Findings about one training, the worst first.

    Parameters
    ----------
    encoder : name.
    epochs : how many were trained; 0 for a fusion, which is put together.
    summary : one sentence.
    findings : ordered by severity.
    """

    encoder: str
    epochs: int
    summary: str
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "findings": [finding.to_dict() for finding in self.findings]}

    def to_frame(self) -> pd.DataFrame:
        """One row a finding, the worst first; needs pandas."""
        return frame_of_rows([finding.to_dict() for finding in self.findings])

    def lines(self) -> list[str]:
        """For people: each finding with its evidence, advice and command."""
        course = f"{self.epochs} epoch{'s' if self.epochs > 1 else ''}" if self.epochs else "a fusion"
        said = [f"{self.encoder}, {course}: {self.summary}"]
        for finding in self.findings:
            said.append(f"{MARKS[finding.severity]} {finding.title}")
            said.append(f"    {finding.evidence}")
            said += [f"    {finding.advice}"] if finding.advice else []
            said += [f"    → {finding.command}"] if finding.command else []
        if any(SETTINGS in finding.command for finding in self.findings):
            said.append(f"{SETTINGS}: a copy of runs/{self.encoder}/config.toml in which you change what is advised.")
        return said


def examine(case: Case) -> Diagnosis:
    """All findings about a case; a pure function of it."""
    return summed_up(case.encoder, len(case.history), [finding for rule in RULES for finding in rule(case)])


def summed_up(encoder: str, epochs: int, findings: list[Finding]) -> Diagnosis:
    """Findings in the order of their severity, below one sentence."""
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    count = {severity: sum(f.severity == severity for f in findings) for severity in SEVERITIES}
    if count["problem"]:
        summary = f"something is wrong: {ordered[0].title}."
    elif count["warning"]:
        summary = f"works, with {count['warning']} warning{'s' if count['warning'] > 1 else ''}: {ordered[0].title}."
    else:
        summary = "healthy."
    return Diagnosis(encoder=encoder, epochs=epochs, summary=summary, findings=tuple(ordered))


def diagnosable(root: Path) -> list[str]:
    """Names of everything that was trained or fused in a library, sorted."""
    return sorted({p.parent.name for name in ("history.jsonl", "fusion.json") for p in root.glob(f"runs/*/{name}")})


def diagnose(root: Path, encoder: str) -> Diagnosis:
    """Examine the last training of an encoder, or a fusion.

    Parameters
    ----------
    root : library folder.
    encoder : name of the audio encoder, of several joined, or of a fusion.

    Raises
    ------
    LibraryError : it was not trained here, or not for a whole epoch.
    CheckpointError : its last checkpoint is damaged.
    AntiphonError : its history is damaged.
    """
    root = Path(root)
    if is_fusion(root, encoder):
        return summed_up(encoder, 0, fusion_findings(root, encoder, _test(root / "runs" / encoder)))
    return examine(gather(root, encoder))


def gather(root: Path, encoder: str) -> Case:
    """Read all that a training left behind."""
    folder = root / "runs" / encoder
    if not (folder / "history.jsonl").exists():
        raise LibraryError(
            f"'{encoder}' was not trained in {root} (trained: {' '.join(diagnosable(root)) or 'none'}).",
            fix=f"antiphon train --encoder {encoder} --library {root}",
        )
    history = tuple(read_history(folder / "history.jsonl"))
    if not history:
        raise LibraryError(
            f"The history of '{encoder}' holds no complete epoch.",
            fix=f"antiphon train --encoder {encoder} --library {root}",
        )
    bundle = Bundle.load(root / "checkpoints" / f"{encoder}_last.pt")
    case = Case(
        encoder=encoder,
        history=history,
        chance=_guessed_chance(history[-1]),
        n_val=max(1, round(_candidates(history[-1]))),
        n_train=len(bundle.train_ids),
        config=bundle.config,
        closed_form_weight=float(bundle.val.get("closed_form_weight") or 0.0),
        test=_test(folder),
        library=str(root),
    )
    return _with_val(case, root, bundle)


def _with_val(case: Case, root: Path, bundle: Bundle) -> Case:
    """The exact chance level, where the library still has val's vectors; else the estimate stays."""
    try:
        pairs = load_pairs(Library(root), bundle.encoder, bundle.text_encoder, "val", read_audio=False)
    except AntiphonError:
        return case
    n_tracks, n_captions = len(pairs.track_ids), len(pairs.caption_ids)
    tracks, captions = answers(pairs.track_of_caption, pairs.text_id, n_tracks)
    exact = {"t2a": chance(n_tracks, tracks.counts), "a2t": chance(n_captions, captions.counts)}
    return replace(case, chance=exact, n_val=n_tracks)


def _candidates(record: EpochRecord) -> float:
    """How many items a loss of this chance level chooses among."""
    return float(2.718281828459045**record.loss_chance)


def _guessed_chance(record: EpochRecord) -> dict[str, dict[str, float]]:
    guessed = chance(max(1, round(_candidates(record))), 1)
    return {"t2a": guessed, "a2t": guessed}


def _test(folder: Path) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads((folder / "test_metrics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data
