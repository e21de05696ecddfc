"""What each step of the demo came to, in a line or two; the whole of it is in ``results.md``."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from antiphon.align.training.results.history import read_history
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.evaluate.doctor.gather import diagnosable
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import mean_of_directions


def ingested(root: Path) -> list[str]:
    """How many tracks and captions there are, and how they are split."""
    library = Library(root)
    tracks, captions = library.column("split"), library.caption_column("text")
    counts = Counter(tracks.tolist())
    split = ", ".join(f"{counts[name]} {name}" for name in ("train", "val", "test"))
    return [f"{len(tracks):,} tracks, {len(captions):,} captions; {split} (whole artists)."]


def embedded(root: Path) -> list[str]:
    """Which encoders described the library."""
    library = Library(root)
    audio, text = (", ".join(library.embedded(kind)) for kind in ("audio", "text"))
    return [f"Audio by {audio}; captions by {text}."]


def trained(root: Path) -> list[str]:
    """Epochs and seconds of every training."""
    said = []
    for name in Library(root).embedded("audio"):
        history = read_history(root / "runs" / name / "history.jsonl")
        said.append(f"{name} {len(history)} epochs in {sum(record.seconds for record in history):.0f} s")
    return ["; ".join(said) + "."]


def fused(root: Path) -> list[str]:
    """Which trainings answer together."""
    names = [path.name.removesuffix("_best_r1.pt") for path in (root / "checkpoints").glob("*,*_best_r1.pt")]
    return [f"{' and '.join(sorted(names))} answer as one, each weighted by what it is worth on val."]


def compared(root: Path) -> list[str]:
    """Mean reciprocal rank on test of every trained encoder, beside chance."""
    found = json.loads((root / "comparison.json").read_text(encoding="utf-8"))
    rows = [row for row in found["rows"] if row["kind"] == "trained"]
    figures = ", ".join(f"{row['name']} {mean_of_directions(row['figures']):.3f}" for row in rows)
    chance = mean_of_directions({way: rows[0]["figures"][way]["chance"] for way in ("t2a", "a2t")})
    return [f"MRR on {found['n_tracks']} test tracks: {figures}; chance {chance:.3f}."]


def diagnosed(root: Path) -> list[str]:
    """The headline of every training's diagnosis."""
    return [diagnose(root, name).lines()[0] for name in diagnosable(root)]
