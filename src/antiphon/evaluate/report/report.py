"""Writes the report: one HTML file that stands by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from antiphon.errors import ConfigError
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.console import asked
from antiphon.evaluate.report.audit import audit_section
from antiphon.evaluate.report.drawn import curves_of, layers_of, map_of, ranks_of, systems_of
from antiphon.evaluate.report.kept import kept_folds, kept_slices
from antiphon.evaluate.report.material import ReportMaterial
from antiphon.evaluate.report.origins import origins_of
from antiphon.evaluate.report.page.inline import numbered
from antiphon.evaluate.report.page.render import render, require_jinja
from antiphon.evaluate.report.pictures.canvas import require_matplotlib
from antiphon.evaluate.report.pictures.curves import Mark
from antiphon.evaluate.report.queries.answers import Questions
from antiphon.evaluate.report.queries.excerpts import BUDGET_MB, Excerpts
from antiphon.evaluate.report.verdict import typed_table, verdict_of
from antiphon.library.files import write_text
from antiphon.library.judgements.file import read_judgements
from antiphon.metrics.figures import DIRECTIONS
from antiphon.printed import Printed


@dataclass(frozen=True, kw_only=True)
class WrittenReport(Printed):
    """A report that was written.

    Parameters
    ----------
    path : the file.
    bytes : its size.
    headline : what it says first.
    sound : what is said of excerpts.
    """

    path: Path
    bytes: int
    headline: str
    sound: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"path": str(self.path), "bytes": self.bytes, "headline": self.headline, "sound": self.sound}

    def lines(self) -> list[str]:
        """What it says first, and where it is."""
        return [self.headline, f"{self.path} ({self.bytes / 1e6:.1f} MB, opens in any browser, offline). {self.sound}"]


def report(
    root: Path,
    names: Sequence[str],
    out: Path | None = None,
    *,
    split: str = "test",
    audio_mb: float = BUDGET_MB,
    seed: int = 0,
) -> WrittenReport:
    """Write the report about some trainings of a library.

    Parameters
    ----------
    root : library folder.
    names : of trainings or fusions, one at least; the first is the one that is looked at closely.
    out : the file; None for ``report.html`` in the library.
    split : on which figures, ranks, map and queries are.
    audio_mb : room for excerpts of tracks; 0 leaves them out.
    seed : of whatever is drawn.

    Raises
    ------
    ConfigError : matplotlib or Jinja2 are not installed, ``out`` is a folder or no page, ``audio_mb`` is below 0.
    CheckpointError : there is no such training, or its checkpoint is damaged.
    LibraryError : vectors are missing, or the split is empty.
    EmbeddingError : the vectors were made another way than those the checkpoint was trained on.
    """
    require_matplotlib("report")
    require_jinja()
    path = Path(root) / "report.html" if out is None else Path(out)
    _require_sensible(path, audio_mb)
    material = ReportMaterial(root, names, split=split, seed=seed)
    excerpts = Excerpts(material.library, audio_mb)
    content = _content(material, excerpts)
    page = render(content, Path(root))
    write_text(path, page)
    size = len(page.encode("utf-8", "backslashreplace"))
    return WrittenReport(path=path, bytes=size, headline=content["verdict"].headline, sound=excerpts.says())


def _require_sensible(path: Path, audio_mb: float) -> None:
    """Refuse before minutes of work what would be refused after them."""
    if path.is_dir():
        raise ConfigError(f"{path} is a folder, not a file.", fix=f"-o {path / 'report.html'}")
    if path.suffix.casefold() not in (".html", ".htm"):  # a browser would show its text
        raise ConfigError(f"{path} is no name of a page.", fix=f"-o {path.with_suffix('.html')}")
    if not audio_mb >= 0:
        raise ConfigError(f"--audio-mb {audio_mb:g} is no room for sound.", fix="Use 0 for none, or megabytes.")


def _content(material: ReportMaterial, excerpts: Excerpts) -> dict[str, Any]:
    """All that the template asks for."""
    judged = read_judgements(material.root).latest
    questions = Questions(material.library, material.vectors, material.results, material.seed, judged)
    curves = [curves_of(training) for training in material.trainings]
    folds = kept_folds(material.root, material.name)
    of_folds = None if folds is None else folds.systems
    others = numbered([systems_of(material), ranks_of(material), map_of(material), layers_of(material), of_folds])
    systems, ranks, shared_map, layers, folded = others
    drawn = numbered([*[None] * len(others), *curves])[len(others) :]
    compared = material.comparison
    return {
        "library": material.root.resolve().name,
        "name": material.name,
        "split": material.split,
        "made": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "figures": material.figures,
        "asked_by": {way: asked(way, material.figures[way]) for way in DIRECTIONS},
        "verdict": verdict_of(material.figures, material.trainings[0].diagnosis),
        "typed": typed_table(material.figures.get("typed")),
        "trainings": [
            {"training": training, "curves": picture, "marks": _by_number(found.marks if found else ())}
            for training, picture, found in zip(material.trainings, drawn, curves, strict=True)
        ],
        "systems": systems,
        "comparison": compared.lines() if isinstance(compared, Comparison) else [compared],
        "differences": compared.differences.grid() if isinstance(compared, Comparison) else None,
        "best_for": [(r.name, r.best_for) for r in compared.rows if r.best_for]
        if isinstance(compared, Comparison)
        else [],
        "slices": kept_slices(material.root, material.split),
        "folds": folds,
        "folded": folded,
        "ranks": ranks,
        "map": shared_map,
        "best": questions.best(),
        "worst": questions.worst(),
        "confusions": questions.confusions(),
        "layers": layers,
        "audit": audit_section(material.audit),
        "origins": origins_of(material),
        "excerpts": excerpts,
    }


def _by_number(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Marks of one number together, their epochs side by side."""
    found: dict[int, dict[str, Any]] = {}
    for mark in marks:
        one = found.setdefault(
            mark.number, {"number": mark.number, "text": mark.text, "severity": mark.severity, "at": []}
        )
        one["at"].append(mark.epoch)
    return list(found.values())
