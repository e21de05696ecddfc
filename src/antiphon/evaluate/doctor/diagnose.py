"""The training doctor: reads what a training left behind and says what is wrong, why, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths, run_folder
from antiphon.align.training.results.history import EpochRecord, read_history
from antiphon.errors import AntiphonError, LibraryError
from antiphon.evaluate.doctor import captions, curves, milestones, quality
from antiphon.evaluate.doctor.findings import SETTINGS, SEVERITIES, Case, Finding
from antiphon.evaluate.doctor.fusions import fusion_findings, is_fusion
from antiphon.frames import frame_of_rows
from antiphon.library.commands import command, place
from antiphon.library.files import read_json
from antiphon.library.next_step import next_step
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import answers, chance
from antiphon.printed import Printed

if TYPE_CHECKING:
    import pandas as pd

MARKS = {"problem": "✗", "warning": "!", "note": "·", "good": "✓"}
Rule = Callable[[Case], list[Finding]]


def learning_rate(case: Case) -> list[Finding]:
    """Three findings that may all be about the learning rate: the worst of them speaks alone, so advice is one."""
    found = [finding for rule in (quality.collapse, curves.falling, curves.jagged) for finding in rule(case)]
    wrong = [finding for finding in found if finding.severity != "good"]
    return [*wrong[:1], *(finding for finding in found if finding.severity == "good")]


RULES: tuple[Rule, ...] = (
    learning_rate,
    curves.gap,
    curves.plateau,
    quality.temperature,
    captions.only_made,
    quality.small_val,
    quality.on_test,
    quality.bands,
    milestones.stage,
    milestones.quick_checks,
    curves.rising,
    curves.longer,
    quality.checkpoints,
)

RULES_OF_SOLVED = (captions.only_made, quality.small_val, quality.on_test, quality.bands)
"""Of closed forms alone."""


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

    def lines(self) -> list[str]:
        """For people: each finding with its evidence, advice and command."""
        course = f"{self.epochs} epoch{'s' if self.epochs > 1 else ''}" if self.epochs else self._untrained
        said = [f"{self.name}, {course}: {self.summary}"]
        for finding in self.findings:
            said.append(f"{MARKS[finding.severity]} {finding.title}")
            said.append(f"    {finding.evidence}")
            said += [f"    {finding.advice}"] if finding.advice else []
            said += [f"    → {finding.command}"] if finding.command else []
        if any(SETTINGS in finding.command for finding in self.findings):
            said.append(f"{SETTINGS}: a copy of runs/{self.name}/config.toml in which you change what is advised.")
        return said


def examine(case: Case) -> Diagnosis:
    """All findings about a case; a pure function of it."""
    rules = RULES_OF_SOLVED if case.solved else RULES
    return summed_up(case.name, case.history[-1].epoch, [finding for rule in rules for finding in rule(case)])


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


def diagnosable(root: Path) -> list[str]:
    """Names of everything that was trained or fused in a library, sorted."""
    return sorted({p.parent.name for name in ("history.jsonl", "fusion.json") for p in root.glob(f"runs/*/{name}")})


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
        return summed_up(name, 0, fusion_findings(root, name, _test(run_folder(root, name))), fused=True)
    return examine(gather(root, name))


def gather(root: Path, name: str) -> Case:
    """Read all that a training left behind."""
    folder = run_folder(root, name)
    if not (folder / "history.jsonl").exists():
        raise LibraryError(
            f"'{name}' was not trained in {place(root)} (trained: {' '.join(diagnosable(root)) or 'none'}).",
            fix=next_step(Library(root)),
        )
    history = tuple(read_history(folder / "history.jsonl"))
    if not history:
        raise LibraryError(
            f"The history of '{name}' holds no complete epoch.",
            fix=command(f"train --encoder {name}", root),
        )
    bundle = Bundle.load(checkpoint_paths(root, name)["last"])
    case = Case(
        name=name,
        encoder=bundle.encoder,
        text_encoder=bundle.text_encoder,
        next_name=_free_name(root, name),
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


def _free_name(root: Path, name: str) -> str:
    """``muq-2``, or the next one that nothing is called yet."""
    stem = re.sub(r"-\d+$", "", name)
    return next(free for i in count(2) if not run_folder(root, free := f"{stem}-{i}").exists())


def _with_val(case: Case, root: Path, bundle: Bundle) -> Case:
    """The exact chance level, where the library still has val's vectors; else the estimate stays."""
    try:
        library = Library(root)
        pairs = load_pairs(library, bundle.encoder, bundle.text_encoder, "val", read_audio=False)
    except AntiphonError:
        return case
    n_tracks, n_captions = len(pairs.track_ids), len(pairs.caption_ids)
    tracks, captions = answers(pairs.track_of_caption, pairs.text_id, n_tracks)
    exact = {"t2a": chance(n_tracks, tracks.counts), "a2t": chance(n_captions, captions.counts)}
    human = set(library.caption_column("track_id")[library.caption_column("kind") == "human"])
    n_human = len(human.intersection(bundle.train_ids))
    return replace(case, chance=exact, n_val=n_tracks, val_only_made=pairs.only_made, n_human=n_human)


def _candidates(record: EpochRecord) -> float:
    """How many items a loss of this chance level chooses among."""
    return float(2.718281828459045**record.loss_chance)


def _guessed_chance(record: EpochRecord) -> dict[str, dict[str, float]]:
    guessed = chance(max(1, round(_candidates(record))), 1)
    return {"t2a": guessed, "a2t": guessed}


def _test(folder: Path) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = read_json(folder / "test_metrics.json")
    except (OSError, ValueError):
        return None
    return data
